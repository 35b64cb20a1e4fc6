#!/usr/bin/env bash
# Checks that the server at an address is Kafka.
#   usage: check-address.sh HOST PORT [CA-FILE]
# Without CA-FILE: asks for Kafka's metadata and prints the address of each broker in the answer. With CA-FILE: connects
# with TLS, checks the certificate and its name, and asks for the API versions, which is all that Kafka answers before
# a login. Ends with 0, with 1 if there was no answer within 10 seconds or it may yet come, and with 2 if waiting does
# not help: a certificate for another name, an untrusted authority, TLS where none is expected.
# Works with OpenSSL and with LibreSSL, which macOS has.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '3,8s/^# *//p' "$0" >&2; exit 2; }
host=$1
port=$2
ca=${3-}

if [ -z "${CHECK_ADDRESS_LIMITED-}" ]; then
  export CHECK_ADDRESS_LIMITED=1
  code=0
  timeout 10 "$0" "$@" || code=$?
  [ $code -ne 124 ] || echo "$host:$port: no answer within 10 seconds (a firewall? nothing there?)" >&2
  [ $code -eq 0 ] || [ $code -eq 2 ] || code=1
  exit $code
fi

# Kafka's protocol: size, API key, version, correlation id 1, no client id, and for metadata no topics.
versions='\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff'
metadata='\x00\x00\x00\x0e\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00'

hex() { od -An -v -tx1 | tr -d ' \n'; }

give_up() {
  echo "$host:$port: $1" >&2
  exit "$2"
}

# s_client's -verify_hostname and -verify_ip are OpenSSL's alone. Without -verify, LibreSSL only reports an untrusted
# certificate and goes on.
client() {
  local name=
  case $host in
    *[!0-9.]*) name="-servername $host" ;;
  esac
  # shellcheck disable=SC2086  # two words on purpose
  openssl s_client "$@" -connect "$host:$port" -CAfile "$ca" -verify 5 -verify_return_error $name 2>"$work/log"
}

# Whether the certificate in a file names the host: as an IP address, a DNS name, or a DNS name whose first label is *.
names_host() {
  local name kind=DNS
  case $host in
    *:*) kind=IPAddress ;;
    *[!0-9.]*) ;;
    *) kind=IPAddress ;;
  esac
  names=$(openssl x509 -in "$1" -noout -text | grep -A1 'Subject Alternative Name' | tail -n 1 | tr -d ' ')
  while IFS= read -r name; do
    [ "$name" != "$kind:$host" ] || return 0
    [ "$kind" = IPAddress ] || [ "$name" != "DNS:*.${host#*.}" ] || return 0
  done <<<"${names//,/$'\n'}"
  return 1
}

# Ends with the reason why there was no handshake.
explain() {
  local reason
  reason=$(sed -n '/^verify error:num=[0-9]*:/{s///p;q;}' "$work/log")
  [ -z "$reason" ] || give_up "the certificate is not trusted with $ca: $reason" 2
  reason=$(grep -i -m 1 -E 'unknown option|unrecognized|usage' "$work/log" || true)
  [ -z "$reason" ] || give_up "openssl s_client does not work here: $reason ($(openssl version))" 2
  if grep -qi 'wrong version number' "$work/log"; then
    give_up "the server does not speak TLS" 2
  fi
  if grep -qi 'unexpected eof\|errno=0' "$work/log"; then
    give_up "the server ended the connection instead of a TLS handshake (one without TLS? Then leave out the CA file)" 1
  fi
  give_up "no TLS connection: $(grep -v '^$' "$work/log" | tail -n 1)" 1
}

exec 3<>"/dev/tcp/$host/$port" || give_up "cannot connect" 1

if [ -n "$ca" ]; then
  exec 3>&-
  grep 'BEGIN CERTIFICATE' "$ca" >/dev/null 2>&1 || give_up "there is no CA certificate to read in the file $ca" 2
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  client </dev/null >"$work/shown" || true
  sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' "$work/shown" >"$work/certificate"
  if [ ! -s "$work/certificate" ] || grep -q '^verify error' "$work/log"; then
    explain
  fi
  names_host "$work/certificate" || give_up "the certificate is not for $host but for ${names:-no name at all}" 2
  answer=$( (printf '%b' "$versions"; sleep 4) | client -quiet -no_ign_eof | hex) || true
  # After the size: the correlation id, then error code 0.
  [ "${answer:8:12}" = 000000010000 ] || give_up "speaks TLS, but does not answer as Kafka" 1
  echo "$host:$port"
  exit 0
fi

printf '%b' "$metadata" >&3
size=$(dd bs=1 count=4 <&3 2>/dev/null | hex)
case $size in
  15030*) give_up "the server speaks TLS: pass the file with its CA certificate as third argument" 2 ;;
esac
size=$((16#${size:-0}))
if [ $size -lt 8 ] || [ $size -gt 1000000 ]; then
  give_up "the server's answer is not Kafka's without TLS (does it expect TLS? Then pass the CA file)" 1
fi
answer=$(dd bs=1 count=$size <&3 2>/dev/null | hex)
at=0
take() { field=${answer:at:$(($1 * 2))}; at=$((at + $1 * 2)); }
take 4
[ "$field" = 00000001 ] || give_up "the server's answer is not Kafka's" 1
take 4
count=$((16#$field))
[ $count -gt 0 ] || give_up "Kafka answers, but knows no broker yet" 1
for ((i = 0; i < count; i++)); do
  take 4
  take 2
  take $((16#$field))
  # shellcheck disable=SC2001
  name=$(printf '%b' "$(echo "$field" | sed 's/../\\x&/g')")
  take 4
  echo "$name:$((16#$field))"
  take 2
  [ "$field" = ffff ] || take $((16#$field))
done
