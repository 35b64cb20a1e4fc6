#!/usr/bin/env bash
# Removes Kafka and kafka-ui from a cluster and waits until their pods are gone.
#   usage: cleanup.sh [--context NAME] [--purge] [--yes]
# Keeps the volumes, the Secrets and the load balancer with its address: deploy.sh with the same options brings all back.
#     --context  kubectl's context; default: the current one
#     --purge    removes these too: all data, the passwords, and the address that clients know
#     --yes      does not ask
# Takes up to two minutes: the broker that stops last waits for a quorum that is gone, until Kubernetes kills it at the
# end of its grace period. It recovers its log at the next start; nothing is lost.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

PURGE=
YES=   # read by confirm
while [ $# -gt 0 ]; do
  case $1 in
    --context) context_option "$@"; shift ;;
    --purge) PURGE=yes ;;
    --yes) export YES=yes ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown option $1; --help lists them." ;;
  esac
  shift
done
need kubectl
detect

if [ -n "$PURGE" ]; then
  confirm "This deletes all topics and their data in context '$CONTEXT', the passwords, and the load balancer with its address, for good."
  cluster delete namespace "$NAMESPACE" --ignore-not-found --wait --timeout=600s
  say "removed everything from context $CONTEXT after $SECONDS seconds"
  exit 0
fi

mine=app.kubernetes.io/part-of=hermes
say "stopping the brokers and kafka-ui: up to two minutes"
# Foreground: the command returns when the pods are gone, not when their StatefulSet is. Until then the brokers need the
# headless Service to find each other, and the budgets and ConfigMaps do no harm.
k delete statefulsets,deployments,cronjobs -l "$mine" --cascade=foreground --wait --timeout=600s
k delete poddisruptionbudgets,configmaps -l "$mine" --wait --timeout=60s
# Service broker stays: its load balancer would lose its address. Without pods behind it, nothing answers there.
k delete services -l "$mine" --field-selector metadata.name!=broker
say "removed the brokers and kafka-ui from context $CONTEXT after $SECONDS seconds"
echo "Kept, and charged for by a cloud: the volumes (data) and Service broker (the load balancer's address). Also the Secrets."
echo "Back again: $here/deploy.sh with the same options.  For good: $here/cleanup.sh --purge"
