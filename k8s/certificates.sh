#!/usr/bin/env bash
# Makes a broker's certificate, and the authority that signs it unless DIR has one.
#   usage: certificates.sh DIR [NAME]...      NAME: a DNS name or an IP address that clients connect to
# Writes into DIR: ca.crt and ca.key (kept if they are there), keystore.pem (the broker's key and certificate, as
# Kafka reads them), tls.crt (its certificate alone). Without a NAME: the authority only. Prints nothing secret.
set -euo pipefail

[ $# -ge 1 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
command -v openssl >/dev/null || { echo "certificates.sh needs openssl: install it and run this again." >&2; exit 1; }
dir=$1
shift
umask 077
mkdir -p "$dir"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

quietly() { "$@" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }; }

if [ ! -f "$dir/ca.key" ]; then
  # A name of its own: two authorities of one name would be mistaken for each other while one replaces the other.
  cat >"$work/ca.cnf" <<CNF
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
O = Hermes
CN = Hermes Kafka CA $(openssl rand -hex 4)
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CNF
  quietly openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 3650 -config "$work/ca.cnf" \
    -keyout "$dir/ca.key" -out "$dir/ca.crt"
fi
[ $# -gt 0 ] || exit 0

names=""
for name in "$@"; do
  case $name in
    *:*) names="$names,IP:$name" ;;
    *[!0-9.]*) names="$names,DNS:$name" ;;
    *) names="$names,IP:$name" ;;
  esac
done
cat >"$work/broker.ext" <<EXT
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = ${names#,}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
EXT
quietly openssl req -newkey rsa:2048 -nodes -sha256 -subj "/O=Hermes/CN=kafka-broker" \
  -keyout "$work/tls.key" -out "$work/tls.csr"
quietly openssl x509 -req -sha256 -days 397 -in "$work/tls.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" \
  -set_serial "0x$(openssl rand -hex 16)" -extfile "$work/broker.ext" -out "$work/tls.crt"
# Kafka wants PKCS #8, which older versions of openssl do not write by themselves.
quietly openssl pkcs8 -topk8 -nocrypt -in "$work/tls.key" -out "$work/pkcs8.key"
cat "$work/pkcs8.key" "$work/tls.crt" "$dir/ca.crt" >"$dir/keystore.pem"
cp "$work/tls.crt" "$dir/tls.crt"
