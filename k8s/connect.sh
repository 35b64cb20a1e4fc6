#!/usr/bin/env bash
# Prints how to reach Kafka and kafka-ui in a cluster. Changes nothing.
#   usage: connect.sh [--context NAME]      default: kubectl's current context
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

while [ $# -gt 0 ]; do
  case $1 in
    --context) context_option "$@"; shift ;;
    -h | --help) sed -n '2,3s/^# *//p' "$0"; exit 0 ;;
    *) die "unknown option $1; --help lists them." ;;
  esac
  shift
done
need kubectl
detect
security=$(deployed_security)
mode=$(deployed_mode)
host=$(deployed_host)
if [ -z "$security" ] || [ -z "$mode" ] || [ -z "$host" ]; then
  die "there is no Kafka in namespace $NAMESPACE of context '$CONTEXT'. Deploy it with $here/deploy.sh, or switch: kubectl config use-context <name>"
fi
brokers=$(addresses "$host" "$mode" | paste -s -d , -)
ports=$(addresses "$host" "$mode" | sed 's/.*://' | paste -s -d ' ' -)
if [ "$security" = secure ]; then
  need openssl
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  secret kafka-tls 'tls\.crt' >"$work/tls.crt"
  secret kafka-ca 'ca\.crt' >"$work/ca.crt"
  warn_of_expiry "$work/tls.crt" "$work/ca.crt"
fi

echo "Context: $CONTEXT ($PLATFORM), $([ "$mode" = ha ] && echo "three brokers" || echo "one broker"), security $security"
echo
echo "Kafka broker: $brokers"
if [ "$PLATFORM" = minikube ]; then
  echo "  while this runs in another terminal:"
  echo "  $KUBECTL port-forward service/broker $ports"
fi
cat <<EOF

kafka-ui: http://localhost:8080 while this runs in another terminal:
  $KUBECTL port-forward service/kafka-ui 8080:8080
  user admin, and the password that this prints:
  $KUBECTL get secret kafka-ui -o 'jsonpath={.data.SPRING_SECURITY_USER_PASSWORD}' | base64 -d

Producer and consumer:
  export KAFKA_BROKER=$brokers
EOF
if [ "$security" = secure ]; then
  cat <<EOF
  export KAFKA_SECURITY_PROTOCOL=SASL_SSL
  export KAFKA_SASL_MECHANISM=SCRAM-SHA-512
  export KAFKA_SASL_USERNAME="\$($KUBECTL get secret kafka-client -o 'jsonpath={.data.username}' | base64 -d)"
  export KAFKA_SASL_PASSWORD="\$($KUBECTL get secret kafka-client -o 'jsonpath={.data.password}' | base64 -d)"
  export KAFKA_SSL_CA="\$($KUBECTL get secret kafka-client -o 'jsonpath={.data.ca\.crt}' | base64 -d)"
EOF
  tool_options="--bootstrap-server localhost:29094 --command-config /etc/kafka/secrets/admin.properties"
else
  tool_options="--bootstrap-server localhost:29092"
fi
cat <<EOF
  ./hermes produce
  ./hermes consume --from beginning

Clients inside the cluster (pods with the label hermes.io/kafka-client: "true"):
  broker-internal.$NAMESPACE.svc.cluster.local:29092

Useful:
  $KUBECTL get pods,services,persistentvolumeclaims
  $KUBECTL logs -f kafka-broker-0
  $KUBECTL exec kafka-broker-0 -- /opt/kafka/bin/kafka-topics.sh $tool_options --list
  $KUBECTL exec kafka-broker-0 -- /opt/kafka/bin/kafka-consumer-groups.sh $tool_options --describe --all-groups
EOF
