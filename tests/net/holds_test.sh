#!/usr/bin/env bash
# Each thing in Linux that decides over forwarded traffic besides routes, from its coming to its
# going: seen, said, obeyed, and for what it concerns only. firewall_test.sh has the sysctls.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

around_router a b
by_router a b
# Some of what follows drops all, ARP and neighbour discovery too.
router_knows a b
for end in a:1:r0 b:2:r1; do
	IFS=: read -r name n near <<<"$end"
	in_ "$name" ethtool -K "${name}0" tx off >/dev/null
	for ip in "10.0.$n.1" "fd00:$n::1"; do
		ip -n "$TAG-$name" neigh replace "$ip" lladdr "$(mac_of r "$near")" dev "${name}0" \
			nud permanent
	done
done
# Four streams through the router: from a to b and back, by both families.
declare -A to=([out4]="10.0.2.2 r0" [back4]="10.0.1.2 r1" [out6]="fd00:2::2 r0" [back6]="fd00:1::2 r1")
declare -A sender=([out4]=a [out6]=a [back4]=b [back6]=b)

decided() { # decided STREAM: "forwarded", or the reason why the kernel has it
	local destination port
	read -r destination port <<<"${to[$1]}"
	in_ r "$HEDDLE" show route "$destination" port "$port" --json |
		jq -r 'if .decision == "forwarded" then .decision else .reason end'
}
all_decided() { # all_decided OUT4 BACK4 OUT6 BACK6
	local have
	have="$(decided out4) $(decided back4) $(decided out6) $(decided back6)"
	equal "$have" "$*"
}
shown() {
	in_ r "$HEDDLE" show holds --json | jq -r '.[].what' | grep -q "$1"
}
diagnosed() {
	in_ r "$HEDDLE" doctor --json | jq -r '.[].finding' | grep -q "$1"
}
logged() { # logged TEXT: in what was logged since the last mark
	tail -n "+$((mark + 1))" "$WORK/heddle-r.log" | grep "$1" | grep -q "$2"
}
fails() {
	! "$@"
}
# passes STREAM: one packet of it gets through the router, or not.
passes() {
	in_ "${sender[$1]}" ping -c 1 -W 0.3 "${to[$1]%% *}"
}
counted_for() { # counted_for STREAM REASON: what its ingress has counted
	counted r "${to[$1]##* }" "$2"
}

# comes "WHAT" TEXT SECONDS STREAM REASON OUT4 BACK4 OUT6 BACK6: TEXT is in the hold's words; the
# packets of STREAM are the kernel's for REASON, those of all four as told.
comes() {
	local what=$1 text=$2 seconds=$3 stream=$4 reason=$5 before
	shift 5
	check "$what: what it concerns is the kernel's, and nothing else" \
		wait_for "$seconds" all_decided "$@"
	check "… show holds has it" shown "$text"
	check "… the doctor finds it" diagnosed "$text"
	check "… the log says so" logged "$text" 'left to the kernel'
	before=$(counted_for "$stream" "$reason")
	passes "$stream" >/dev/null
	check "… its packets are counted under $reason" at_least \
		"$(counted_for "$stream" "$reason")" $((before + 1))
}
# goes "WHAT" TEXT SECONDS: all is as before.
goes() {
	check "$1 gone: all is forwarded" wait_for "$3" all_decided forwarded forwarded forwarded forwarded
	check "… show holds has it no more" fails shown "$2"
	check "… nor the doctor" fails diagnosed "$2"
	check "… the log says that it is gone" logged "$2" 'gone'
	check "… traffic flows" passes out4
	mark=$(wc -l <"$WORK/heddle-r.log")
}

for stream in out4 back4 out6 back6; do passes $stream >/dev/null; done
start_heddle r --all
mark=$(wc -l <"$WORK/heddle-r.log")
check "with nothing else all is forwarded" wait_for 5 all_decided forwarded forwarded forwarded forwarded
check "… and the doctor knows of nothing" diagnosed 'nothing but routes decides'

