#!/usr/bin/env bash
# A running fabric becomes what another intent says, and goes back, while probes run between its
# hosts; what cannot be is refused and changes nothing.
# shellcheck source=tests/net/lib.sh disable=SC2317
. "$(dirname "$0")/lib.sh"

TWIN=$TAG
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
cat >"$WORK/small.yaml" <<'Y'
fabric: grows
spines: 2
leaves: 3
hosts: 2
borders: 1
tenants:
  web: {ipv4: 10.1.0.0/16, ipv6: fd00:1::/48}
external:
  isp1: {asn: 64999, attach: [border1], announces: [0.0.0.0/0], daemon: bird}
Y
cat >"$WORK/large.yaml" <<'Y'
fabric: grows
spines: 3
leaves: 4
hosts: 2
borders: 1
tenants:
  web: {ipv4: 10.1.0.0/16, ipv6: fd00:1::/48}
  db: {ipv4: 10.2.0.0/16}
racks:
  leaf4: {hosts: [db1, db2], tenant: db}
external:
  isp1: {asn: 64999, attach: [border1], announces: [0.0.0.0/0, 192.0.2.0/24], daemon: bird}
policies:
  - deny: [db, external]
Y
sed 's/^hosts: 2/&\nlinks: {leaf-spine: {speed: 400G}}/' "$WORK/small.yaml" >"$WORK/swapped.yaml"
sed 's/spines: 3/spines: many/' "$WORK/large.yaml" >"$WORK/wrong.yaml"
apply() {
	"$HEDDLE" fabric apply --name "$TWIN" "$1" >"$WORK/steps" 2>"$WORK/said"
}
verified() {
	"$HEDDLE" fabric verify --name "$TWIN" >"$WORK/verdict" 2>&1
}
probes_start() { # SECONDS
	"$HEDDLE" twin probe --name "$TWIN" --for "$1" --json >"$WORK/probes" 2>/dev/null &
	pids+=($!)
	sleep 2
}
lost() { # probes, of all pairs but those of the leaf that goes
	jq '[.pairs[] | select((.from + .to) | contains("db") | not) | .lost] | add' "$WORK/probes"
}
processes() {
	pgrep -fc "/run/heddle/twin/$TWIN/"
}
namespaces() {
	ip netns list | grep -c "^$TWIN\\."
}

check "the fabric comes up" "$HEDDLE" twin up --name "$TWIN" --patience 60 "$WORK/small.yaml"
before="$(namespaces) $(processes)"
ip netns add "$TWIN.leaf4"
check "what is in the way of a new node is told" sh -c \
	"! $HEDDLE fabric apply --name $TWIN $WORK/large.yaml >/dev/null 2>$WORK/said && grep -q 'File exists' $WORK/said"
ip netns del "$TWIN.leaf4"
check "… and nothing is left of the attempt" equal "$(namespaces) $(processes)" "$before"
probes_start 12
check "it grows while probes run" apply "$WORK/large.yaml"
check "… step by step" grep -q '^1/[0-9]* add node spine3$' "$WORK/steps"
check "… to what the new intent says" verified
check "… a tenant more, that reaches the other" ip netns exec "$TWIN.db1" ping -c 1 -W 2 10.1.0.1
check "… and its router announces what is new" sh -c "vtysh --vty_socket /run/heddle/twin/$TWIN/nodes/leaf1 -c 'show ip route 192.0.2.0/24' | grep -q bgp"
wait "${pids[-1]}"
check "… and no probe was lost" equal "$(lost)" 0
check "a daemon of a new switch that dies is started again" sh -c \
	"kill -9 \$(cat /run/heddle/twin/$TWIN/nodes/spine3/bgpd.pid)"
check "… and the fabric is as before" wait_for 30 verified
check "what is no intent is refused" sh -c "! $HEDDLE fabric apply --name $TWIN $WORK/wrong.yaml 2>$WORK/said"
check "… with its line" grep -q 'wrong.yaml:2: ' "$WORK/said"
check "… and changes nothing" verified
"$HEDDLE" twin fail --name "$TWIN" link leaf1:spine1 >/dev/null
check "while something has failed, nothing is applied" sh -c "! $HEDDLE fabric apply --name $TWIN $WORK/small.yaml 2>$WORK/said"
check "… and it says why" grep -q 'heddle twin restore' "$WORK/said"
"$HEDDLE" twin restore --name "$TWIN" >/dev/null
check "what is there already takes no step" apply "$WORK/large.yaml"
check "… and says so" equal "$(grep -c '^[0-9]*/' "$WORK/steps")" 0
probes_start 12
check "it shrinks again" apply "$WORK/small.yaml"
wait "${pids[-1]}"
check "… and no probe was lost between those that stay" equal "$(lost)" 0
check "… to what that says" verified
check "… and leaves nothing of what went" equal "$(namespaces) $(processes)" "$before"
check "… no folder either" sh -c "! test -e /run/heddle/twin/$TWIN/nodes/spine3 && ! test -e /run/heddle/twin/$TWIN/plan/nodes/leaf4"
probes_start 50
check "cables are swapped for faster ones, one by one" apply "$WORK/swapped.yaml"
check "… each between drains of both ends" equal "$(grep -c ' drain ' "$WORK/steps")" $((2 * $(grep -c ' swap cable ' "$WORK/steps")))
wait "${pids[-1]}"
check "… and no probe was lost" equal "$(lost)" 0
rm -f "/run/heddle/twin/$TWIN/nodes/spine1/apply.conf"
mkdir "/run/heddle/twin/$TWIN/nodes/spine1/apply.conf"
check "a change that fails half-way says so" sh -c \
	"! $HEDDLE fabric apply --name $TWIN $WORK/small.yaml >/dev/null 2>$WORK/said && grep -q 'between two designs' $WORK/said"
check "… and nothing more is done to the twin" sh -c \
	"! $HEDDLE twin fail --name $TWIN link leaf1:spine1 >/dev/null 2>$WORK/said && grep -q 'half-way' $WORK/said"
check "the twin goes" "$HEDDLE" twin down --name "$TWIN"
finish
