#!/usr/bin/env bash
# Neighbours that carry traffic are kept fresh, though the kernel sees none of it.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

around_router a b
address b b0 10.0.2.3/24
by_router a
in_ a ethtool -K a0 tx off >/dev/null
# Reachable for 2 to 6 s; longer than the delay, or else the kernel itself probes for ever.
in_ r sysctl -qw net.ipv4.neigh.r1.base_reachable_time_ms=4000 net.ipv4.neigh.r1.delay_first_probe_time=1
start_heddle r --all
in_ a ping -c 2 -i 0.2 10.0.2.2 >/dev/null
in_ a ping -c 2 -i 0.2 10.0.2.3 >/dev/null
sleep 0.5
before=$(counted r r0 unresolved)
in_ a "$BLAST" --from "$TAG-a/a0" --to "$TAG-b/b0" --router-mac "$(mac_of r r0)" --source 10.0.1.2 \
	--destination 10.0.2.2 --rate 5000 --seconds 12 >"$WORK/blast.json"
check "a flow of twelve seconds never falls back" equal "$(counted r r0 unresolved)" "$before"
check "… and loses nothing" equal "$(field blast received)" "$(field blast sent)"
check "its neighbour was confirmed" \
	grep -qE 'REACHABLE|DELAY|PROBE' <(ip -n "$TAG-r" neigh show 10.0.2.2)
check "an idle neighbour ages" grep -q STALE <(ip -n "$TAG-r" neigh show 10.0.2.3)

# A gateway that nobody has spoken to yet is resolved because a route waits for it.
address b b0 10.0.2.9/24
ip -n "$TAG-r" route add 20.0.0.0/8 via 10.0.2.9
check "a gateway is resolved before the first packet" wait_for 5 sh -c \
	"ip netns exec $TAG-r $HEDDLE show route 20.1.1.1 port r0 --json | grep -q '\"decision\":\"forwarded\"'"
ip -n "$TAG-b" addr del 10.0.2.9/24 dev b0
ip -n "$TAG-r" neigh del 10.0.2.9 dev r1
check "a neighbour that is gone leaves its traffic to the kernel" wait_for 10 sh -c \
	"ip netns exec $TAG-r $HEDDLE show route 20.1.1.1 port r0 --json | grep -q '\"decision\":\"kernel\"'"
finish