# nftables.
nft() { in_ r nft "$@"; }
nft add table inet f
nft 'add chain inet f pre { type filter hook prerouting priority -150; }'
nft add rule inet f pre ct state invalid drop
comes "conntrack in prerouting" 'chain inet f pre (1 rule)' 3 out4 netfilter \
	netfilter netfilter netfilter netfilter
nft delete table inet f
goes "conntrack in prerouting" 'chain inet f pre' 3

nft add table ip6 f
nft 'add chain ip6 f post { type filter hook postrouting priority 0; }'
nft add rule ip6 f post counter drop
comes "an IPv6 chain in postrouting" 'chain ip6 f post' 3 out6 netfilter \
	forwarded forwarded netfilter netfilter
check "… and it drops" fails passes out6
nft delete table ip6 f
goes "an IPv6 chain in postrouting" 'chain ip6 f post' 3

nft add table netdev f
if nft 'add chain netdev f in { type filter hook ingress device "r0" priority 0; policy drop; }'; then
	comes "a device's ingress chain" 'chain netdev f in .* on r0' 3 out4 netfilter \
		netfilter forwarded netfilter forwarded
	check "… and it drops" fails passes out4
	nft delete table netdev f
	goes "a device's ingress chain" 'chain netdev f in' 3
else
	leave_out "a device's ingress chain is obeyed" "the kernel has none"
fi
nft add table netdev f
if nft 'add chain netdev f out { type filter hook egress device "r1" priority 0; policy drop; }'; then
	comes "a device's egress chain" 'chain netdev f out .* on r1' 3 out4 netfilter \
		netfilter forwarded netfilter forwarded
	check "… and it drops" fails passes out4
	nft delete table netdev f
	goes "a device's egress chain" 'chain netdev f out' 3
else
	leave_out "a device's egress chain is obeyed" "the kernel has none"
fi

nft add table inet f
if nft 'add flowtable inet f fast { hook ingress priority 0; devices = { r0, r1 }; }' 2>/dev/null; then
	comes "a flowtable" 'flowtable inet f fast' 3 out4 netfilter netfilter netfilter netfilter netfilter
	nft delete table inet f
	goes "a flowtable" 'flowtable inet f fast' 3
else
	leave_out "a flowtable leaves all to the kernel" "the kernel has none (CONFIG_NF_FLOW_TABLE)"
	nft delete table inet f
fi

# What changes in a ruleset is said once, not the rest again.
nft add table ip one
nft 'add chain ip one forward { type filter hook forward priority 0; policy drop; }'
wait_for 3 shown 'chain ip one forward'
nft add table ip two
nft 'add chain ip two forward { type filter hook forward priority 1; policy drop; }'
wait_for 3 shown 'chain ip two forward'
sleep 0.3
check "a hold is logged once, whatever else comes" equal \
	"$(tail -n "+$((mark + 1))" "$WORK/heddle-r.log" | grep -c 'chain ip one forward')" 1
nft delete table ip one
nft delete table ip two
goes "both chains" 'chain ip one forward' 3

# Legacy iptables, which notifies nobody: it is looked for each ten seconds.
LEGACY=14
if ! command -v iptables-legacy >/dev/null; then
	leave_out "legacy iptables is obeyed" "iptables-legacy is not installed"
elif ! in_ r iptables-legacy -S >/dev/null 2>&1; then
	leave_out "legacy iptables is obeyed" "the kernel lacks ip_tables"
