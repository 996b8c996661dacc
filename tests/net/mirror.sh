#!/bin/bash
# mirror.sh: a mirror follows a namespace through additions, replacements, deletions, flaps and
# churn; after each step its tables are compared with the kernel's answers (mirror_check.c).
#
#   tests/net/mirror.sh <mirror_check> [routes to churn, 2000 unless told] [routes to load, 0]
set -euo pipefail

check=$1
churn=${2:-2000}
load=${3:-0}
name=mirror$$
ip=(ip -n "$name")

clean_up() {
	ip netns del "$name" 2>/dev/null || true
	ip netns del "$name-far" 2>/dev/null || true
	rm -rf "$work"
}
work=$(mktemp -d)
trap clean_up EXIT

ip netns add "$name"
ip netns add "$name-far"
"${ip[@]}" link set lo up
for port in 1 2 3 4; do
	"${ip[@]}" link add "port$port" type veth peer name "far$port" netns "$name-far"
	ip -n "$name-far" link set "far$port" up
	"${ip[@]}" link set "port$port" up
	"${ip[@]}" addr add "10.0.$port.1/24" dev "port$port"
	"${ip[@]}" -6 addr add "2001:db8:$port::1/64" dev "port$port" nodad
	for host in 2 3 4; do
		mac=02:00:00:00:0$port:0$host
		"${ip[@]}" neigh add "10.0.$port.$host" lladdr "$mac" dev "port$port"
		"${ip[@]}" neigh add "2001:db8:$port::$host" lladdr "$mac" dev "port$port"
		"${ip[@]}" neigh add "fe80::$host" lladdr "$mac" dev "port$port"
	done
done
ip netns exec "$name" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1

coproc probe { ip netns exec "$name" "$check" -f; }
probe_out=${probe[0]}
probe_in=${probe[1]}
# shellcheck disable=SC2154 # coproc sets it
probe_pid=$probe_PID
failed=0

# compare <what was done> [audit]: asks the following mirror, and shows its one line.
compare() {
	local line
	echo "${2:-check}" >&"$probe_in"
	while read -r line <&"$probe_out"; do
		printf '%-44s %s\n' "$1" "$line"
		[[ $line != *wrong ]] && continue
		[[ $line == *" 0 wrong" ]] || failed=1
		return
	done
	echo "mirror_check ended"
	exit 1
}

batch() {
	"${ip[@]}" -force -batch "$work/batch" 2>/dev/null || true
}

compare "as found"

"${ip[@]}" route add 20.0.0.0/8 via 10.0.1.2
"${ip[@]}" route add 20.1.0.0/16 via 10.0.2.2 metric 10
"${ip[@]}" route add 20.1.0.0/16 via 10.0.3.2 metric 5
"${ip[@]}" route add 20.2.0.0/16 nexthop via 10.0.1.2 weight 1 nexthop via 10.0.2.3 weight 3
"${ip[@]}" route add 20.3.0.0/16 via inet6 fe80::2 dev port3
"${ip[@]}" route add blackhole 20.4.0.0/16
"${ip[@]}" route add unreachable 20.5.0.0/16
"${ip[@]}" route add prohibit 20.6.0.0/16
"${ip[@]}" route add throw 20.7.0.0/16
"${ip[@]}" route add 20.8.0.0/16 via 10.0.1.2 mtu 1400
"${ip[@]}" route add 20.9.0.0/16 via 10.0.1.2 tos 0x10
"${ip[@]}" route add 10.0.1.2/32 via 10.0.2.3
"${ip[@]}" route add 10.0.2.0/28 dev port3
"${ip[@]}" route add default via 10.0.4.2
"${ip[@]}" -6 route add 2001:db8:20::/48 via 2001:db8:1::2
"${ip[@]}" -6 route add 2001:db8:21::/48 via fe80::3 dev port2
"${ip[@]}" -6 route add 2001:db8:22::/48 nexthop via fe80::3 dev port2 nexthop via fe80::2 dev port3
"${ip[@]}" -6 route append 2001:db8:21::/48 via fe80::4 dev port4
"${ip[@]}" -6 route add unreachable 2001:db8:23::/48
"${ip[@]}" -6 route add 2001:db8:24::/48 via fe80::2 dev port1 metric 10
"${ip[@]}" -6 route add 2001:db8:24::/48 via fe80::2 dev port2 metric 20
"${ip[@]}" -6 route add default via fe80::2 dev port4
compare "routes of every kind added"

"${ip[@]}" route replace 20.0.0.0/8 via 10.0.3.3
"${ip[@]}" route append 20.1.0.0/16 via 10.0.4.3 metric 5
"${ip[@]}" route prepend 20.1.0.0/16 via 10.0.4.4 metric 5
"${ip[@]}" -6 route replace 2001:db8:20::/48 via fe80::4 dev port4
"${ip[@]}" -6 route del 2001:db8:22::/48 via fe80::3 dev port2
compare "replaced, appended, prepended, shrunk"

"${ip[@]}" nexthop add id 1 via 10.0.1.2 dev port1
"${ip[@]}" nexthop add id 2 via 10.0.2.2 dev port2
"${ip[@]}" nexthop add id 3 via fe80::3 dev port3
"${ip[@]}" nexthop add id 4 blackhole
"${ip[@]}" nexthop add id 10 group 1,2/2,4
"${ip[@]}" nexthop add id 11 group 1/2,5
"${ip[@]}" nexthop add id 12 group 3 type resilient buckets 8 2>/dev/null || true
"${ip[@]}" route add 30.0.0.0/16 nhid 1
"${ip[@]}" route add 30.1.0.0/16 nhid 3
"${ip[@]}" route add 30.2.0.0/16 nhid 4
"${ip[@]}" nexthop replace id 10 group 1,1/2,3
"${ip[@]}" route add 30.3.0.0/16 nhid 10
"${ip[@]}" -6 route add 2001:db8:30::/48 nhid 3
compare "next-hop objects"

