#!/usr/bin/env bash
# Equal and unequal paths: flows spread by weight, and move only when their path is gone.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

around_router a b c
router_knows b c
ip -n "$TAG-r" nexthop add id 1 via 10.0.2.2 dev r1
ip -n "$TAG-r" nexthop add id 2 via 10.0.3.2 dev r2
ip -n "$TAG-r" nexthop add id 10 group 1/2
ip -n "$TAG-r" nexthop add id 11 group 1,3/2,1
ip -n "$TAG-r" route add 20.0.0.0/8 nhid 10
ip -n "$TAG-r" route add 30.0.0.0/8 nhid 11
ip -n "$TAG-r" route add 40.0.0.0/8 nexthop via 10.0.2.2 weight 1 nexthop via 10.0.3.2 weight 4
start_heddle r --all
for net in 20 30 40; do
	for i in $(seq 0 255); do echo "$net.$i.0.0/16"; done >"$WORK/$net"
done

# share NET [TO]: per thousand of frames to random addresses that come out at b (or at TO).
share() {
	local to=${2:-b}
	in_ a "$BLAST" --from "$TAG-a/a0" --to "$TAG-$to/${to}0" --router-mac "$(mac_of r r0)" \
		--source 10.0.1.2 --destinations "$WORK/$1" --frames 200000 >"$WORK/share.json"
	echo $(($(field share received) * 1000 / $(field share sent)))
}

near() {
	echo "have $1, expected $2 within $3"
	[ $(($1 - $2)) -le "$3" ] && [ $(($2 - $1)) -le "$3" ]
}

check "a group of two equal members spreads flows evenly" near "$(share 20)" 500 80
check "weights of 3 and 1 are kept" near "$(share 30)" 750 80
check "weights of a multipath route are kept" near "$(share 40)" 200 80

path() { in_ r "$HEDDLE" show route "$1" from 10.0.1.2 port r0 --json | sed 's/.*"egress":"\([a-z0-9]*\)".*/\1/'; }
paths() { for i in $(seq 1 60); do echo "20.0.$i.1 $(path "20.0.$i.1")"; done; }
paths >"$WORK/before"
ip -n "$TAG-c" link set c0 down
sleep 0.5
check "with one member's link down the other carries all" equal "$(share 20)" 1000
paths >"$WORK/during"
check "flows of the member that is left have not moved" \
	equal "$(grep -c 'r1$' <(comm -12 <(sort "$WORK/before") <(sort "$WORK/during")))" \
	"$(grep -c 'r1$' "$WORK/before")"
ip -n "$TAG-c" link set c0 up
sleep 0.5
ip -n "$TAG-r" neigh replace 10.0.3.2 lladdr "$(mac_of c c0)" dev r2 nud permanent
sleep 0.3
ip -n "$TAG-r" nexthop replace id 2 via 10.0.3.2 dev r2
ip -n "$TAG-r" nexthop replace id 10 group 1/2
sleep 0.5
paths >"$WORK/after"
check "with both up again each flow takes its path of before" diff "$WORK/before" "$WORK/after"
ip -n "$TAG-r" nexthop replace id 10 group 2
sleep 0.5
check "a group replaced leads its routes elsewhere" equal "$(share 20 c)" 1000
for port in r0 r1 r2; do check "the ledger of $port balances" ledger_balances r $port; done
finish