else
	in_ r iptables-legacy -A INPUT -s 10.0.1.2 -p tcp --dport 1 -j DROP
	in_ r iptables-legacy -P INPUT DROP
	in_ r iptables-legacy -A FORWARD -s 10.0.1.2 -d 10.0.2.2 -j DROP
	# Sysctls that change meanwhile, of which some are told, must not put it off.
	touch "$WORK/fidget"
	while [ -e "$WORK/fidget" ]; do
		in_ r sysctl -qw net.ipv4.conf.r1.proxy_arp=$((fidget = !${fidget:-0}))
		sleep 1
	done &
	comes "a rule of legacy iptables" 'legacy iptables chain filter FORWARD' $LEGACY out4 netfilter \
		netfilter netfilter forwarded forwarded
	rm "$WORK/fidget"
	check "… and it drops" fails passes out4
	in_ r iptables-legacy -D FORWARD 1
	goes "a rule of legacy iptables (those for the router itself stay)" 'legacy iptables' $LEGACY
	in_ r iptables-legacy -F INPUT
	in_ r iptables-legacy -P INPUT ACCEPT
	in_ r iptables-legacy -P FORWARD DROP
	in_ r iptables-legacy -t nat -A POSTROUTING -o r1 -j MASQUERADE
	in_ r ip6tables-legacy -t mangle -A PREROUTING -d fd00:2::2 -j DROP
	comes "a policy of legacy iptables" 'legacy iptables chain filter FORWARD (policy drop)' $LEGACY \
		out4 netfilter netfilter netfilter netfilter netfilter
	check "… and it drops" fails passes out4
	check "… show holds has its NAT" shown 'legacy iptables chain nat POSTROUTING'
	check "… and the mangle table of ip6tables" shown 'legacy ip6tables chain mangle PREROUTING'
	check "… which drops" fails passes out6
	in_ r iptables-legacy -P FORWARD ACCEPT
	in_ r iptables-legacy -t nat -F
	check "each family for itself" wait_for $LEGACY all_decided forwarded forwarded netfilter netfilter
	in_ r ip6tables-legacy -t mangle -F
	goes "legacy iptables" 'legacy ip6*tables' $LEGACY
fi

# Traffic control.
tc_() { in_ r tc "$@"; }
if tc_ qdisc add dev r0 clsact 2>/dev/null; then
	comes "clsact" 'qdisc clsact at the ingress of r0' 3 out4 traffic-control \
		traffic-control traffic-control traffic-control traffic-control
	tc_ qdisc del dev r0 clsact
	goes "clsact" 'qdisc clsact' 3
	tc_ qdisc add dev r1 ingress
	comes "an ingress qdisc" 'qdisc ingress at the ingress of r1' 3 back4 traffic-control \
		forwarded traffic-control forwarded traffic-control
	tc_ qdisc del dev r1 ingress
	goes "an ingress qdisc" 'qdisc ingress' 3
else
	leave_out "tc filters are obeyed" "the kernel lacks clsact"
fi
background r "$(dirname "$0")/tcx.py" r0 ingress >"$WORK/tcx" 2>&1
tcx_ingress=$!
if wait_for 5 grep -q . "$WORK/tcx" && grep -q attached "$WORK/tcx"; then
	comes "a tcx program at the ingress" "tcx program at the ingress of r0" 14 out4 traffic-control \
		traffic-control forwarded traffic-control forwarded
	check "… and it drops" fails passes out4
	background r "$(dirname "$0")/tcx.py" r1 egress >"$WORK/tcx" 2>&1
	tcx_egress=$!
	check "another at the egress is seen, too" wait_for 14 shown "tcx program at the egress of r1"
	kill "$tcx_ingress"
	check "the one at the ingress goes" wait_for 14 fails shown "at the ingress of r0"
	comes "a tcx program at the egress" "tcx program at the egress of r1" 14 out4 traffic-control \
		traffic-control forwarded traffic-control forwarded
	check "… and it drops" fails passes out4
	kill "$tcx_egress"
	goes "a tcx program" 'tcx program' 14
else
	leave_out "tcx programs are obeyed" "the kernel has none: $(cat "$WORK/tcx")"
fi
for qdisc in "tbf rate 10mbit burst 10k latency 50ms" "htb default 1"; do
	kind=${qdisc%% *}
	# shellcheck disable=SC2086
	if tc_ qdisc add dev r1 root $qdisc 2>/dev/null; then
		comes "$kind" "qdisc $kind at the egress of r1" 3 out4 traffic-control \
			traffic-control forwarded traffic-control forwarded
		tc_ qdisc del dev r1 root
		goes "$kind" "qdisc $kind" 3
	else
		leave_out "$kind leaves what it shapes to the kernel" "the kernel lacks it"
	fi
