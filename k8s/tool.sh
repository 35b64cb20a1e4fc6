#!/usr/bin/env bash
# Runs one of Kafka's command line tools in a broker's pod, connected to that broker, with or without TLS as deployed.
#   usage: tool.sh [--context NAME] [--broker N] TOOL [ARGUMENT]...      such as: tool.sh kafka-topics --list
#     --context  kubectl's context; default: the current one
#     --broker   in which broker's pod, 0, 1 or 2; default: the first that is ready
# What it gets on standard input the tool can read as /dev/stdin.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0"; }

pod=
while [ $# -gt 0 ]; do
  case $1 in
    --context) context_option "$@"; shift ;;
    --broker)
      [[ ${2-} =~ ^[0-9]+$ ]] || die "--broker needs the number of a broker: 0, 1 or 2."
      pod=kafka-broker-$2
      shift ;;
    -h | --help) usage; exit 0 ;;
    *) break ;;
  esac
  shift
done
[ $# -gt 0 ] || { usage >&2; exit 2; }
need kubectl
[ -n "$CONTEXT" ] || CONTEXT=$(kubectl config current-context)
security=$(deployed_security)
[ -n "$security" ] || die "there is no Kafka in namespace $NAMESPACE of context '$CONTEXT'."
if [ -z "$pod" ]; then
  pod=$(k get pods -l app.kubernetes.io/name=kafka-broker \
    -o 'jsonpath={range .items[*]}{.metadata.name}{" "}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' |
    awk '$2 == "True" {print $1; exit}')
  [ -n "$pod" ] || die "no broker in context '$CONTEXT' is ready: kubectl -n $NAMESPACE get pods. To try one all the same: --broker 0"
fi
tool=$1
shift
input=()
[ -t 0 ] || input=(-i)
connection=(--bootstrap-server localhost:29094)
[ "$security" = plain ] || connection+=(--command-config /etc/kafka/secrets/admin.properties)
k exec ${input[@]+"${input[@]}"} "$pod" -- "/opt/kafka/bin/${tool%.sh}.sh" "${connection[@]}" "$@"
