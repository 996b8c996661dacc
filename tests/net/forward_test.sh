#!/usr/bin/env bash
# Packets go through as through Linux: ping, traceroute, MTU, and every frame is in the ledger.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

around_router a b
by_router a b
in_ a ethtool -K a0 tx off >/dev/null
in_ b ethtool -K b0 tx off >/dev/null
start_heddle r --all

check "a host reaches the other by IPv4" in_ a ping -c 5 -i 0.05 -W 1 10.0.2.2
check "a host reaches the other by IPv6" in_ a ping -c 5 -i 0.05 -W 1 fd00:2::2
check "the router itself answers by IPv4" in_ a ping -c 2 -i 0.05 -W 1 10.0.2.1
check "the router itself answers by IPv6" in_ a ping -c 2 -i 0.05 -W 1 fd00:2::1
check "echo requests were forwarded by Heddle" at_least "$(counted r r0 forwarded)" 6
check "echo replies were forwarded by Heddle" at_least "$(counted r r1 forwarded)" 6

hops() {
	in_ a traceroute -n -q 1 -w 1 "$@" | awk '/^ *[0-9]/ {print $2}' | tr '\n' ' '
}
check "traceroute shows the router and the host" equal "$(hops 10.0.2.2)" "10.0.1.1 10.0.2.2 "
check "traceroute shows them by IPv6" equal "$(hops -6 fd00:2::2)" "fd00:1::1 fd00:2::2 "

ip -n "$TAG-r" link set r1 mtu 1400
ip -n "$TAG-b" link set b0 mtu 1400
sleep 0.3
check "what is too big draws 'fragmentation needed' with the MTU" \
	grep -q 'mtu = 1400\|mtu=1400' <(in_ a ping -c 1 -W 1 -M "do" -s 1450 10.0.2.2 2>&1)
check "what is too big draws 'packet too big' by IPv6" \
	grep -q 'mtu = 1400\|mtu=1400' <(in_ a ping -c 1 -W 1 -M "do" -s 1450 fd00:2::2 2>&1)
check "fragments of the kernel's arrive" in_ a ping -c 2 -i 0.1 -W 1 -M dont -s 3000 10.0.2.2

check "no route draws 'net unreachable'" \
	grep -qi 'unreachable' <(in_ a ping -c 1 -W 1 192.0.2.1 2>&1)
ip -n "$TAG-r" route add blackhole 198.51.100.0/24
ip -n "$TAG-r" route add prohibit 203.0.113.0/24
sleep 0.2
check "a prohibit route draws 'packet filtered'" \
	grep -qi 'filtered' <(in_ a ping -c 1 -W 1 203.0.113.1 2>&1)
in_ a ping -c 3 -i 0.05 -W 0.2 198.51.100.1 >/dev/null 2>&1
check "a blackhole route drops, by that name" equal "$(counted r r0 blackhole)" 3

before=$(counted r r0 forwarded)
in_ a "$BLAST" --from "$TAG-a/a0" --to "$TAG-b/b0" --router-mac "$(mac_of r r0)" \
	--source 10.0.1.2 --destination 10.0.2.2 --frames 300000 >"$WORK/blast.json"
check "every frame sent at full rate arrives" equal "$(field blast received)" "$(field blast sent)"
check "the ledger counts exactly those" equal "$(($(counted r r0 forwarded) - before))" \
	"$(field blast sent)"
check "r0's ledger balances" ledger_balances r r0
check "r1's ledger balances" ledger_balances r r1

explanation=$(in_ r "$HEDDLE" show route 10.0.2.2 from 10.0.1.2 proto tcp sport 1000 dport 80 port r0 --json)
check "show route explains a forwarded packet" grep -q '"decision":"forwarded"' <<<"$explanation"
check "show route names the way out" grep -q '"egress":"r1"' <<<"$explanation"
check "show route says why the kernel has one" grep -q '"reason":"no-route"' \
	<(in_ r "$HEDDLE" show route 192.0.2.1 port r0 --json)
for what in ports routes nexthops neighbours ledger holds status; do
	check "show $what prints a table" in_ r "$HEDDLE" show $what
	check "show $what --json is JSON" sh -c \
		"ip netns exec $TAG-r $HEDDLE show $what --json | jq -es 'length > 0'"
done
check "top prints rates" in_ r "$HEDDLE" top -n 1 -i 0.2
check "doctor finds nothing bad" in_ r "$HEDDLE" doctor
in_ r sysctl -qw net.ipv4.conf.r1.forwarding=0
check "doctor names what mends a port" grep -q "slow .* sysctl -w net.ipv4.conf.r1.forwarding=1" \
	<(in_ r "$HEDDLE" doctor)
check "a second daemon in the namespace is refused" \
	grep -q 'runs in this network namespace already' <(in_ r "$HEDDLE" run --all 2>&1)
check "the control socket is root's alone" equal \
	"$(stat -c %a /run/heddle/"$(in_ r stat -L -c %i /proc/self/ns/net)".sock)" 600
check "wrong usage exits with 2" equal "$(in_ r "$HEDDLE" show nothing >/dev/null 2>&1; echo $?)" 2
finish
