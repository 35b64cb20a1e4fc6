# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # shared with deploy.sh, which includes this file
# The Secrets that deploy.sh makes. Everything is prepared in files first, so that a doubt stops the script before
# anything in the cluster has changed.
#   kafka-ca           ca.crt and ca.key, which sign; trusted.crt, next.crt and next.key while rotate-ca.sh replaces them
#   kafka-certificate  not made here: a certificate from cert-manager or your own authority, used in place of kafka-ca
#   kafka-tls          what brokers read: their key and certificate, and the authorities that they trust
#   kafka-client       user, password, and the authorities that clients trust
#   kafka-ui           its login

# Prepares all Secrets. Sets CERTIFICATE and TRUSTED (texts), CA (a file) and ALL_AT_ONCE (why brokers cannot be
# restarted in turn, or nothing).
make_secrets() {
  local ui_password
  CERTIFICATE=
  TRUSTED=
  PASSWORD=
  ALL_AT_ONCE=
  tls=$work/tls
  mkdir "$tls"
  ui_password=$(secret kafka-ui SPRING_SECURITY_USER_PASSWORD)
  [ -n "$ui_password" ] || ui_password=$(openssl rand -hex 12)
  printf 'SPRING_SECURITY_USER_NAME=admin\nSPRING_SECURITY_USER_PASSWORD=%s\n' "$ui_password" >"$work/ui.env"
  if [ "$SECURITY" = secure ]; then
    read_deployed_certificate
    if [ -n "$(k get secret kafka-certificate --ignore-not-found -o name)" ]; then
      take_certificate
    else
      read_authority
      sign_certificate
    fi
    CERTIFICATE=$(cat "$tls/tls.crt")
    TRUSTED=$(cat "$tls/trusted.crt")
    CA=$tls/trusted.crt
    warn_of_expiry "$tls/tls.crt" "$tls/ca.crt"
    find_all_at_once
    make_client
  fi
  UI_INPUTS=$(cat "$here/protobuf-configmap.yaml" "$work/ui.env" - <<<"$PASSWORD$TRUSTED" | digest)
}

read_deployed_certificate() {
  secret kafka-tls 'tls\.crt' >"$work/deployed.crt"
  secret kafka-tls 'ca\.crt' >"$work/deployed-trusted.crt"
}

# The authority that signs, a new one only where no broker has a certificate yet.
read_authority() {
  secret kafka-ca 'ca\.crt' >"$tls/ca.crt"
  secret kafka-ca 'ca\.key' >"$tls/ca.key"
  secret kafka-ca 'trusted\.crt' >"$tls/trusted.crt"
  if [ ! -s "$tls/ca.crt" ]; then
    [ ! -s "$work/deployed.crt" ] || die "Secret kafka-ca, which signs the brokers' certificates, is missing. \
A new authority would not be trusted by the brokers that run, nor by any client. \
If you have a copy of it: kubectl -n $NAMESPACE create secret generic kafka-ca --from-file=ca.crt --from-file=ca.key. \
If not: $here/rotate-ca.sh start, which brings in a new one without downtime. \
The brokers' certificate is good until $(end_of "$work/deployed.crt")."
    rm "$tls/ca.crt" "$tls/ca.key"
  fi
  [ -s "$tls/trusted.crt" ] || rm "$tls/trusted.crt"
}

# Takes over the certificate that the brokers have, or signs one if it does not fit or ends within 30 days.
sign_certificate() {
  local names
  if certificate_serves "$work/deployed.crt" 30 && openssl verify -CAfile "$tls/ca.crt" "$work/deployed.crt" >/dev/null 2>&1; then
    cp "$work/deployed.crt" "$tls/tls.crt"
    secret kafka-tls 'keystore\.pem' >"$tls/keystore.pem"
  else
    if [ -f "$tls/ca.crt" ] && [ ! -s "$tls/ca.key" ]; then
      die "the brokers need a new certificate, but the key of their authority is lost. \
Go on with the new authority: $here/rotate-ca.sh switch, once all clients trust it."
    fi
    [ ! -f "$tls/ca.crt" ] || ! ends_within "$tls/ca.crt" 0 ||
      die "the authority in Secret kafka-ca has expired, so no broker and no client accepts what it signs. Replace it: $here/rotate-ca.sh at-once"
    names="localhost broker-internal broker-internal.$NAMESPACE broker-internal.$NAMESPACE.svc broker-internal.$NAMESPACE.svc.cluster.local"
    for i in 0 1 2; do names="$names kafka-broker-$i.kafka-brokers.$NAMESPACE.svc.cluster.local"; done
    [ "$ADDRESS" = "$HOST" ] || names="$ADDRESS $names"
    say "making a certificate for $HOST"
    # shellcheck disable=SC2086  # words on purpose
    "$here/certificates.sh" "$tls" "$HOST" $names
  fi
  [ -f "$tls/trusted.crt" ] || cp "$tls/ca.crt" "$tls/trusted.crt"
}

# The certificate of Secret kafka-certificate, as cert-manager writes it.
take_certificate() {
  secret kafka-certificate 'tls\.crt' >"$tls/tls.crt"
  secret kafka-certificate 'tls\.key' >"$work/tls.key"
  secret kafka-certificate 'ca\.crt' >"$tls/ca.crt"
  if [ ! -s "$tls/tls.crt" ] || [ ! -s "$work/tls.key" ] || [ ! -s "$tls/ca.crt" ]; then
    die "Secret kafka-certificate needs the keys tls.crt, tls.key and ca.crt. With cert-manager: kubectl -n $NAMESPACE describe certificate"
  fi
  certificate_serves "$tls/tls.crt" 0 ||
    die "the certificate in Secret kafka-certificate has expired, or does not name $HOST${NAME:+ and $ADDRESS}. Its names: $(certificate_names "$tls/tls.crt" | tr '\n' ' ')"
  refuse_unfit_certificate "$tls/tls.crt"
  secret kafka-ca 'trusted\.crt' >"$tls/trusted.crt"
  [ -s "$tls/trusted.crt" ] || cp "$tls/ca.crt" "$tls/trusted.crt"
  # PKCS #8, which is all that Kafka reads.
  openssl pkcs8 -topk8 -nocrypt -in "$work/tls.key" >"$tls/keystore.pem"
  cat "$tls/tls.crt" >>"$tls/keystore.pem"
}

