#!/usr/bin/env bash
# Proves that what this platform defines in one cluster answers. It changes nothing.
#
#   kubectl config use-context <the cluster>
#   bash smoke/<cluster>.sh
#
# TIMEOUT     how long pods may take to be ready (default 300s)
# OUTSIDE     0 leaves out what is asked through load balancers (default 1)
# TOKEN       a bearer token for paths that ask for one
# CA_BUNDLE   certificates to trust beside the system's own, for a private authority
set -euo pipefail

TIMEOUT=${TIMEOUT:-300s}
OUTSIDE=${OUTSIDE:-1}
TOKEN=${TOKEN:-}
CA_BUNDLE=${CA_BUNDLE:-}
passed=0
failed=0

pass() {
  passed=$((passed + 1))
  printf 'ok    %s\n' "$1"
}

fail() {
  failed=$((failed + 1))
  printf 'FAIL  %s: %s\n' "$1" "$2"
}

# pods NAMESPACE SELECTOR CONTAINERS: they are there, and all containers of each are ready.
pods() {
  local name="pods $2 in $1 are $3/$3" rows
  kubectl wait pods --namespace "$1" --selector "$2" --for condition=Ready --timeout "$TIMEOUT" >/dev/null 2>&1 || true
  rows=$(kubectl get pods --namespace "$1" --selector "$2" --no-headers 2>/dev/null || true)
  if [ -z "$rows" ]; then
    fail "$name" "there are none"
  elif printf '%s\n' "$rows" | awk -v ready="$3/$3" '$2 != ready { bad = 1 } END { exit bad }'; then
    pass "$name"
  else
    fail "$name" "$(printf '%s\n' "$rows" | awk '{ printf "%s %s %s; ", $1, $2, $3 }')"
  fi
}

# job NAMESPACE SELECTOR: the newest of them has ended well.
job() {
  local name="job $2 in $1 has ended" newest
  newest=$(kubectl get jobs --namespace "$1" --selector "$2" --sort-by .metadata.creationTimestamp --output name 2>/dev/null | tail -n 1 || true)
  if [ -z "$newest" ]; then
    fail "$name" "there is none"
  elif kubectl wait --namespace "$1" "$newest" --for condition=Complete --timeout "$TIMEOUT" >/dev/null 2>&1; then
    pass "$name"
  else
    fail "$name" "$newest is not complete"
  fi
}

# cron_job NAMESPACE NAME: it is there, and is not suspended.
cron_job() {
  local name="cron job $2 in $1 is scheduled" suspended
  suspended=$(kubectl get cronjob --namespace "$1" "$2" --output 'jsonpath={.spec.suspend}' 2>/dev/null || echo absent)
  if [ "$suspended" = true ] || [ "$suspended" = absent ]; then
    fail "$name" "suspended: $suspended"
  else
    pass "$name"
  fi
}

# hostname NAMESPACE SERVICE: the address of its load balancer.
hostname() {
  local found='{.status.loadBalancer.ingress[0].hostname}{.status.loadBalancer.ingress[0].ip}'
  kubectl get service --namespace "$1" "$2" --output "jsonpath=$found" 2>/dev/null || true
}

# address NAMESPACE SERVICE: its load balancer has one.
address() {
  local found
  found=$(hostname "$1" "$2")
  if [ -n "$found" ]; then
    pass "service $2 in $1 has the address $found"
  else
    fail "service $2 in $1 has an address" "there is none yet"
  fi
}

# judge NAME STATUS: a status below 400 is an answer.
judge() {
  case $2 in
    2?? | 3??) pass "$1" ;;
    000) fail "$1" "no answer" ;;
    *) fail "$1" "status $2" ;;
  esac
}

# inside NAMESPACE PODS CONTAINER SCHEME HOST PORT PATH: asked within the pods of the way in.
inside() {
  local arguments=(--silent --output /dev/null --write-out '%{http_code}' --max-time 15 --insecure) status
  arguments+=(--connect-to "$5:$6:127.0.0.1:$6" "$4://$5:$6$7")
  if [ -n "$TOKEN" ]; then
    arguments+=(--header "Authorization: Bearer $TOKEN")
  fi
  status=$(kubectl exec --namespace "$1" "$2" --container "$3" -- curl "${arguments[@]}" 2>/dev/null || true)
  judge "$5$7 from inside" "${status:-000}"
}

# outside NAMESPACE SERVICE SCHEME HOST PORT PATH: asked through the load balancer, whatever DNS says of the host.
outside() {
  local arguments=(--silent --output /dev/null --write-out '%{http_code}' --max-time 15 --retry 3) found status
  if [ "$OUTSIDE" = 0 ]; then
    return
  fi
  found=$(hostname "$1" "$2")
  if [ -z "$found" ]; then
    fail "$4$6 from outside" "service $2 in $1 has no address"
    return
  fi
  arguments+=(--connect-to "$4:$5:$found:$5" "$3://$4:$5$6")
  if [ -n "$CA_BUNDLE" ]; then
    arguments+=(--cacert "$CA_BUNDLE")
  fi
  if [ -n "$TOKEN" ]; then
    arguments+=(--header "Authorization: Bearer $TOKEN")
  fi
  status=$(curl "${arguments[@]}" 2>/dev/null || true)
  judge "$4$6 from outside" "${status:-000}"
}

finish() {
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}

pods packing app=desk 1
pods packing app=stock 1

finish
