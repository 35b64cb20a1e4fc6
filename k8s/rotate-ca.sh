#!/usr/bin/env bash
# Replaces the authority that signs the brokers' certificates, without downtime, in three steps:
#   usage: rotate-ca.sh start | switch | finish | at-once   [--context NAME] [--timeout SECONDS] [--yes]
#     start    makes the new authority. Brokers, kafka-ui and the Secret kafka-client trust both from now on.
#              Then give every client the new ca.crt of Secret kafka-client (KAFKA_SSL_CA), which holds both.
#     switch   gives the brokers a certificate of the new authority. A client that trusts the old one only is refused.
#     finish   nothing trusts the old authority any more. Give every client ca.crt again, now the new one alone.
#     at-once  all of it in one step, for an authority that has expired: brokers stop together, and every client is
#              refused until it has the new ca.crt.
# Each step restarts the brokers one after the other and can be repeated. The same three steps replace an authority
# whose Secret kafka-ca is lost.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

STEP=
YES=   # read by confirm
options=()
while [ $# -gt 0 ]; do
  case $1 in
    start | switch | finish | at-once)
      [ -z "$STEP" ] || die "one step at a time: give clients the new ca.crt after $STEP."
      STEP=$1 ;;
    --context) context_option "$@"; shift ;;
    --timeout) timeout_option "$@"; options+=("$1" "$2"); shift ;;
    --yes) export YES=yes; options+=(--yes) ;;
    -h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown option $1; --help lists them." ;;
  esac
  shift
done
[ -n "$STEP" ] || die "which step? rotate-ca.sh start, switch, finish or at-once; --help explains them."
need kubectl openssl timeout od
detect
[ "$(deployed_security)" = secure ] || die "the brokers in context '$CONTEXT' run without TLS, or there are none: nothing to replace."
refuse_cert_manager
[ -z "$(k get secret kafka-certificate --ignore-not-found -o name)" ] ||
  die "the brokers' certificate comes from Secret kafka-certificate: replace the authority where that comes from, such as cert-manager."

umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for key in ca.crt ca.key next.crt next.key trusted.crt; do
  secret kafka-ca "${key/./\\.}" >"$work/$key"
done

# Writes Secret kafka-ca from the files in $work that hold something.
put_authority() {
  local key files=()
  for key in ca.crt ca.key next.crt next.key trusted.crt; do
    [ ! -s "$work/$key" ] || files+=("--from-file=$work/$key")
  done
  put_secret kafka-ca "${files[@]}"
}

new_authority() {
  "$here/certificates.sh" "$work/new"
  cp "$work/new/ca.crt" "$work/next.crt"
  cp "$work/new/ca.key" "$work/next.key"
}

case $STEP in
  start)
    if [ ! -s "$work/next.crt" ]; then
      [ ! -s "$work/trusted.crt" ] || die "a rotation waits for its last step: rotate-ca.sh finish."
      # Without Secret kafka-ca, brokers and clients still trust what brokers have of it.
      [ -s "$work/ca.crt" ] || secret kafka-tls 'ca\.crt' >"$work/ca.crt"
      [ -s "$work/ca.crt" ] || die "there is neither Secret kafka-ca nor Secret kafka-tls: $here/deploy.sh makes them."
      new_authority
      cat "$work/ca.crt" "$work/next.crt" >"$work/trusted.crt"
      put_authority
    fi ;;
  switch)
    if [ -s "$work/next.crt" ]; then
      confirm "Clients that do not have the ca.crt of Secret kafka-client yet, with both authorities, will be refused."
      mv "$work/next.crt" "$work/ca.crt"
      mv "$work/next.key" "$work/ca.key"
      put_authority
    else
      [ -s "$work/trusted.crt" ] || die "there is no new authority to switch to. First: rotate-ca.sh start."
    fi ;;
  finish)
    [ ! -s "$work/next.crt" ] || die "the brokers do not have a certificate of the new authority yet. First: rotate-ca.sh switch."
    if [ -s "$work/trusted.crt" ]; then
      rm "$work/trusted.crt"
      put_authority
    fi ;;
  at-once)
    confirm "Every client is refused from now on until it has the new ca.crt of Secret kafka-client, and all brokers stop together."
    export YES=yes
    options+=(--yes)
    new_authority
    mv "$work/next.crt" "$work/ca.crt"
    mv "$work/next.key" "$work/ca.key"
    rm "$work/trusted.crt"
    put_authority ;;
esac
[ "$(deployed_mode)" = single ] || options+=(--ha)
"$here/deploy.sh" --secure --context "$CONTEXT" ${options[@]+"${options[@]}"}
echo
case $STEP in
  start) say "brokers trust both authorities. Give every client the ca.crt of Secret kafka-client, then: rotate-ca.sh switch" ;;
  switch) say "brokers have a certificate of the new authority. When all clients work: rotate-ca.sh finish" ;;
  finish) say "only the new authority is trusted. Give every client the ca.crt of Secret kafka-client, and save Secret kafka-ca elsewhere." ;;
  at-once) say "the authority is replaced. Give every client the ca.crt of Secret kafka-client, and save Secret kafka-ca elsewhere." ;;
esac
