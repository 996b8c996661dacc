#!/usr/bin/env bash
# Routing daemons on Heddle's ports: eBGP numbered and unnumbered, BFD, OSPF, IS-IS, static routes,
# and BIRD as a peer; sessions stay up while the daemon is killed and comes back.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/frr.sh
. "$(dirname "$0")/frr.sh"
[ -x /usr/lib/frr/bgpd ] || skip "FRR is not installed"
command -v bird >/dev/null || skip "BIRD is not installed"

host a r u v o i b
link a a0 r r0
link r ru u u0
link r rv v v0
link r ro o o0
link r ri i i0
link r rb b b0
for each in r u v o i b; do router $each; done
address a a0 10.0.1.2/24 2001:db8:1::2/64
address r r0 10.0.1.1/24 2001:db8:1::1/64
address r rv 10.1.2.1/24
address v v0 10.1.2.2/24
address r ro 10.1.3.1/24
address o o0 10.1.3.2/24
address r ri 10.1.4.1/24
address i i0 10.1.4.2/24
address r rb 10.1.5.1/24
address b b0 10.1.5.2/24
ip -n "$TAG-a" route add default via 10.0.1.1
ip -n "$TAG-a" -6 route add default via 2001:db8:1::1
in_ a ethtool -K a0 tx off >/dev/null
# Both upstreams have the same network, each has one of its own.
address u lo 203.0.113.1/24 198.51.100.1/25 2001:db8:100::1/64
address v lo 203.0.113.1/24 198.51.100.129/25
address o lo 192.0.2.1/26
address i lo 192.0.2.65/26
address b lo 192.0.2.129/26

cat >"$WORK/r.conf" <<C
ip route 192.0.2.192/26 10.1.2.2
router bgp 65000
 bgp router-id 10.0.1.1
 no bgp ebgp-requires-policy
 bgp bestpath as-path multipath-relax
 neighbor ru interface remote-as external
 neighbor ru bfd
 neighbor 10.1.2.2 remote-as 65002
 neighbor 10.1.2.2 bfd
 neighbor 10.1.5.2 remote-as 65005
 address-family ipv4 unicast
  network 10.0.1.0/24
 address-family ipv6 unicast
  network 2001:db8:1::/64
  neighbor ru activate
interface ro
 ip ospf area 0
interface r0
 ip ospf area 0
router ospf
 ospf router-id 10.0.1.1
interface ri
 ip router isis x
interface r0
 ip router isis x
 isis passive
router isis x
 net 49.0001.0000.0000.0001.00
 is-type level-2-only
C
cat >"$WORK/u.conf" <<C
router bgp 65001
 bgp router-id 10.9.9.1
 no bgp ebgp-requires-policy
 neighbor u0 interface remote-as external
 neighbor u0 bfd
 address-family ipv4 unicast
  network 203.0.113.0/24
  network 198.51.100.0/25
 address-family ipv6 unicast
  network 2001:db8:100::/64
  neighbor u0 activate
C
cat >"$WORK/v.conf" <<C
router bgp 65002
 bgp router-id 10.9.9.2
 no bgp ebgp-requires-policy
 neighbor 10.1.2.1 remote-as 65000
 neighbor 10.1.2.1 bfd
 address-family ipv4 unicast
  network 203.0.113.0/24
  network 198.51.100.128/25
C
cat >"$WORK/o.conf" <<C
interface o0
 ip ospf area 0
interface lo
 ip ospf area 0
router ospf
 ospf router-id 10.9.9.3
C
cat >"$WORK/i.conf" <<C
interface i0
 ip router isis x
interface lo
 ip router isis x
router isis x
 net 49.0001.0000.0000.0002.00
 is-type level-2-only
C
cat >"$WORK/b.conf" <<C
router id 10.9.9.5;
protocol device {}
protocol direct { ipv4; interface "lo"; }
protocol kernel { ipv4 { export all; }; }
protocol bgp { local 10.1.5.2 as 65005; neighbor 10.1.5.1 as 65000; ipv4 { import all; export all; }; }
C
start_heddle r --all
start_frr r bgpd bfdd ospfd isisd staticd
start_frr u bgpd bfdd
start_frr v bgpd bfdd
start_frr o ospfd
start_frr i isisd
start_bird b