done
for kind in pfifo bfifo pfifo_fast fq fq_codel; do
	if tc_ qdisc add dev r1 root $kind 2>/dev/null; then
		sleep 0.5
		check "$kind only queues: all is forwarded" \
			all_decided forwarded forwarded forwarded forwarded
		check "… and no hold" fails shown 'qdisc'
		tc_ qdisc del dev r1 root
	else
		leave_out "$kind only queues: all is forwarded" "the kernel lacks it"
	fi
done

# IPsec.
if ip -n "$TAG-r" xfrm policy add src 10.0.1.0/24 dst 10.0.2.0/24 dir fwd action block 2>/dev/null; then
	comes "an IPsec policy" 'xfrm policy .* direction fwd' 3 out4 xfrm xfrm xfrm forwarded forwarded
	check "… and it blocks" fails passes out4
	ip -n "$TAG-r" xfrm policy flush
	goes "an IPsec policy" 'xfrm policy' 3
	ip -n "$TAG-r" xfrm policy add src fd00:1::/64 dst fd00:2::/64 dir out action block
	comes "an IPsec policy for IPv6" 'xfrm policy .* direction out' 3 out6 xfrm \
		forwarded forwarded xfrm xfrm
	check "… and it blocks" fails passes out6
	ip -n "$TAG-r" xfrm policy delete src fd00:1::/64 dst fd00:2::/64 dir out
	goes "an IPsec policy for IPv6" 'xfrm policy' 3
	if ip -n "$TAG-r" xfrm policy setdefault fwd block 2>/dev/null; then
		comes "IPsec's default of blocking" 'xfrm blocks by default' 3 out4 xfrm xfrm xfrm xfrm xfrm
		check "… and it blocks" fails passes out4
		ip -n "$TAG-r" xfrm policy setdefault fwd accept
		goes "IPsec's default of blocking" 'xfrm blocks' 3
	else
		leave_out "IPsec's default of blocking is obeyed" "the kernel or iproute2 has none"
	fi
else
	leave_out "IPsec policies are obeyed" "the kernel lacks XFRM"
fi

# Rules.
rule() { ip -n "$TAG-r" "$@"; }
rule rule add from 10.0.1.0/24 blackhole pref 50
comes "an ip rule" 'ip rule 50' 3 out4 rule rule rule forwarded forwarded
check "… and it is obeyed" fails passes out4
rule rule del pref 50
goes "an ip rule" 'ip rule 50' 3
rule -6 rule add iif r0 unreachable pref 60
comes "an IPv6 rule for what arrives by one port" 'ip -6 rule 60 iif r0' 3 out6 rule \
	forwarded forwarded rule forwarded
check "… and it is obeyed" fails passes out6
rule -6 rule del pref 60
goes "an IPv6 rule for what arrives by one port" 'ip -6 rule 60' 3
rule rule add iif lo blackhole pref 70
rule rule add iif nowhere blackhole pref 80
sleep 0.5
check "rules for what the router sends, or for no device, concern no transit" \
	all_decided forwarded forwarded forwarded forwarded
rule rule del pref 70
rule rule del pref 80
rule rule del pref 32766
comes "the main table's rule missing" 'ip rule for table main' 3 out4 rule \
	rule rule forwarded forwarded
check "… and it is obeyed" fails passes out4
rule rule add lookup main pref 32766
goes "the main table's rule missing" 'ip rule for table main' 3

# All at once, and a daemon that finds them there.
nft add table ip f
nft 'add chain ip f forward { type filter hook forward priority 0; policy drop; }'
rule rule add from 10.0.1.0/24 lookup main pref 50
tc_ qdisc add dev r1 root tbf rate 10mbit burst 10k latency 50ms 2>/dev/null
stop_heddle
start_heddle r --all
mark=0
check "a daemon that starts says what is there already" logged 'chain ip f forward' 'left to the kernel'
check "… all of it" logged 'ip rule 50' 'left to the kernel'
check "… and never forwarded what it concerns" equal "$(counted r r0 forwarded)" 0
tc_ qdisc del dev r1 root 2>/dev/null
rule rule del pref 50
nft delete table ip f
goes "what was there" 'chain ip f forward' 5
check "r0's ledger balances" ledger_balances r r0
check "r1's ledger balances" ledger_balances r r1
finish
