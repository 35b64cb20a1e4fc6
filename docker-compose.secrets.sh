#!/usr/bin/env bash
# Makes, once, the certificates and passwords that docker-compose.secure.yaml uses, in .secrets beside it.
# Remove .secrets and run it again for new ones. Prints no secret.
set -euo pipefail
cd "$(dirname "$0")"

dir=$PWD/.secrets
if [ -f "$dir/client.env" ]; then
  echo "$dir is there already; remove it for new certificates and passwords."
  openssl x509 -in "$dir/ca/tls.crt" -noout -checkend $((30 * 24 * 3600)) >/dev/null ||
    echo "WARNING: its certificate ends on $(openssl x509 -in "$dir/ca/tls.crt" -noout -enddate | cut -d= -f2)." >&2
  exit 0
fi
# Only the owner may enter. Inside, the containers' users, whose numbers differ from ours, must be able to read.
rm -rf "$dir"
(umask 077 && mkdir "$dir")
mkdir "$dir/broker" "$dir/kafka-ui"
k8s/certificates.sh "$dir/ca" localhost 127.0.0.1 broker
password=$(openssl rand -hex 24)

cp "$dir/ca/keystore.pem" "$dir/ca/ca.crt" "$dir/broker/"
cp "$dir/ca/ca.crt" "$dir/kafka-ui/"
cp kustomize/components/secure/admin.properties "$dir/broker/"
printf 'SCRAM-SHA-512=password=%s\n' "$password" >"$dir/broker/scram.properties"
cat >"$dir/kafka-ui.env" <<P
SPRING_SECURITY_USER_NAME=admin
SPRING_SECURITY_USER_PASSWORD=$(openssl rand -hex 12)
KAFKA_CLUSTERS_0_PROPERTIES_SASL_JAAS_CONFIG=org.apache.kafka.common.security.scram.ScramLoginModule required username="hermes" password="$password";
P
printf '%s' "$password" >"$dir/password"
cat >"$dir/client.env" <<P
export KAFKA_BROKER=localhost:9092
export KAFKA_SECURITY_PROTOCOL=SASL_SSL
export KAFKA_SASL_MECHANISM=SCRAM-SHA-512
export KAFKA_SASL_USERNAME=hermes
export KAFKA_SASL_PASSWORD_FILE='$dir/password'
export KAFKA_SSL_CA_FILE='$dir/ca/ca.crt'
P
chmod 600 "$dir"/*.env "$dir/password"
chmod -R a+rX "$dir/broker" "$dir/kafka-ui"
echo "Made $dir. Next:"
echo "  docker-compose -f docker-compose.yaml -f docker-compose.secure.yaml up -d"
echo "  . .secrets/client.env      # for ./hermes and your own services"
echo "kafka-ui's login is in .secrets/kafka-ui.env."
