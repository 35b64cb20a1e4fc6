#!/usr/bin/env bash
# Removes Kafka and kafka-ui from the cluster of kubectl's current context.
#   usage: cleanup.sh [--purge] [--yes]
# Keeps the volumes, the Secrets and the load balancer with its address: deploy.sh brings all back as it was.
#     --purge   removes these too: all data, the passwords, and the address that clients know
#     --yes     does not ask
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

PURGE=
YES=   # read by confirm
while [ $# -gt 0 ]; do
  case $1 in
    --purge) PURGE=yes ;;
    --yes) export YES=yes ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown option $1; --help lists them." ;;
  esac
  shift
done
need kubectl
detect

if [ -n "$PURGE" ]; then
  confirm "This deletes all topics and their data in context '$CONTEXT', the passwords, and the load balancer with its address, for good."
  kubectl delete namespace "$NAMESPACE" --ignore-not-found --wait --timeout=600s
  say "removed everything from context $CONTEXT"
  exit 0
fi

mine=app.kubernetes.io/part-of=hermes
k delete statefulsets,deployments,poddisruptionbudgets,configmaps -l "$mine" --wait --timeout=600s
# Service broker stays: its load balancer would lose its address. Without pods behind it, nothing answers there.
k delete services -l "$mine" --field-selector metadata.name!=broker
say "removed the brokers and kafka-ui from context $CONTEXT"
echo "Kept, and charged for by a cloud: the volumes (data) and Service broker (the load balancer's address). Also the Secrets."
echo "Back again: $here/deploy.sh with the same options.  For good: $here/cleanup.sh --purge"