reaches() { # reaches ADDRESS: pings and is forwarded by Heddle
	wait_for "${2:-40}" in_ a ping -c 1 -W 1 "$1" &&
		wait_for 5 sh -c "ip netns exec $TAG-r $HEDDLE show route $1 port r0 --json |
			grep -q '\"decision\":\"forwarded\"'"
}
check "unnumbered eBGP routes are forwarded (IPv4 via IPv6)" reaches 198.51.100.1
check "unnumbered eBGP routes are forwarded (IPv6)" reaches 2001:db8:100::1
check "numbered eBGP routes are forwarded" reaches 198.51.100.129
check "OSPF routes are forwarded" reaches 192.0.2.1 60
check "IS-IS routes are forwarded" reaches 192.0.2.65 60
check "BIRD's routes are forwarded" reaches 192.0.2.129
check "equal-cost paths are forwarded" reaches 203.0.113.1
check "a static route by FRR is forwarded" wait_for 5 sh -c \
	"ip netns exec $TAG-r $HEDDLE show route 192.0.2.200 port r0 --json | grep -q '\"egress\":\"rv\"'"
check "the group has both members" wait_for 5 sh -c \
	"ip netns exec $TAG-r $HEDDLE show nexthops --json | grep '\"kind\":\"group\"' | grep -q '10.1.2.2'"
# A line each: what it is, with whom, whether it is up, and how often it has come and gone.
sessions() {
	vty r 'show bgp neighbors json' | jq -r 'to_entries[] | "bgp \(.key) \(.value.bgpState) " +
		"\(.value.connectionsEstablished) \(.value.connectionsDropped)"'
	vty r 'show bfd peers json' | jq -r '.[] | "bfd \(.peer) \(.status)"'
	vty r 'show bfd peers counters json' |
		jq -r '.[] | "bfd-counters \(.peer) \(."session-up") \(."session-down")"'
	vty r 'show ip ospf neighbor detail json' | jq -r '.. | objects |
		select(has("stateChangeCounter")) | "ospf \(.nbrState) \(.stateChangeCounter)"'
	vty r 'show isis neighbor detail' | awk '/State:/ { sub(/.*State: /, ""); state = $1 }
		/Adjacency flaps:/ { print "isis", state, $3 }'
	birdc -s "$WORK/b.ctl" show protocols | awk '$2 == "BGP" { print "bird", $1, $6, "since", $5 }'
}
all_up() { # of every kind as many as there are; else what there is
	sessions | tee "$WORK/sessions" |
		awk '/^bgp .* Established / || /^bfd .* up$/ || /^bfd-counters .* [0-9]+ [0-9]+$/ ||
			/^ospf Full/ || /^isis Up/ || /^bird .* Established/ { print $1 }' |
		sort | uniq -c | tr -s ' \n' ' ' >"$WORK/up"
	equal "$(cat "$WORK/up")" " 2 bfd 2 bfd-counters 3 bgp 1 bird 1 isis 1 ospf "
}
check "all sessions are up" wait_for 20 all_up
cat "$WORK/sessions"
cp "$WORK/sessions" "$WORK/before"
kill -9 "$heddle_pid"
sleep 2
check "with the daemon killed, traffic goes on" in_ a ping -c 3 -i 0.1 -W 1 198.51.100.1
start_heddle r --all
sleep 2
check "after kill -9 and restart all sessions are up" all_up
check "… and none was down meanwhile" diff "$WORK/before" "$WORK/sessions"
check "the restarted daemon forwards again" reaches 198.51.100.1 5

ip -n "$TAG-r" link set ru down
check "with a member's link down, the other carries all" sh -c \
	"ip netns exec $TAG-a ping -c 3 -i 0.1 -W 1 203.0.113.1"
check "… by Heddle" reaches 203.0.113.1 5
ip -n "$TAG-r" link set ru up
check "with the link up again, its routes come back" reaches 198.51.100.1 30
for port in r0 ru rv ro ri rb; do
	check "the ledger of $port balances" ledger_balances r $port
done
finish