"${ip[@]}" nexthop replace id 1 via 10.0.4.2 dev port4
"${ip[@]}" nexthop replace id 10 group 2
compare "next-hop objects replaced"

"${ip[@]}" link set port2 down
compare "port2 down"
"${ip[@]}" link set port2 up
for host in 2 3 4; do
	"${ip[@]}" neigh replace "10.0.2.$host" lladdr "02:00:00:00:02:0$host" dev port2
done
compare "port2 up again"
ip -n "$name-far" link set far3 down
compare "port3 without carrier"
ip -n "$name-far" link set far3 up
compare "port3 with carrier again"
"${ip[@]}" nexthop del id 1
compare "a next-hop object deleted"
"${ip[@]}" route add 40.0.0.0/16 via 10.0.1.2 src 10.0.4.1
"${ip[@]}" addr del 10.0.4.1/24 dev port4
compare "an address deleted, at once"
compare "an address deleted, after an audit" audit
"${ip[@]}" addr add 10.0.4.1/24 dev port4
"${ip[@]}" neigh del 10.0.1.3 dev port1
"${ip[@]}" neigh replace 10.0.1.4 lladdr 02:00:00:00:09:09 dev port1
compare "neighbours changed"

# A message larger than any that ip(8) can cause: a route of 1,100 hops.
port1=$(ip netns exec "$name" cat /sys/class/net/port1/ifindex)
ip netns exec "$name" python3 - "$port1" <<'EOF'
import socket, struct, sys
RTM_NEWROUTE, RTA_DST, RTA_GATEWAY, RTA_MULTIPATH = 24, 1, 5, 9
def attribute(kind, payload):
    return struct.pack("HH", 4 + len(payload), kind) + payload
gateway = attribute(RTA_GATEWAY, socket.inet_aton("10.0.1.2"))
hop = struct.pack("HBBi", 8 + len(gateway), 0, 0, int(sys.argv[1])) + gateway
route = struct.pack("BBBBBBBBI", socket.AF_INET, 16, 0, 0, 254, 4, 0, 1, 0)
route += attribute(RTA_DST, socket.inet_aton("20.10.0.0")) + attribute(RTA_MULTIPATH, hop * 1100)
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
netlink.send(struct.pack("IHHII", 16 + len(route), RTM_NEWROUTE, 0x605, 1, 0) + route)
error = struct.unpack_from("i", netlink.recv(65536), 16)[0]
sys.exit(f"the route is refused: {error}" if error else 0)
EOF
compare "a route told in a message of 17 kB"
"${ip[@]}" route del 20.10.0.0/16

for ((i = 0; i < churn; i++)); do
	net="$((50 + RANDOM % 4)).$((RANDOM % 64)).$((RANDOM % 256 & 240)).0/$((16 + RANDOM % 13))"
	net6="2001:db8:5$((RANDOM % 4)):$((RANDOM % 10))000::/$((48 + RANDOM % 17))"
	gateway="10.0.$((1 + RANDOM % 4)).$((2 + RANDOM % 3))"
	port=$((1 + RANDOM % 4))
	case $((RANDOM % 8)) in
	0 | 1) echo "route add $net via $gateway" ;;
	2) echo "route replace $net via $gateway metric $((RANDOM % 3))" ;;
	3) echo "route append $net via $gateway metric $((RANDOM % 3))" ;;
	4) echo "route del $net" ;;
	5) echo "route replace $net6 via fe80::$((2 + RANDOM % 3)) dev port$port" ;;
	6) echo "route append $net6 via fe80::$((2 + RANDOM % 3)) dev port$port" ;;
	7) echo "route del $net6 via fe80::$((2 + RANDOM % 3)) dev port$port" ;;
	esac
done >"$work/random"
python3 - "$work/random" >"$work/batch" <<'EOF'
import ipaddress, sys
for line in open(sys.argv[1]):
    words = line.split()
    words[2] = str(ipaddress.ip_network(words[2], strict=False))
    print(*words)
EOF
batch
compare "$churn random changes"

for round in 1 2 3; do
	port=$((1 + RANDOM % 4))
	"${ip[@]}" link set "port$port" down
	shuf "$work/batch" >"$work/shuffled" && mv "$work/shuffled" "$work/batch"
	batch
	"${ip[@]}" link set "port$port" up
	compare "flap $round of port$port amid changes"
done
compare "and after an audit" audit
"${ip[@]}" link del port4
compare "port4 deleted"
"${ip[@]}" route flush table main 2>/dev/null || true
"${ip[@]}" -6 route flush table main 2>/dev/null || true
compare "all routes flushed"

exec {probe_in}>&-
cat <&"$probe_out" || true
wait "$probe_pid" || failed=1

if ((load)); then
	python3 - "$load" >"$work/batch" <<'EOF'
import sys
for i in range(int(sys.argv[1])):
    print("route add %d.%d.%d.0/24 via 10.0.%d.2" % (20 + (i >> 16), i >> 8 & 255, i & 255, 1 + i % 3))
EOF
	for port in 1 2 3; do "${ip[@]}" addr replace "10.0.$port.1/24" dev "port$port"; done
	for port in 1 2 3; do "${ip[@]}" route replace "10.0.$port.0/24" dev "port$port"; done
	batch
	ip netns exec "$name" "$check" -t
fi
exit "$failed"
