#!/usr/bin/env bash
# Asks what listens at an address whether it is Kafka.
#   usage: check-address.sh HOST PORT [CA-FILE]
# Without CA-FILE: asks for Kafka's metadata and prints the address of each broker in the answer. With CA-FILE: connects
# with TLS, checks the certificate and its name, and asks for the versions that the broker speaks, which is all that it
# tells to who has not logged in. Ends with an error and its reason if the answer does not come within 10 seconds.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '3,6s/^# *//p' "$0" >&2; exit 2; }
host=$1
port=$2
ca=${3-}

if [ -z "${CHECK_ADDRESS_LIMITED-}" ]; then
  export CHECK_ADDRESS_LIMITED=1
  timeout 10 "$0" "$@" && exit 0
  code=$?
  [ $code -ne 124 ] || echo "$host:$port: no answer within 10 seconds (a firewall? nothing there?)" >&2
  exit 1
fi

# Kafka's protocol: size, API key, version, correlation id 1, no client id, and for metadata no topics.
versions='\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff'
metadata='\x00\x00\x00\x0e\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00'

hex() { od -An -v -tx1 | tr -d ' \n'; }

if [ -n "$ca" ]; then
  case $host in
    *[!0-9.]*) name="-verify_hostname $host -servername $host" ;;
    *) name="-verify_ip $host" ;;
  esac
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # shellcheck disable=SC2086  # two words on purpose
  answer=$( (printf '%b' "$versions"; sleep 4) |
    openssl s_client -quiet -no_ign_eof -connect "$host:$port" -CAfile "$ca" -verify_return_error $name 2>"$log" | hex) || true
  # After the size: the correlation id, then error code 0.
  [ "${answer:8:12}" = 000000010000 ] || {
    echo "$host:$port: no Kafka with a certificate of this authority for this name: $(grep -v '^$' "$log" | tail -n 1)" >&2
    exit 1
  }
  echo "$host:$port"
  exit 0
fi

exec 3<>"/dev/tcp/$host/$port" || { echo "$host:$port: cannot connect" >&2; exit 1; }
printf '%b' "$metadata" >&3
size=$(dd bs=1 count=4 <&3 2>/dev/null | hex)
size=$((16#${size:-0}))
if [ $size -lt 8 ] || [ $size -gt 1000000 ]; then
  echo "$host:$port: what answers is not Kafka without TLS" >&2
  exit 1
fi
answer=$(dd bs=1 count=$size <&3 2>/dev/null | hex)
at=0
take() { field=${answer:at:$(($1 * 2))}; at=$((at + $1 * 2)); }
take 4
[ "$field" = 00000001 ] || { echo "$host:$port: what answers is not Kafka" >&2; exit 1; }
take 4
count=$((16#$field))
[ $count -gt 0 ] || { echo "$host:$port: Kafka answers, but knows no broker yet" >&2; exit 1; }
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
