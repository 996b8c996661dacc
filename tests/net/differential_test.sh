#!/usr/bin/env bash
# The same 100,000 frames, random and adversarial, through plain Linux and through Heddle: what comes
# out of every port is the same, byte for byte.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
FRAMES=${FRAMES:-100000}
SEED=${SEED:-$RANDOM$RANDOM}

# twin X: hosts Xa, Xb, Xc around a router Xr, all with the same addresses in each twin.
twin() {
	local x=$1 n end
	host "${x}r" "${x}a" "${x}b" "${x}c"
	router "${x}r"
	in_ "${x}r" sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=1000000 \
		net.ipv4.icmp_msgs_burst=100000 net.ipv6.icmp.ratelimit=0 \
		net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
	n=0
	for end in a b c; do
		n=$((n + 1))
		in_ "$x$end" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
		link "$x$end" ${end}0 "${x}r" r$n
		ip -n "$TAG-$x$end" link set ${end}0 arp off address 02:00:00:00:00:0$((n * 2))
		ip -n "$TAG-${x}r" link set r$n address 02:00:00:00:00:0$((n * 2 - 1))
		in_ "$x$end" ethtool -K ${end}0 tx off >/dev/null
		address "${x}r" r$n 10.0.$n.1/24 fd00:$n::1/64
		ip -n "$TAG-${x}r" neigh replace 10.0.$n.2 lladdr 02:00:00:00:00:0$((n * 2)) dev r$n
		ip -n "$TAG-${x}r" neigh replace 10.0.$n.7 lladdr 02:00:00:00:00:0$((n * 2)) dev r$n
		ip -n "$TAG-${x}r" neigh replace fd00:$n::2 lladdr 02:00:00:00:00:0$((n * 2)) dev r$n
		ip -n "$TAG-${x}r" neigh replace fd00:$n::7 lladdr 02:00:00:00:00:0$((n * 2)) dev r$n
	done
	ip -n "$TAG-${x}r" link set r3 mtu 1400
	in_ "${x}r" ip -batch - <<-B
		route add 20.0.0.0/8 via 10.0.2.2
		route add 20.1.2.0/24 via 10.0.3.2
		route add 30.0.0.0/8 via 10.0.3.2
		route add 40.0.0.0/8 via inet6 fd00:2::2
		route add blackhole 50.0.0.0/8
		route add prohibit 60.0.0.0/8
		route add unreachable 70.0.0.0/8
		route add throw 80.0.0.0/8
		route add 172.16.0.0/12 via 10.0.1.2
		route add 2001:db8:2::/48 via fd00:2::2
		route add 2001:db8:3::/48 via fd00:3::2
		route add 2001:db8:77::/48 via fd00:1::2
		route add blackhole 2001:db8:50::/48
		route add prohibit 2001:db8:60::/48
		route add unreachable 2001:db8:70::/48
	B
}

twin k
twin h
start_heddle hr --all
for rp_filter in 0 1 2; do
	for x in k h; do
		in_ ${x}r sysctl -qw net.ipv4.conf.all.rp_filter=$rp_filter
	done
	sleep 1
	echo "seed $SEED, rp_filter $rp_filter"
	frames=$([ $rp_filter = 0 ] && echo "$FRAMES" || echo $((FRAMES / 5)))
	"$BUILD/tests/net/differential" "$TAG-k" "$TAG-h" "$frames" "$SEED" >"$WORK/differential.out"
	status=$?
	cat "$WORK/differential.out"
	check "with rp_filter $rp_filter Heddle's frames are Linux's" test $status = 0
done
check "Heddle forwarded, not the kernel alone" at_least "$(counted hr r1 forwarded)" $((FRAMES / 5))
for port in r1 r2 r3; do check "the ledger of $port balances" ledger_balances hr $port; done
finish
