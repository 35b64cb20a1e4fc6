#!/usr/bin/env bash
# Deploys Kafka and kafka-ui to the cluster of kubectl's current context: minikube or DigitalOcean Kubernetes.
#   usage: deploy.sh [--ha] [--secure | --insecure] [--allow-cidr CIDR]... [--timeout SECONDS] [--yes]
#     --ha          three brokers behind one load balancer instead of one broker
#     --secure      TLS and passwords; the default on DigitalOcean
#     --insecure    neither; the default on minikube. On DigitalOcean only together with --allow-cidr.
#     --allow-cidr  who may connect to the load balancer, such as 203.0.113.7/32; may be repeated. Without it, what the
#                   cluster has stays.
#     --timeout     how long to wait for an address, for each rollout, and for the brokers to answer; default 600
#     --yes         do not ask before brokers are stopped together to change between secure and insecure
# Running it again changes nothing, unless something that it reads has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

MODE=single
SECURITY=
RANGES=
TIMEOUT=600
YES=   # read by confirm
while [ $# -gt 0 ]; do
  case $1 in
    --ha) MODE=ha ;;
    --secure) SECURITY=secure ;;
    --insecure) SECURITY=plain ;;
    --allow-cidr)
      [ $# -ge 2 ] || die "--allow-cidr needs a range of addresses, such as 203.0.113.7/32."
      [[ $2 =~ ^[0-9a-fA-F.:]+/[0-9]+$ ]] || die "--allow-cidr $2: not a range such as 203.0.113.7/32."
      [[ ! $2 =~ /0+$ ]] || die "--allow-cidr $2 is everybody. Name the networks that your clients are in."
      RANGES="$RANGES${RANGES:+, }\"$2\""
      shift ;;
    --timeout)
      [[ ${2-} =~ ^[0-9]+$ ]] || die "--timeout needs a number of seconds."
      TIMEOUT=$2
      shift ;;
    --yes) export YES=yes ;;
    -h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown option $1; --help lists them." ;;
  esac
  shift
done
need kubectl openssl timeout od
detect
if [ -z "$SECURITY" ]; then
  if [ "$PLATFORM" = digitalocean ]; then SECURITY=secure; else SECURITY=plain; fi
fi
if [ "$PLATFORM" = digitalocean ] && [ "$SECURITY" = plain ] && [ -z "$RANGES" ]; then
  die "--insecure would let everybody on the internet read and write. Leave it out, or say who may connect: --allow-cidr <your address>/32"
fi
MANIFEST=$here/kafka-broker.yaml
[ "$MODE" = single ] || MANIFEST=$here/kafka-broker-3node.yaml

# One broker's volume among three brokers, or three brokers' volumes under one, would lose data.
refuse_other_mode() {
  local modes found
  modes=$(k get persistentvolumeclaims -l app.kubernetes.io/name=kafka-broker \
    -o 'jsonpath={.items[*].metadata.labels.hermes\.io/mode}')
  for found in $modes; do
    [ "$found" = "$MODE" ] || die "the volumes in this cluster belong to the other mode ($found, not $MODE): their data would be lost. \
$([ "$found" = ha ] && echo "Run deploy.sh with --ha.") $([ "$found" = single ] && echo "Run deploy.sh without --ha.") \
To start anew instead, without the data: cleanup.sh --purge, then this again."
  done
}

# The manifest with what only the cluster knows filled in.
render() {
  sed -e "s|loadBalancerSourceRanges: \[\]|loadBalancerSourceRanges: [$RANGES]|" \
    -e "s|hermes.io/security: \"by hand\"|hermes.io/security: \"$SECURITY\"|" \
    -e "s|hermes.io/broker-inputs: \"by hand\"|hermes.io/broker-inputs: \"${BROKER_INPUTS-}\"|" \
    -e "s|hermes.io/kafka-ui-inputs: \"by hand\"|hermes.io/kafka-ui-inputs: \"${UI_INPUTS-}\"|" "$1"
}

digest() {
  openssl dgst -sha256 -r | cut -c1-64
}

