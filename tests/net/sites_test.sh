#!/usr/bin/env bash
# Two sites joined by their borders, of the example: raised, proven, probed, broken and mended.
# shellcheck source=tests/net/lib.sh disable=SC2317
. "$(dirname "$0")/lib.sh"

TWIN=$TAG
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
INTENT=$(dirname "$0")/../../examples/two-sites.yaml

on() {
	local node=$1
	shift
	ip netns exec "$TWIN.$node" "$@"
}
verified() {
	"$HEDDLE" fabric verify --name "$TWIN" >"$WORK/verdict" 2>&1
}
drill() { # ACTION [WORD…]: the report in $WORK/report; fails unless all tables came to the model's
	"$HEDDLE" twin "$@" --name "$TWIN" --json --patience 60 >"$WORK/report" 2>"$WORK/said"
}
said() { # FILTER: of the report
	jq -e "$1" "$WORK/report" >/dev/null
}
# Each packet may take another way, and routers answer so many a second.
crosses_once() {
	on east-leaf1-h1 traceroute -n -q 1 -w 1 10.16.1.1 | awk 'NR > 1 {print $2}' | xargs | grep -Eqx \
		'10.16.0.0 10.255.0.[12] 10.255.0.[56] 10.255.0.1[12] 10.255.0.[78] 10.255.0.9 10.16.1.1'
}

check "two sites come up" "$HEDDLE" twin up --name "$TWIN" --patience 60 "$INTENT"
check "… proven, kernels' tables and Heddles'" wait_for 10 verified
check "a host reaches the other site" on east-leaf1-h1 ping -c 2 -i 0.1 -W 1 10.16.1.1
check "… by IPv6" on east-leaf1-h1 ping -c 2 -i 0.1 -W 1 fd00:16:0:1::1
check "… and by it what lies beyond" grep -q 'From 10.254.0.1 ' <(on west-leaf1-h1 ping -c 1 -W 1 192.0.2.1)
check "packets cross once, from border to border" wait_for 10 crosses_once
check "the cable takes 300 us each way" at_least \
	"$(on east-leaf1-h1 ping -c 5 -i 0.05 -q 10.16.1.1 | awk -F/ '/^rtt/ {print int($5 * 1000)}')" 600
check "all pairs' probes arrive, by all ways" "$HEDDLE" twin probe --name "$TWIN" --for 2

check "a cable between sites fails, and the tables come to what the model says" \
	drill fail link east-border1:west-border1
check "… with nobody cut off" said '.probes.pairs_cut == 0'
check "… as all go by the other borders" said \
	'[.ways[].after | index(["east-border1", "west-border1"]) // index(["west-border1", "east-border1"])] | all(. == null)'
check "… which the proof knows" "$HEDDLE" fabric verify --name "$TWIN" --with-failures
check "it is mended" drill restore
check "… and nothing is lost by that" said '.probes.lost == 0'
check "a border loses power" drill fail node west-border2
check "… with nobody cut off" said '.probes.pairs_cut == 0'
check "the other one, too" drill fail node west-border1
check "… and the sites reach each other no more" said '.probes.pairs_cut == 8'
check "… while each goes on by itself" on east-leaf1-h1 ping -c 1 -W 1 10.17.0.1
check "both come back" drill restore
check "… and all is as before" wait_for 10 verified
check "the sites go" "$HEDDLE" twin down --name "$TWIN"

# One more site beside two small ones, in front of them: they stay as they are.
small() { # SITE…
	printf 'shape: sites\nsites: [%s]\nspines: 1\nleaves: 1\nborders: 1\nhosts: 1\n' "$*"
}
small east, west >"$WORK/two.yaml"
small amid, east, west >"$WORK/three.yaml"
check "two small sites come up" "$HEDDLE" twin up --name "$TWIN" --patience 60 "$WORK/two.yaml"
"$HEDDLE" twin probe --name "$TWIN" --for 12 --json >"$WORK/probe" 2>/dev/null &
probe=$!
check "a third one comes" "$HEDDLE" fabric apply --name "$TWIN" "$WORK/three.yaml"
check "… and is proven" wait_for 10 verified
wait "$probe"
check "… with nothing lost meanwhile" equal "$(jq '.lost' "$WORK/probe")" 0
check "… and reached by both" sh -c "ip netns exec $TWIN.east-leaf1-h1 ping -c 1 -W 1 10.0.2.1 && ip netns exec $TWIN.west-leaf1-h1 ping -c 1 -W 1 10.0.2.1"
via=$(ip -n "$TWIN.amid-border1" -6 addr show dev swp1 scope link | sed -n 's#.*inet6 \(fe80[^/]*\)/.*#\1#p')
on east-border1 ip route add 10.0.1.0/25 via inet6 "$via" dev swp2
detour() { ! verified && grep -q '^valley: 10.0.1.0/25 at east-border1 (kernel)' "$WORK/verdict"; }
check "a way that crosses twice is a valley" wait_for 5 detour
on east-border1 ip route del 10.0.1.0/25
check "… and gone when mended" wait_for 10 verified
check "two sites without their cable reach each other by no third" drill fail link east-border1:west-border1
check "… which is as computed" said '.probes.pairs_cut == 2'
finish