# Ends if the brokers could not connect to each other with the certificate in file $1, as the first that restarts would
# find out. certificates.sh and examples/cert-manager.yaml make fitting ones.
refuse_unfit_certificate() {
  local subject name missing='' unfit="the certificate in Secret kafka-certificate does not fit the brokers"
  subject=$(openssl x509 -in "$1" -noout -subject | sed 's/^subject= *//; s/ *= */=/g; s/, /\//g; s/^\///')
  [ "$subject" = O=Hermes/CN=kafka-broker ] ||
    die "$unfit: its subject is $subject, but the authorizer knows brokers as O=Hermes, CN=kafka-broker."
  for name in localhost "broker-internal.$NAMESPACE.svc.cluster.local" kafka-broker-{0,1,2}".kafka-brokers.$NAMESPACE.svc.cluster.local"; do
    certificate_names "$1" | grep -xF -e "DNS:$name" -e "DNS:*.${name#*.}" >/dev/null || missing="$missing $name"
  done
  [ -z "$missing" ] || die "$unfit: it lacks the names$missing, by which brokers, kafka-ui and tool.sh connect."
  for name in Server Client; do
    openssl x509 -in "$1" -noout -text | awk '/Extended Key Usage/ {getline; print; found = 1} END {if (!found) print "any"}' |
      grep -E "^any$|TLS Web $name Authentication" >/dev/null ||
      die "$unfit: its extended key usage lacks $name authentication; brokers are servers, and clients of each other."
  done
}

certificate_names() {
  openssl x509 -in "$1" -noout -text | grep -A1 'Subject Alternative Name' | tail -n 1 | tr ',' '\n' | tr -d ' '
}

# Whether the certificate in file $1 lasts for $2 days and names what clients connect to.
certificate_serves() {
  local name
  [ -s "$1" ] || return 1
  ! ends_within "$1" "$2" || return 1
  for name in "$HOST" "$ADDRESS"; do
    # Not grep -q, which stops reading: what still writes would fail, and with it the pipe.
    certificate_names "$1" | grep -xE "(DNS|IPAddress):${name//./\\.}" >/dev/null || return 1
  done
}

# Brokers restart in turn only if those that wait for their turn trust those that had it, and the reverse.
find_all_at_once() {
  local gently="$here/rotate-ca.sh --help"
  [ ! -f "$work/tls.key" ] || gently="keep the authority that clients trust, as $here/examples/cert-manager.yaml says"
  [ -s "$work/deployed.crt" ] || return 0
  if ends_within "$work/deployed.crt" 0; then
    ALL_AT_ONCE="The brokers' certificate has expired (on $(end_of "$work/deployed.crt")), so brokers refuse each other. This renews it."
  elif ! openssl verify -CAfile "$work/deployed-trusted.crt" "$tls/tls.crt" >/dev/null 2>&1 ||
    ! openssl verify -CAfile "$tls/trusted.crt" "$work/deployed.crt" >/dev/null 2>&1; then
    ALL_AT_ONCE="The brokers' new certificate is of an authority that the running brokers do not trust, or the reverse. \
Clients are refused until they have the ca.crt of Secret kafka-client. Without downtime: $gently."
  fi
}

# User and password stay; only the authorities may change.
make_client() {
  secret kafka-client username >"$work/username"
  secret kafka-client password >"$work/password"
  secret kafka-client 'ca\.crt' >"$work/client-ca.crt"
  [ -s "$work/username" ] || printf 'hermes' >"$work/username"
  [ -s "$work/password" ] || openssl rand -hex 24 | tr -d '\n' >"$work/password"
  PASSWORD=$(cat "$work/password")
}

# Writes what differs from the cluster.
put_secrets() {
  if [ "$SECURITY" = secure ]; then
    if [ -s "$tls/ca.key" ] && [ -z "$(k get secret kafka-ca --ignore-not-found -o name)" ]; then
      put_secret kafka-ca --from-file="$tls/ca.crt" --from-file="$tls/ca.key"
    fi
    if ! cmp -s "$tls/tls.crt" "$work/deployed.crt" || ! cmp -s "$tls/trusted.crt" "$work/deployed-trusted.crt"; then
      put_secret kafka-tls --from-file="$tls/keystore.pem" --from-file="$tls/tls.crt" \
        --from-file=ca.crt="$tls/trusted.crt"
    fi
    if ! cmp -s "$tls/trusted.crt" "$work/client-ca.crt" || [ -z "$(secret kafka-client password)" ]; then
      put_secret kafka-client --from-file="$work/username" --from-file="$work/password" --from-file=ca.crt="$tls/trusted.crt"
    fi
  fi
  if [ "$(value deployment kafka-ui '{.spec.template.metadata.annotations.hermes\.io/kafka-ui-inputs}')" != "$UI_INPUTS" ] ||
    [ -z "$(k get secret kafka-ui --ignore-not-found -o name)" ]; then
    put_secret kafka-ui --from-env-file="$work/ui.env"
  fi
}