# Sets HOST: the load balancer's address, or where port-forward makes the brokers appear.
find_address() {
  if [ "$PLATFORM" = minikube ]; then
    HOST=$LOCAL_HOST
    return
  fi
  say "waiting for the load balancer's address (a few minutes the first time)"
  local deadline=$((SECONDS + TIMEOUT))
  while true; do
    HOST=$(value service broker '{.status.loadBalancer.ingress[0].ip}')
    [ -n "$HOST" ] || HOST=$(value service broker '{.status.loadBalancer.ingress[0].hostname}')
    [ -z "$HOST" ] || return 0
    [ $SECONDS -lt $deadline ] || die "the load balancer got no address within $TIMEOUT seconds. \
See what the cloud says: kubectl -n $NAMESPACE describe service broker. Often: the account's limit of load balancers. Then run this again."
    sleep "${POLL_SECONDS:-5}"
  done
}

# Secrets are made once. The certificate is made anew when the address is not among its names or it ends within 30 days.
make_secrets() {
  local ui_password password names
  ui_password=$(secret kafka-ui SPRING_SECURITY_USER_PASSWORD)
  [ -n "$ui_password" ] || ui_password=$(openssl rand -hex 12)
  printf 'SPRING_SECURITY_USER_NAME=admin\nSPRING_SECURITY_USER_PASSWORD=%s\n' "$ui_password" >"$work/ui.env"
  CERTIFICATE=
  if [ "$SECURITY" = secure ]; then
    mkdir "$work/tls"
    secret kafka-ca 'ca\.crt' >"$work/tls/ca.crt"
    secret kafka-ca 'ca\.key' >"$work/tls/ca.key"
    [ -s "$work/tls/ca.key" ] || rm "$work/tls/ca.key" "$work/tls/ca.crt"
    secret kafka-tls 'tls\.crt' >"$work/tls.crt"
    if [ ! -f "$work/tls/ca.key" ] || ! certificate_serves "$work/tls.crt"; then
      names="localhost broker-internal broker-internal.$NAMESPACE broker-internal.$NAMESPACE.svc broker-internal.$NAMESPACE.svc.cluster.local"
      for i in 0 1 2; do names="$names kafka-broker-$i.kafka-brokers.$NAMESPACE.svc.cluster.local"; done
      say "making a certificate for $HOST"
      # shellcheck disable=SC2086  # words on purpose
      "$here/certificates.sh" "$work/tls" "$HOST" $names
      if [ -z "$(k get secret kafka-ca --ignore-not-found -o name)" ]; then
        k create secret generic kafka-ca --from-file="$work/tls/ca.crt" --from-file="$work/tls/ca.key" >/dev/null
      fi
      k delete secret kafka-tls --ignore-not-found >/dev/null
      k create secret generic kafka-tls --from-file="$work/tls/keystore.pem" --from-file="$work/tls/tls.crt" \
        --from-file="$work/tls/ca.crt" --from-file="$here/admin.properties" >/dev/null
      cp "$work/tls/tls.crt" "$work/tls.crt"
    fi
    if [ -z "$(k get secret kafka-client --ignore-not-found -o name)" ]; then
      printf 'hermes' >"$work/username"
      openssl rand -hex 24 | tr -d '\n' >"$work/password"
      k create secret generic kafka-client --from-file="$work/username" --from-file="$work/password" \
        --from-file="$work/tls/ca.crt" >/dev/null
    fi
    CERTIFICATE=$(cat "$work/tls.crt")
    CA=$work/tls/ca.crt
    password=$(secret kafka-client password)
    cat >>"$work/ui.env" <<EOF
KAFKA_CLUSTERS_0_PROPERTIES_SECURITY_PROTOCOL=SASL_SSL
KAFKA_CLUSTERS_0_PROPERTIES_SASL_MECHANISM=SCRAM-SHA-512
KAFKA_CLUSTERS_0_PROPERTIES_SASL_JAAS_CONFIG=org.apache.kafka.common.security.scram.ScramLoginModule required username="hermes" password="$password";
KAFKA_CLUSTERS_0_PROPERTIES_SSL_TRUSTSTORE_TYPE=PEM
KAFKA_CLUSTERS_0_PROPERTIES_SSL_TRUSTSTORE_LOCATION=/etc/kafka-ui/ca.crt
EOF
  fi
  UI_INPUTS=$(cat "$here/protobuf-configmap.yaml" "$work/ui.env" | digest)
  if [ "$(value deployment kafka-ui '{.spec.template.metadata.annotations.hermes\.io/kafka-ui-inputs}')" != "$UI_INPUTS" ] ||
    [ -z "$(k get secret kafka-ui --ignore-not-found -o name)" ]; then
    k delete secret kafka-ui --ignore-not-found >/dev/null
    k create secret generic kafka-ui --from-env-file="$work/ui.env" >/dev/null
  fi
}

