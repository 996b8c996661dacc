#!/usr/bin/env bash
# Never silently less safe than Linux: what decides besides routes keeps deciding.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

around_router a b
by_router a b

decision() { # decision DESTINATION: what Heddle would do, and why
	in_ r "$HEDDLE" show route "$1" port r0 --json | tr -d '"' |
		sed 's/.*decision:\([a-z]*\),reason:\([a-z-]*\).*/\1 \2/'
}
becomes() { # becomes DESTINATION "DECISION REASON"
	wait_for 3 sh -c "[ \"\$(ip netns exec $TAG-r $HEDDLE show route $1 port r0 --json | tr -d '\"' |
		sed 's/.*decision:\\([a-z]*\\),reason:\\([a-z-]*\\).*/\\1 \\2/')\" = '$2' ]"
	equal "$(decision "$1")" "$2"
}

in_ a ping -c 1 10.0.2.2 >/dev/null
in_ a ping -c 1 fd00:2::2 >/dev/null
start_heddle r --all
check "without rules all is forwarded" becomes 10.0.2.2 "forwarded forwarded"

in_ r nft add table ip f
in_ r nft 'add chain ip f forward { type filter hook forward priority 0; }'
check "an empty chain decides nothing" becomes 10.0.2.2 "forwarded forwarded"
in_ r nft add rule ip f forward ip saddr 10.0.1.2 counter drop
check "a rule in the forward hook leaves IPv4 to the kernel" becomes 10.0.2.2 "kernel netfilter"
check "… and IPv6 is still forwarded" becomes fd00:2::2 "forwarded forwarded"
check "… and the rule drops" sh -c "! ip netns exec $TAG-a ping -c 1 -W 0.3 10.0.2.2"
check "… and the log says so" grep -q 'nftables' "$WORK/heddle-r.log"
check "… and show holds" grep -q netfilter <(in_ r "$HEDDLE" show holds)
check "… and the doctor" grep -q 'nftables' <(in_ r "$HEDDLE" doctor)
in_ r nft delete table ip f
check "without the rule it is forwarded again" becomes 10.0.2.2 "forwarded forwarded"

in_ r nft add table inet g
in_ r nft 'add chain inet g forward { type filter hook forward priority 0; policy drop; }'
check "a policy of drop counts as a rule, for both families" becomes fd00:2::2 "kernel netfilter"
in_ r nft delete table inet g

# The daemon cannot open a socket to read nftables with.
in_ r nft add table ip f
in_ r nft 'add chain ip f forward { type filter hook forward priority 0; policy drop; }'
check "a policy of drop leaves IPv4 to the kernel" becomes 10.0.2.2 "kernel netfilter"
prlimit --pid "$heddle_pid" --nofile=3:1024
in_ r nft add chain ip f other
sleep 0.3
check "when nftables cannot be read, nothing bypasses it" \
	sh -c "! ip netns exec $TAG-a ping -c 1 -W 0.3 10.0.2.2"
check "… not even what was forwarded before" \
	sh -c "before=\$(ip netns exec $TAG-r nstat -asz Ip6OutForwDatagrams | awk '/Ip6Out/ {print \$2}')
		ip netns exec $TAG-a ping -c 3 -i 0.1 fd00:2::2 >/dev/null
		after=\$(ip netns exec $TAG-r nstat -asz Ip6OutForwDatagrams | awk '/Ip6Out/ {print \$2}')
		[ \$((after - before)) -ge 3 ]"
prlimit --pid "$heddle_pid" --nofile=1024:1024
check "… and the log says so" grep -q 'could not be read' "$WORK/heddle-r.log"
# Sysctls could not be read either: forwarding counts as off, until they are read again, too.
wait_for 12 sh -c "ip netns exec $TAG-r $HEDDLE show route fd00:2::2 port r0 --json |
	grep -q '\"decision\":\"forwarded\"'"
check "… until it can be read again" becomes fd00:2::2 "forwarded forwarded"
check "… and IPv4 is the kernel's still" becomes 10.0.2.2 "kernel netfilter"
in_ r nft delete table ip f

in_ r nft add table ip n
in_ r nft 'add chain ip n post { type nat hook postrouting priority 100; }'
in_ r nft add rule ip n post masquerade
check "NAT leaves IPv4 to the kernel" becomes 10.0.2.2 "kernel netfilter"
in_ r nft delete table ip n
in_ r nft add table ip i
in_ r nft 'add chain ip i input { type filter hook input priority 0; policy drop; }'
check "the input hook concerns no transit" becomes 10.0.2.2 "forwarded forwarded"
in_ r nft delete table ip i

