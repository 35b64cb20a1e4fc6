# shellcheck shell=bash
# shellcheck disable=SC2034  # what is set here is used there
# What deploy.sh, connect.sh and cleanup.sh share. Works with bash 3.2, which macOS has.

NAMESPACE=kafka
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

# kubectl in the namespace of Kafka.
k() {
  kubectl --namespace "$NAMESPACE" "$@"
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

# Sets CONTEXT and PLATFORM (minikube or digitalocean), or ends with what is supported.
detect() {
  local providers
  CONTEXT=$(kubectl config current-context 2>/dev/null) ||
    die "kubectl has no current context: run 'minikube start' or 'doctl kubernetes cluster kubeconfig save <cluster>'."
  providers=$(kubectl get nodes -o 'jsonpath={.items[*].spec.providerID}') ||
    die "the cluster of context '$CONTEXT' does not answer. Other contexts: kubectl config get-contexts"
  if [[ $providers == *digitalocean://* ]]; then
    PLATFORM=digitalocean
  elif [ "$CONTEXT" = minikube ] || [ -n "$(kubectl get nodes -l minikube.k8s.io/name -o name)" ]; then
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

# The addresses that clients use, one a line. $1: host, $2: mode.
addresses() {
  echo "$1:9092"
  if [ "$2" = ha ]; then
    echo "$1:9093"
    echo "$1:9094"
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
