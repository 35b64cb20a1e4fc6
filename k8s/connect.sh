#!/usr/bin/env bash
# Prints how to reach Kafka and kafka-ui in the cluster of kubectl's current context. Changes nothing.
#   usage: connect.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -eq 0 ] || { sed -n '2,3s/^# *//p' "$0"; exit 0; }
need kubectl
detect
security=$(deployed_security)
mode=$(deployed_mode)
host=$(value configmap kafka-external '{.data.EXTERNAL_HOST}')
if [ -z "$security" ] || [ -z "$mode" ] || [ -z "$host" ]; then
  die "there is no Kafka in namespace $NAMESPACE of context '$CONTEXT'. Deploy it with $here/deploy.sh, or switch: kubectl config use-context <name>"
fi
brokers=$(addresses "$host" "$mode" | paste -s -d , -)
ports=$(addresses "$host" "$mode" | sed 's/.*://' | paste -s -d ' ' -)

echo "Context: $CONTEXT ($PLATFORM), $([ "$mode" = ha ] && echo "three brokers" || echo "one broker"), security $security"
echo
echo "Kafka broker: $brokers"
if [ "$PLATFORM" = minikube ]; then
  echo "  while this runs in another terminal:"
  echo "  kubectl -n $NAMESPACE port-forward service/broker $ports"
fi
cat <<EOF

kafka-ui: http://localhost:8080 while this runs in another terminal:
  kubectl -n $NAMESPACE port-forward service/kafka-ui 8080:8080
  user admin, and the password that this prints:
  kubectl -n $NAMESPACE get secret kafka-ui -o 'jsonpath={.data.SPRING_SECURITY_USER_PASSWORD}' | base64 -d

Producer and consumer:
  export KAFKA_BROKER=$brokers
EOF
if [ "$security" = secure ]; then
  cat <<EOF
  export KAFKA_SECURITY_PROTOCOL=SASL_SSL
  export KAFKA_SASL_MECHANISM=SCRAM-SHA-512
  export KAFKA_SASL_USERNAME="\$(kubectl -n $NAMESPACE get secret kafka-client -o 'jsonpath={.data.username}' | base64 -d)"
  export KAFKA_SASL_PASSWORD="\$(kubectl -n $NAMESPACE get secret kafka-client -o 'jsonpath={.data.password}' | base64 -d)"
  export KAFKA_SSL_CA="\$(kubectl -n $NAMESPACE get secret kafka-client -o 'jsonpath={.data.ca\.crt}' | base64 -d)"
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
  kubectl -n $NAMESPACE get pods,services,persistentvolumeclaims
  kubectl -n $NAMESPACE logs -f kafka-broker-0
  kubectl -n $NAMESPACE exec kafka-broker-0 -- /opt/kafka/bin/kafka-topics.sh $tool_options --list
  kubectl -n $NAMESPACE exec kafka-broker-0 -- /opt/kafka/bin/kafka-consumer-groups.sh $tool_options --describe --all-groups
EOF
