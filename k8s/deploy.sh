#!/usr/bin/env bash
# Deploys Kafka and kafka-ui to the cluster of kubectl's current context: minikube or DigitalOcean Kubernetes.
#   usage: deploy.sh [--ha] [--secure | --insecure] [--allow-cidr CIDR]... [--host NAME] [--plugin IMAGE | --no-plugin]
#                    [--metrics | --no-metrics] [--context NAME] [--timeout SECONDS] [--yes] [--render]
#     --ha          three brokers behind one load balancer instead of one broker
#     --secure      TLS and passwords; the default on DigitalOcean
#     --insecure    neither; the default on minikube. On DigitalOcean only together with --allow-cidr.
#     --allow-cidr  who may connect to the load balancer, such as 203.0.113.7/32; may be repeated. Without it, what the
#                   cluster has stays.
#     --host        a DNS name of yours that leads to the load balancer: brokers advertise it, and the certificate names
#                   it. Without it, what the cluster has stays; --host '' goes back to the address.
#     --plugin      kafka-ui with the Hermes plugin, from this image (see hermes-kafka-ui/README.md). Without it, what
#                   the cluster has stays; --no-plugin goes back to kafka-ui's own image.
#     --metrics     the JMX exporter in every broker, and for the Prometheus operator a PodMonitor and alerts. Without it,
#                   what the cluster has stays.
#     --context     kubectl's context; default: the current one
#     --timeout     how long to wait for an address, for each rollout, and for the brokers to answer; default 600
#     --yes         do not ask before brokers are stopped together: to change between secure and insecure, or because
#                   their certificate has expired
#     --render      prints what it would apply, without the Secrets, and changes nothing
# The options choose an overlay and components of ../kustomize. Running it again changes nothing, unless something that
# it reads has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
kustomize=$(dirname "$here")/kustomize
# shellcheck source=common.sh
. "$here/common.sh"
# shellcheck source=secrets.sh
. "$here/secrets.sh"

MODE=single
SECURITY=
RANGES=
NAME=keep
PLUGIN=keep
METRICS=keep
RENDER=
TIMEOUT=600
YES=   # read by confirm