ip -n "$TAG-r" rule add from 10.0.1.0/24 lookup 100
check "an ip rule leaves IPv4 to the kernel" becomes 10.0.2.2 "kernel rule"
check "… not IPv6" becomes fd00:2::2 "forwarded forwarded"
ip -n "$TAG-r" rule del from 10.0.1.0/24 lookup 100
check "without it, forwarded" becomes 10.0.2.2 "forwarded forwarded"

ip -n "$TAG-r" xfrm policy add src 10.0.1.0/24 dst 10.0.2.0/24 dir fwd action block
if ip -n "$TAG-r" xfrm policy list | grep -q 10.0.1; then
	check "an IPsec policy leaves IPv4 to the kernel" becomes 10.0.2.2 "kernel xfrm"
	ip -n "$TAG-r" xfrm policy flush
	check "without it, forwarded, too" becomes 10.0.2.2 "forwarded forwarded"
fi

if in_ r tc qdisc add dev r1 root tbf rate 10mbit burst 10k latency 50ms 2>/dev/null; then
	check "a shaping qdisc on the way out leaves it to the kernel" \
		becomes 10.0.2.2 "kernel traffic-control"
	in_ r tc qdisc del dev r1 root
	check "… until it is gone" becomes 10.0.2.2 "forwarded forwarded"
fi
if in_ r tc qdisc add dev r0 clsact 2>/dev/null; then
	check "clsact on the way in leaves it to the kernel" becomes 10.0.2.2 "kernel traffic-control"
	in_ r tc qdisc del dev r0 clsact
fi

ip -n "$TAG-r" route add local 10.7.0.0/24 dev lo
check "a source within a network of the router's own is a martian" \
	wait_for 3 sh -c "ip netns exec $TAG-r $HEDDLE show route 10.0.2.2 from 10.7.0.5 port r0 --json |
		grep -q '\"reason\":\"martian-source\"'"
ip -n "$TAG-r" route del local 10.7.0.0/24 dev lo

in_ r sysctl -qw net.ipv4.conf.r0.rp_filter=1
sleep 0.3
rp() { in_ r "$HEDDLE" show route 10.0.2.2 from "$1" port r0 --json; }
check "strict rp_filter: a source behind the port is forwarded" \
	wait_for 3 sh -c "ip netns exec $TAG-r $HEDDLE show route 10.0.2.2 from 10.0.1.2 port r0 --json |
		grep -q '\"decision\":\"forwarded\"'"
check "strict rp_filter: another source is the kernel's to drop" \
	wait_for 3 sh -c "ip netns exec $TAG-r $HEDDLE show route 10.0.2.2 from 10.0.2.7 port r0 --json |
		grep -q '\"reason\":\"reverse-path\"'"
in_ r sysctl -qw net.ipv4.conf.r0.rp_filter=2
check "loose rp_filter: a source with any route is forwarded" \
	wait_for 12 sh -c "ip netns exec $TAG-r $HEDDLE show route 10.0.2.2 from 10.0.2.7 port r0 --json |
		grep -q '\"decision\":\"forwarded\"'"
check "loose rp_filter: a source with none is the kernel's" \
	grep -q '"reason":"reverse-path"' <(rp 192.0.2.9)
in_ r sysctl -qw net.ipv4.conf.r0.rp_filter=0 net.ipv4.conf.r0.forwarding=0
check "forwarding turned off on a port is obeyed" becomes 10.0.2.2 "kernel forwarding-off"
in_ r sysctl -qw net.ipv4.conf.r0.forwarding=1
check "… and turned on" becomes 10.0.2.2 "forwarded forwarded"

if ip -n "$TAG-r" link add m0 link r0 type macvlan mode passthru; then
	check "a macvlan on a port has its frames left to the kernel" \
		becomes 10.0.2.2 "kernel enslaved"
	ip -n "$TAG-r" link del m0
	check "… until it is gone" becomes 10.0.2.2 "forwarded forwarded"
fi

ip -n "$TAG-b" link set b0 xdp off
in_ b ethtool -K b0 gro off >/dev/null
check "a way out that takes no redirected frames is left to the kernel" \
	becomes 10.0.2.2 "kernel cannot-transmit"
check "… and still works" in_ a ping -c 1 -W 1 10.0.2.2
in_ b ethtool -K b0 gro on >/dev/null
check "… until it takes them" becomes 10.0.2.2 "forwarded forwarded"

stop_heddle
in_ r nft add table ip f
in_ r nft 'add chain ip f forward { type filter hook forward priority 0; }'
in_ r nft add rule ip f forward counter
start_heddle r --all --bypass netfilter
check "--bypass forwards all the same" becomes 10.0.2.2 "forwarded forwarded"
check "… and says so" grep -q bypassed "$WORK/heddle-r.log"
check "a wrong --bypass is refused" equal "$(in_ r "$HEDDLE" run --all --bypass x >/dev/null 2>&1; echo $?)" 2
finish
