# shellcheck shell=bash
# shellcheck disable=SC2034  # what is set here is used there
# What deploy.sh, connect.sh, rotate-ca.sh and cleanup.sh share. Works with bash 3.2, which macOS has.

NAMESPACE=kafka
CONTEXT=   # kubectl's context: --context, or the current one when the script starts
LOCAL_HOST=localhost   # where kubectl port-forward makes minikube's brokers appear

die() {
  echo "error: $*" >&2
  exit 1
}

say() {
  echo "==> $*"
}

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is not installed (or not on PATH): install it and run this again."
  done
}

# kubectl, always in the context that the script began with: the current one may change while it runs.
cluster() {
  kubectl --context "$CONTEXT" "$@"
}

# The same, in the namespace of Kafka.
k() {
  cluster --namespace "$NAMESPACE" "$@"
}

# Prints the text at a JSON path of an object, or nothing if there is no such object or path. An error that is not
# "not found" is an error.
value() {
  k get "$1" "$2" --ignore-not-found -o "jsonpath=$3"
}

# The same for a value of a Secret, decoded. $3: a key, dots in it escaped.
secret() {
  value secret "$1" "{.data.$2}" | openssl base64 -d -A
}

# For the option --context NAME.
context_option() {
  [[ -n ${2-} && $2 != -* ]] || die "--context needs the name of one of kubectl's contexts: kubectl config get-contexts"
  CONTEXT=$2
}

# For the option --timeout SECONDS.
timeout_option() {
  [[ ${2-} =~ ^[0-9]+$ ]] || die "--timeout needs a number of seconds."
}

# Takes a Secret's whole content from kubectl create's options and puts it in place in
# one step, so that there is no moment without the Secret. $1: its name.
put_secret() {
  local verb=create
  [ -z "$(k get secret "$1" --ignore-not-found -o name)" ] || verb=replace
  k create secret generic "$@" --dry-run=client -o yaml | k "$verb" -f - >/dev/null
}

# Sets CONTEXT and PLATFORM (minikube or digitalocean), or ends with what is supported.
detect() {
  local providers current
  current=$(kubectl config current-context 2>/dev/null) || current=
  [ -n "$CONTEXT" ] || CONTEXT=$current
  [ -n "$CONTEXT" ] ||
    die "kubectl has no current context: run 'minikube start' or 'doctl kubernetes cluster kubeconfig save <cluster>'."
  # How to call kubectl for who reads what the scripts print.
  KUBECTL="kubectl -n $NAMESPACE"
  [ "$CONTEXT" = "$current" ] || KUBECTL="kubectl --context $CONTEXT -n $NAMESPACE"
  providers=$(cluster get nodes -o 'jsonpath={.items[*].spec.providerID}') ||
    die "the cluster of context '$CONTEXT' does not answer. Other contexts: kubectl config get-contexts"
  if [[ $providers == *digitalocean://* ]]; then
    PLATFORM=digitalocean
  elif [ "$CONTEXT" = minikube ] || [ -n "$(cluster get nodes -l minikube.k8s.io/name -o name)" ]; then
    PLATFORM=minikube
  else
    die "context '$CONTEXT' is neither minikube nor DigitalOcean Kubernetes, which is all that this script knows. \
Switch with 'kubectl config use-context <name>'; 'kubectl config get-contexts' lists the names."
  fi
}

# What the cluster runs, as the StatefulSet says. Empty if there is none.
deployed_security() {
  value statefulset kafka-broker '{.metadata.annotations.hermes\.io/security}'
}

deployed_mode() {
  case $(value statefulset kafka-broker '{.spec.replicas}') in
    1) echo single ;;
    3) echo ha ;;
  esac
}

# Brokers whose certificates cert-manager makes are deployed from Git, and what a script changes would be undone.
refuse_cert_manager() {
  [ -z "$(value statefulset kafka-broker '{.metadata.annotations.hermes\.io/certificates}')" ] ||
    die "cert-manager makes the certificates of these brokers, so they are deployed from Git: change them there. See kustomize/README.md."
}

# What the brokers advertise to clients outside.
deployed_host() {
  value statefulset kafka-broker '{.spec.template.spec.containers[0].env[?(@.name=="EXTERNAL_HOST")].value}'
}

# The addresses that clients use, one a line. $1: host, $2: mode.
addresses() {
  echo "$1:9092"
  if [ "$2" = ha ]; then
    echo "$1:9093"
    echo "$1:9094"
  fi
}

# Whether the certificate in file $1 ends within $2 days.
ends_within() {
  ! openssl x509 -in "$1" -noout -checkend $(($2 * 24 * 3600)) >/dev/null
}

# The day that the certificate in file $1 ends, as openssl prints it.
end_of() {
  openssl x509 -in "$1" -noout -enddate | cut -d= -f2
}

# Warns of certificates that end soon. $1: the broker's, $2: the authority's; either file may be empty.
warn_of_expiry() {
  if [ -s "$1" ] && ends_within "$1" 30; then
    echo "WARNING: the brokers' certificate ends on $(end_of "$1"). k8s/deploy.sh renews it; a broker does not start with an expired one." >&2
  fi
  if [ -s "$2" ] && ends_within "$2" 180; then
    echo "WARNING: the certificate authority ends on $(end_of "$2"). Replace it before, without downtime: k8s/rotate-ca.sh --help" >&2
  fi
}

# Asks, unless YES is set. $1: the question.
confirm() {
  [ -z "${YES-}" ] || return 0
  [ -t 0 ] || die "$1 Nobody is there to answer: pass --yes if that is what you want."
  local answer
  read -r -p "$1 Type yes: " answer
  [ "$answer" = yes ] || die "nothing was changed."
}