# A range that is everybody, or most of the internet, which two halves would be together. $1: the range.
refuse_wide_range() {
  local address=${1%/*} bits=${1##*/} widest=8 longest=32 byte='(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])' valid
  valid="^$byte\.$byte\.$byte\.$byte$"
  if [[ $address == *:* ]]; then
    widest=16
    longest=128
    valid='^[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}$'
  fi
  [[ $1 == */* && $address =~ $valid && $bits =~ ^(0|[1-9][0-9]{0,2})$ && $bits -le $longest ]] ||
    die "--allow-cidr $1: not a range such as 203.0.113.7/32 or 2001:db8::/64."
  [ "$bits" -ge $widest ] ||
    die "--allow-cidr $1 is everybody, or close to it (wider than /$widest). Name the networks that your clients are in."
  # ::ffff:0:0/96 would be all of IPv4.
  [[ ! $address =~ ^0*: ]] || die "--allow-cidr $1: write an IPv4 network as such, like 203.0.113.7/32."
}

while [ $# -gt 0 ]; do
  case $1 in
    --ha) MODE=ha ;;
    --secure) SECURITY=secure ;;
    --insecure) SECURITY=plain ;;
    --allow-cidr)
      [ $# -ge 2 ] || die "--allow-cidr needs a range of addresses, such as 203.0.113.7/32."
      refuse_wide_range "$2"
      RANGES="$RANGES${RANGES:+, }\"$2\""
      shift ;;
    --host)
      [[ $# -ge 2 && ${2:-a.b} =~ ^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9-]*)+$ && ! ${2:-a.b} =~ ^[0-9.]+$ ]] ||
        die "--host needs a DNS name, such as kafka.example.com."
      NAME=$2
      shift ;;
    --plugin)
      [[ ${2-} =~ ^[A-Za-z0-9][A-Za-z0-9._:/@-]*$ ]] || die "--plugin needs the image that hermes-kafka-ui/Dockerfile made, where the cluster finds it."
      PLUGIN=$2
      shift ;;
    --no-plugin) PLUGIN= ;;
    --metrics) METRICS=on ;;
    --no-metrics) METRICS= ;;
    --render) RENDER=yes ;;
    --context) context_option "$@"; shift ;;
    --timeout) timeout_option "$@"; TIMEOUT=$2; shift ;;
    --yes) export YES=yes ;;
    -h | --help) sed -n '2,23s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown option $1; --help lists them." ;;
  esac
  shift
done
need kubectl openssl timeout od
[ -z "$RENDER" ] || exec 3>&1 1>&2   # the manifests alone go to standard output
detect
if [ -z "$SECURITY" ]; then
  if [ "$PLATFORM" = digitalocean ]; then SECURITY=secure; else SECURITY=plain; fi
fi
refuse_cert_manager

# What was not named stays as the cluster has it.
keep_the_rest() {
  local range plugin=KAFKA_CLUSTERS_0_SERDE_0_CLASSNAME
  if [ -z "$RANGES" ]; then
    RANGES=$(value service broker '{.spec.loadBalancerSourceRanges}' | tr -d '[]' | sed 's/,\([^ ]\)/, \1/g')
    [ "$RANGES" != '"127.0.0.1/32"' ] || RANGES=   # what the manifests have in place of "nobody"
    for range in $(tr -d '",' <<<"$RANGES"); do
      refuse_wide_range "$range"
    done
  fi
  if [ "$PLATFORM" = minikube ]; then
    [ -z "$NAME" ] || [ "$NAME" = keep ] || die "--host is for a load balancer. On minikube the brokers are at $LOCAL_HOST."
    NAME=
  fi
  [ "$NAME" != keep ] || NAME=$(value service broker '{.metadata.annotations.hermes\.io/external-name}')
  if [ "$PLUGIN" = keep ]; then
    PLUGIN=
    if [ -n "$(value deployment kafka-ui "{.spec.template.spec.containers[0].env[?(@.name==\"$plugin\")].value}")" ]; then
      PLUGIN=$(value deployment kafka-ui '{.spec.template.spec.containers[0].image}')
    fi
  fi
  [ "$METRICS" != keep ] || METRICS=$(value statefulset kafka-broker '{.metadata.annotations.hermes\.io/metrics}')
}

keep_the_rest
if [ "$PLATFORM" = digitalocean ] && [ "$SECURITY" = plain ] && [ -z "$RANGES" ]; then
  die "--insecure would let everybody on the internet read and write. Leave it out, or say who may connect: --allow-cidr <your address>/32"
fi
if [ -n "$METRICS" ] && [ -z "$(cluster get crd podmonitors.monitoring.coreos.com --ignore-not-found -o name)" ]; then
  die "--metrics needs the Prometheus operator, which this cluster does not have. Install it first, or deploy with --no-metrics."
fi

# One broker's volume among three brokers, or three brokers' volumes under one, would lose data.
refuse_other_mode() {
  local modes found
  modes=$(k get persistentvolumeclaims -l app.kubernetes.io/name=kafka-broker \
    -o 'jsonpath={.items[*].metadata.labels.hermes\.io/mode}')
  for found in $modes; do
    [ "$found" = "$MODE" ] || die "the volumes in this cluster belong to the other mode ($found, not $MODE): their data would be lost. \
$([ "$found" = ha ] && echo "Run deploy.sh with --ha.") $([ "$found" = single ] && echo "Run deploy.sh without --ha.") \
To start over without the data: run cleanup.sh --purge, then deploy.sh again."
  done
}

# Writes a kustomization: the overlay that the options choose, and what is this cluster's own. $1: its directory.
write_kustomization() {
  local overlay=single up ranges=
  [ -z "$RANGES" ] || ranges="spec: {loadBalancerSourceRanges: [$RANGES]}"
  mkdir -p "$1"
  # kustomize takes relative paths only: up to the root, and down again.
  up=$(cd "$1" && pwd -P | sed 's|/[^/]*|../|g')
  case $MODE-$SECURITY in
    single-secure) overlay=secure ;;
    ha-plain) overlay=ha ;;
    ha-secure) overlay=ha-secure ;;
  esac
  {
    cat <<EOF
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: ["$up${kustomize#/}/overlays/$overlay"]
components:
EOF
    [ -z "$PLUGIN" ] || echo "  - \"$up${kustomize#/}/components/plugin\""
    [ -z "$METRICS" ] || echo "  - \"$up${kustomize#/}/components/metrics\""
    cat <<EOF
patches:
  - path: cluster.yaml
EOF
  } >"$1/kustomization.yaml"
  cat >"$1/cluster.yaml" <<EOF
apiVersion: v1
kind: Service
metadata:
  name: broker
  namespace: $NAMESPACE
  annotations: {hermes.io/external-name: "$NAME"}
$ranges
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka-broker, namespace: $NAMESPACE}
spec:
  template:
    metadata:
      annotations: {hermes.io/broker-inputs: "${BROKER_INPUTS-}"}
    spec:
      containers:
        - name: kafka
          env:
            - {name: EXTERNAL_HOST, value: "${HOST-}"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: kafka-ui, namespace: $NAMESPACE}
spec:
  template:
    metadata:
      annotations: {hermes.io/kafka-ui-inputs: "${UI_INPUTS-}"}
    spec:
      containers:
        - name: kafka-ui
          ${PLUGIN:+image: "$PLUGIN"}
EOF
}

# Prints the manifests, as kubectl apply -k would apply them.
render() {
  write_kustomization "$work/kustomization"
  kubectl kustomize "$work/kustomization" || die "kubectl kustomize failed. It needs kubectl 1.27 or newer, and the directory $kustomize."
}

digest() {
  openssl dgst -sha256 -r | cut -c1-64
}

# Sets ADDRESS, the load balancer's address or where port-forward makes the brokers appear, and HOST, which is what the
# brokers advertise: the name of --host, or the address.
find_address() {
  if [ "$PLATFORM" = minikube ]; then
    ADDRESS=$LOCAL_HOST
    HOST=$LOCAL_HOST
    return
  fi
  say "waiting for the load balancer's address (a few minutes the first time)"
  local deadline=$((SECONDS + TIMEOUT))
  while true; do
    ADDRESS=$(value service broker '{.status.loadBalancer.ingress[0].ip}')
    [ -n "$ADDRESS" ] || ADDRESS=$(value service broker '{.status.loadBalancer.ingress[0].hostname}')
    HOST=${NAME:-$ADDRESS}
    [ -z "$ADDRESS" ] || break
    [ -z "$RENDER" ] || die "the load balancer has no address yet, so there is nothing to print: the first deployment asks for it."
    [ $SECONDS -lt $deadline ] || die "the load balancer got no address within $TIMEOUT seconds. \
See what the cloud says: kubectl -n $NAMESPACE describe service broker. Often: the account's limit of load balancers. Then run this again."
    sleep "${POLL_SECONDS:-5}"
  done
  [ -z "$NAME" ] || say "$NAME must lead to $ADDRESS: its DNS record is yours to make"
}

# All brokers stop, then all start: for what a broker that has changed and one that has not would not understand of each
# other. Their volumes stay. $1: why.
stop_together() {
  confirm "$1 All brokers stop together for that, for up to three minutes; data is kept."
  say "stopping the brokers"
  k delete statefulset kafka-broker --cascade=foreground --wait --timeout="${TIMEOUT}s"
}

stop_if_needed() {
  local present
  present=$(deployed_security)
  [ -n "$present" ] || return 0
  if [ "$present" != "$SECURITY" ]; then
    stop_together "The brokers run with security '$present'. This changes it to '$SECURITY'."
  elif [ -n "$ALL_AT_ONCE" ]; then
    stop_together "$ALL_AT_ONCE"
  fi
}

# The user and the password of the Secret kafka-client become known to the brokers, also after the Secret was changed.
make_user() {
  [ "$SECURITY" = secure ] || return 0
  say "making sure that the brokers know the user of Secret kafka-client"
  printf 'SCRAM-SHA-512=password=%s\n' "$(secret kafka-client password)" |
    k exec -i kafka-broker-0 -- /opt/kafka/bin/kafka-configs.sh --bootstrap-server=localhost:29094 \
      --command-config=/etc/kafka/secrets/admin.properties --alter --entity-type=users --entity-name=hermes \
      --add-config-file=/dev/stdin >/dev/null
}

# Every address that the brokers advertise to clients must answer as Kafka, from here.
verify() {
  local address deadline code
  if [ "$PLATFORM" = minikube ]; then
    : >"$work/forward"
    # shellcheck disable=SC2046  # words on purpose
    k port-forward service/broker $(addresses "$HOST" "$MODE" | sed 's/.*://') >"$work/forward" 2>&1 &
    FORWARD=$!
    deadline=$((SECONDS + 30))
    until grep -q 'Forwarding from' "$work/forward"; do
      kill -0 "$FORWARD" 2>/dev/null || die "kubectl port-forward failed: $(tail -n 1 "$work/forward"). \
Often something else uses port 9092 of this machine, such as docker-compose ('address already in use', 'port is already allocated')."
      [ $SECONDS -lt $deadline ] || die "kubectl port-forward does nothing: $(cat "$work/forward")"
      sleep 0.2
    done
  fi
  for address in $(addresses "$HOST" "$MODE"); do
    deadline=$((SECONDS + TIMEOUT))
    while true; do
      code=0
      # shellcheck disable=SC2086  # no third argument without TLS
      "$here/check-address.sh" "${address%:*}" "${address##*:}" ${CA-} >"$work/answer" 2>"$work/error" || code=$?
      [ $code -ne 0 ] || break
      # 2: waiting does not help.
      [ $code -ne 2 ] || die "$(cat "$work/error"). Nothing was undone; see k8s/README.md, Troubleshooting."
      [ $SECONDS -lt $deadline ] || die "$address, which brokers advertise, does not answer: $(cat "$work/error"). \
$([ -z "$RANGES" ] || echo "This machine must be in the allowed ranges: $RANGES.") \
$([ -z "$NAME" ] || echo "The DNS name $NAME must lead to $ADDRESS.") Nothing was undone; see k8s/README.md, Troubleshooting."
      sleep "${POLL_SECONDS:-5}"
    done
    if [ -z "${CA-}" ] && ! diff <(addresses "$HOST" "$MODE" | sort) <(sort "$work/answer") >/dev/null; then
      die "$address tells clients to use $(sort "$work/answer" | tr '\n' ' ')instead of $(addresses "$HOST" "$MODE" | tr '\n' ' ')"
    fi
    say "$address answers"
  done
}

work=$(mktemp -d)
FORWARD=
tidy() {
  [ -z "$FORWARD" ] || kill "$FORWARD" 2>/dev/null || true
  rm -rf "$work"
}
trap tidy EXIT
say "context $CONTEXT ($PLATFORM), $([ "$MODE" = ha ] && echo "three brokers" || echo "one broker"), $SECURITY"
refuse_other_mode
# Services and the proxy first: what the brokers tell to clients is the address that these get.
render >"$work/manifests.yaml"
[ -n "$RENDER" ] || k apply -l hermes.io/step=network -f "$work/manifests.yaml"
find_address
make_secrets
BROKER_INPUTS=$(printf '%s\n' "$CERTIFICATE" "$TRUSTED" | digest)
render >"$work/manifests.yaml"
if [ -n "$RENDER" ]; then
  cat "$work/manifests.yaml" >&3
  exit 0
fi
stop_if_needed
put_secrets
k apply -f "$work/manifests.yaml"

say "waiting for the brokers"
k rollout status statefulset/kafka-broker --timeout="${TIMEOUT}s"
[ "$MODE" = single ] || k rollout status deployment/kafka-proxy --timeout="${TIMEOUT}s"
make_user
verify
say "waiting for kafka-ui"
k rollout status deployment/kafka-ui --timeout="${TIMEOUT}s"
tidy
FORWARD=
echo
"$here/connect.sh" --context "$CONTEXT"