certificate_serves() {
  [ -s "$1" ] || return 1
  openssl x509 -in "$1" -noout -checkend $((30 * 24 * 3600)) >/dev/null || return 1
  openssl x509 -in "$1" -noout -text | grep -A1 'Subject Alternative Name' | tr ',' '\n' | tr -d ' ' |
    grep -qxE "(DNS|IPAddress):${HOST//./\\.}"
}

# Brokers with and without TLS do not understand each other: all stop, then all start. Their volumes stay.
stop_for_other_security() {
  local present
  present=$(deployed_security)
  if [ -n "$present" ] && [ "$present" != "$SECURITY" ]; then
    confirm "The brokers run with security '$present'. To change it to '$SECURITY' all stop for about a minute; data is kept."
    say "stopping the brokers to change from $present to $SECURITY"
    k delete statefulset kafka-broker --cascade=foreground --wait --timeout="${TIMEOUT}s"
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

# Every address that the brokers tell to clients must answer as Kafka, from here.
verify() {
  local address deadline
  if [ "$PLATFORM" = minikube ]; then
    : >"$work/forward"
    # shellcheck disable=SC2046  # words on purpose
    k port-forward service/broker $(addresses "$HOST" "$MODE" | sed 's/.*://') >"$work/forward" 2>&1 &
    FORWARD=$!
    deadline=$((SECONDS + 30))
    until grep -q 'Forwarding from' "$work/forward"; do
      kill -0 "$FORWARD" 2>/dev/null || die "kubectl port-forward failed: $(tail -n 1 "$work/forward"). \
Does something else use port 9092 of this machine, docker-compose perhaps?"
      [ $SECONDS -lt $deadline ] || die "kubectl port-forward does nothing: $(cat "$work/forward")"
      sleep 0.2
    done
  fi
  for address in $(addresses "$HOST" "$MODE"); do
    deadline=$((SECONDS + TIMEOUT))
    # shellcheck disable=SC2086  # no third argument without TLS
    until "$here/check-address.sh" "${address%:*}" "${address##*:}" ${CA-} >"$work/answer" 2>"$work/error"; do
      [ $SECONDS -lt $deadline ] || die "$address, which brokers tell to clients, does not answer: $(cat "$work/error"). \
$([ -z "$RANGES" ] || echo "This machine must be in the allowed ranges: $RANGES.") Nothing was undone; see k8s/README.md, Troubleshooting."
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
kubectl apply -f "$here/namespace.yaml"
k apply -f "$here/network-policies.yaml"
if [ -z "$RANGES" ]; then
  RANGES=$(value service broker '{.spec.loadBalancerSourceRanges}' | tr -d '[]')
fi
# Services and the proxy first: what the brokers tell to clients is the address that these get.
render "$MANIFEST" | k apply -l hermes.io/step=network -f -
find_address
make_secrets
stop_for_other_security
k apply -f - <<EOF
apiVersion: v1
kind: ConfigMap
metadata:
  name: kafka-external
  namespace: $NAMESPACE
  labels:
    app.kubernetes.io/part-of: hermes
data:
  EXTERNAL_HOST: "$HOST"
EOF
k apply -f "$here/kafka-security-$SECURITY.yaml" -f "$here/kafka-logging.yaml" -f "$here/protobuf-configmap.yaml"
BROKER_INPUTS=$(printf '%s\n' "$HOST" "$CERTIFICATE" | cat - "$here/kafka-security-$SECURITY.yaml" "$here/kafka-logging.yaml" | digest)
render "$MANIFEST" | k apply -f -
render "$here/kafka-ui.yaml" | k apply -f -

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
"$here/connect.sh"
