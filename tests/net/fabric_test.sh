#!/usr/bin/env bash
# A fabric raised, used, proven, broken and removed: real FRR and BIRD, Heddle on every switch.
# shellcheck source=tests/net/lib.sh disable=SC2317
. "$(dirname "$0")/lib.sh"

TWIN=$TAG
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; "$HEDDLE" twin down --name "$TWIN-b" 2>/dev/null; "$HEDDLE" twin down --name "$TWIN-e" 2>/dev/null; cleanup' EXIT
cat >"$WORK/fabric.yaml" <<'Y'
fabric: dc1
spines: 2
leaves: 4
borders: 1
tenants:
  web: {ipv4: 10.1.0.0/16, ipv6: fd00:1::/48}
  db: {ipv4: 10.2.0.0/16}
racks:
  leaf3: {hosts: [db1, db2], tenant: db}
  leaf1: {hosts: 2, dual-homed-to: leaf2}
external:
  isp1: {asn: 64999, attach: [border1], announces: [0.0.0.0/0, "::/0"], daemon: bird}
policies:
  - deny: [db, external]
Y

on() {
	local node=$1
	shift
	ip netns exec "$TWIN.$node" "$@"
}
verified() {
	"$HEDDLE" fabric verify --name "$TWIN" >"$WORK/verdict" 2>&1
}
processes() {
	ip netns pids "$TWIN.$1" | wc -l
}

check "the fabric comes up" "$HEDDLE" twin up --name "$TWIN" --patience 60 "$WORK/fabric.yaml"
check "a second of that name is refused" sh -c \
	"! $HEDDLE twin up --name $TWIN $WORK/fabric.yaml 2>$WORK/said"
check "… with what removes the first" grep -q "heddle twin down --name $TWIN" "$WORK/said"
check "its tables are proven, kernels' and Heddles'" wait_for 10 verified
check "… and no violation is found" grep -q '^0 violations, 0 bad links$' "$WORK/verdict"
check "a host reaches another rack" on leaf4-h1 ping -c 2 -i 0.1 -W 1 10.1.0.1
check "… by IPv6" on leaf4-h1 ping -c 2 -i 0.1 -W 1 fd00:1::1
check "… and another tenant" on leaf4-h1 ping -c 2 -i 0.1 -W 1 10.2.0.1
check "a dual-homed host is reached by its own address" on leaf4-h1 ping -c 2 -i 0.1 -W 1 10.1.3.1
check "Heddle forwarded that" at_least \
	"$(on leaf4 "$HEDDLE" show ports --json | jq '[.[].forwarded.packets] | add')" 6
check "what lies beyond BIRD is found by the default route" \
	grep -q 'From 10.254.0.1 ' <(on leaf4-h1 ping -c 1 -W 1 192.0.2.1)
check "… but not by a tenant that may not" grep -q 'From 10.2.0.0 ' <(on db1 ping -c 1 -W 1 192.0.2.1)
bfd_sessions() { [ "$(vtysh --vty_socket "/run/heddle/twin/$TWIN/nodes/spine1" -c 'show bfd peers brief' | grep -c ' up')" = 5 ]; }
check "BFD watches every session of a spine" wait_for 10 bfd_sessions
check "JSON says the same" equal "$("$HEDDLE" fabric verify --json --name "$TWIN" | jq .violations)" 0

# Fifteen kinds of fault, each put in by hand, found, and mended. fault "SENTENCE" PATTERN NODE BREAK MEND
fault() {
	local sentence=$1 pattern=$2 node=$3
	on "$node" sh -c "$4" >/dev/null 2>&1
	found() { ! "$HEDDLE" fabric verify --most 1000 --name "$TWIN" >"$WORK/verdict" 2>&1 && grep -qE "$pattern" "$WORK/verdict"; }
	check "found: $sentence" wait_for 5 found
	check "… with a packet and its way" witnessed "$pattern"
	on "$node" sh -c "$5" >/dev/null 2>&1
	check "… and gone when mended" wait_for 20 verified
}
# Below the violation stand a packet and its way, to or by the node; not if no packet fares worse.
witnessed() {
	grep -m 1 -A 2 -E "$1" "$WORK/verdict" | {
		read -r kind _
		read -r packet
		read -r way
		[[ $kind == entry: ]] ||
			[[ $packet =~ ^[0-9a-f.:]+' to '[0-9a-f.:]+', udp 49152 to 443'$ && $way =~ ^[a-z]+[0-9]: ]]
	}
}
via() { # the link-local address of a node's port
	on "$1" ip -6 addr show dev "$2" scope link | sed -n 's#.*inet6 \(fe80[^/]*\)/.*#\1#p'
}
fault "a route that leads to the wrong leaf, a loop" '^loop: 10.1.1.0/24 at spine1 ' spine1 \
	"ip route replace 10.1.1.0/24 via inet6 $(via leaf4 swp64) dev swp4" "ip route del 10.1.1.0/24 via inet6 $(via leaf4 swp64) dev swp4"
fault "a blackhole at a leaf" '^blackhole: 10.2.0.[01]/32 at leaf4 ' leaf4 \
	"ip route add blackhole 10.2.0.0/25" "ip route del blackhole 10.2.0.0/25"
fault "a blackhole at a spine" '^blackhole: 10.1.2.0/25 at spine2 |^blackhole: 10.1.0.[01]/32 at spine2 ' spine2 \
	"ip route add unreachable 10.1.0.0/25" "ip route del unreachable 10.1.0.0/25"
fault "a path fewer than planned" '^paths: 10.2.0.[01]/32 at leaf4 ' leaf4 \
	"ip route add 10.2.0.0/25 via inet6 $(via spine1 swp4) dev swp64; ip route add 10.2.0.128/25 via inet6 $(via spine1 swp4) dev swp64" \
	"ip route del 10.2.0.0/25; ip route del 10.2.0.128/25"
fault "ways of which one takes nearly all" '^shares: 10.2.0.0/25 at leaf4 \(kernel\): by shares 9:1 of swp64 \(spine1\), swp63 \(spine2\), not equal ones' leaf4 \
	"ip route add 10.2.0.0/25 nexthop via inet6 $(via spine1 swp4) dev swp64 weight 9 nexthop via inet6 $(via spine2 swp4) dev swp63 weight 1" \
	"ip route del 10.2.0.0/25"
fault "a way by the right port to nobody" '^neighbour: 10.2.0.0/25 at leaf4 \(kernel\): by swp64 to fe80::dead, not to spine1:swp4' leaf4 \
	"ip route add 10.2.0.0/25 nexthop via inet6 fe80::dead dev swp64 nexthop via inet6 $(via spine2 swp4) dev swp63" \
	"ip route del 10.2.0.0/25"
fault "a neighbour with a MAC address of nobody's" '^neighbour: 169.254.0.1 at leaf4 \(kernel\): by swp64 to 02:00:00:00:00:01, not ' leaf4 \
	"ip neigh replace 169.254.0.1 lladdr 02:00:00:00:00:01 dev swp64 nud permanent" \
	"ip neigh replace 169.254.0.1 lladdr $(on spine1 cat /sys/class/net/swp4/address) dev swp64 nud permanent"
fault "a leak to whom a policy denies" '^leak: .* at leaf3 ' leaf3 \
	"ip route add 0.0.0.0/0 via inet6 $(via spine1 swp3) dev swp64" "ip route del 0.0.0.0/0"
fault "a host route to the wrong port" 'at leaf4 ' leaf4 \
	"ip route add 10.1.2.1/32 dev swp2" "ip route del 10.1.2.1/32 dev swp2"
fault "an address that should not be there" 'at spine1 ' spine1 \
	"ip addr add 10.2.0.1/32 dev lo" "ip addr del 10.2.0.1/32 dev lo"
fault "another MTU" '^link: leaf1:swp64 has an MTU of 1400' leaf1 "ip link set swp64 mtu 1400" "ip link set swp64 mtu 1500"
fault "a cable that is out" '^link: leaf2:swp63 is down' leaf2 "ip link set swp63 down" "ip link set swp63 up"
fault "a route that only the kernel's metric prefers" '^loop: 10.1.1.0/24 at spine1 \(kernel\)' spine1 \
	"ip route add 10.1.1.0/24 via inet6 $(via leaf4 swp64) dev swp4 proto bgp metric 5" "ip route del 10.1.1.0/24 metric 5"
fault "a rule before the tables" '^rule: 10.1.0.0/16 at spine2 \(kernel\): by IPv4 rule 100' spine2 \
	"ip rule add pref 100 to 10.1.0.0/16 blackhole" "ip rule del pref 100"
fault "a route out of the design" 'by another interface' spine2 \
	"ip link add stray type veth peer name stray2; ip link set stray up; ip link set stray2 up; ip route add 10.1.2.0/25 dev stray" \
	"ip link del stray"

before=$(processes spine1)
pid=$(pgrep -f "^/usr/lib/frr/bgpd .*/$TWIN/plan/nodes/spine1/" | head -n 1)
kill -9 "$pid"
again() { [ "$(processes spine1)" = "$before" ] && ! kill -0 "$pid" 2>/dev/null; }
check "a daemon that dies is started again" wait_for 10 again
check "… and it is said" grep -q 'spine1/bgpd was ended by signal 9' "/run/heddle/twin/$TWIN/supervisor.log"
check "… and the fabric is as before" wait_for 30 verified

# Stopped, the supervisor does not start it again meanwhile.
supervisor=$(cat "/run/heddle/twin/$TWIN/supervisor.pid")
kill -STOP "$supervisor"
pgrep -f "^[^ ]*/heddle run" | while read -r pid; do
	[[ $(ip netns identify "$pid") == "$TWIN.leaf1" ]] && kill -9 "$pid"
done
unread() { ! verified && grep -q '^unread: all at leaf1 (Heddle): by its kernel' "$WORK/verdict"; }
check "a Heddle that does not answer is a finding" wait_for 5 unread
only() { unread && grep -q '^1 violations, 0 bad links' "$WORK/verdict"; }
check "… and the only one: the others are read, and its kernel forwards" wait_for 10 only
kill -CONT "$supervisor"
check "… and gone when it is started again" wait_for 20 verified

sed 's/^leaves: 4/leaves: 2/; /racks/,$d' "$WORK/fabric.yaml" >"$WORK/small.yaml"
echo 'addressing: {links: numbered}' >>"$WORK/small.yaml"
check "a second twin runs beside the first" "$HEDDLE" twin up --name "$TWIN-b" --patience 60 "$WORK/small.yaml"
check "… by links with addresses, and is proven" wait_for 10 "$HEDDLE" fabric verify --name "$TWIN-b"
check "… and goes without touching it" "$HEDDLE" twin down --name "$TWIN-b"
check "… which is as before" wait_for 10 verified

"$HEDDLE" twin up --name "$TWIN-c" "$WORK/fabric.yaml" >/dev/null 2>&1 &
pids+=($!)
wait_for 10 test -e "/run/heddle/twin/$TWIN-c/nodes/spine1/zserv.api"
kill -INT "${pids[-1]}"
wait "${pids[-1]}"
check "one that is interrupted while it is raised is taken down" sh -c "! test -e /run/heddle/twin/$TWIN-c"
check "… all of it" equal "$(ip netns list | grep -c "^$TWIN-c\\.")" 0
# Two at once, of the numbers that a plan gave out.
printf 'leaves: [b]\nspines: 1\nhosts: 1\n' >"$WORK/before.yaml"
printf 'leaves: [a, b]\nspines: 1\nhosts: 1\n' >"$WORK/after.yaml"
"$HEDDLE" fabric plan "$WORK/before.yaml" -o "$WORK/plan" >/dev/null
for i in 1 2; do
	"$HEDDLE" twin up --name "$TWIN-e" --state "$WORK/plan/state.json" "$WORK/after.yaml" >"$WORK/up$i" 2>&1 &
	ups[i]=$!
done
won=0
for i in 1 2; do wait "${ups[i]}" && won=$((won + 1)); done
check "of two that are raised under one name at once one is" equal "$won" 1
check "… and is right" sh -c "$HEDDLE fabric verify --name $TWIN-e >/dev/null"
check "… with the numbers of the plan" equal "$(jq -r '.[] | select(.node == "b").asn' "/run/heddle/twin/$TWIN-e/plan/addresses.json")" 4200000001
for i in 1 2; do
	"$HEDDLE" twin down --name "$TWIN-e" &
	ups[i]=$!
done
won=0
for i in 1 2; do wait "${ups[i]}" && won=$((won + 1)); done
check "taken down twice at once it is gone" sh -c "test $won = 2 && ! test -e /run/heddle/twin/$TWIN-e"
check "a state that is not there is an error" sh -c "! $HEDDLE twin up --name $TWIN-e --state $WORK/none $WORK/after.yaml 2>/dev/null"
ip netns add "$TWIN-d.spine1"
check "namespaces of something else are no twin's: none is raised over them" sh -c \
	"! $HEDDLE twin up --name $TWIN-d $WORK/small.yaml 2>$WORK/said && grep -q 'ip netns' $WORK/said"
check "… and none is removed" sh -c "$HEDDLE twin down --name $TWIN-d && test -e /run/netns/$TWIN-d.spine1"
ip netns del "$TWIN-d.spine1"
for name in ../x a.b a/b ''; do
	check "'$name' is no name of a twin" sh -c "! $HEDDLE twin down --name '$name' 2>$WORK/said && grep -q 'expected letters' $WORK/said"
done

inodes=$(stat -c %i "/run/netns/$TWIN".*) # that daemons' sockets are named after
sockets() {
	local inode
	for inode in $inodes; do compgen -G "/run/heddle/$inode.*" "/run/heddle/wire/$inode.*"; done
}
check "its daemons have sockets" at_least "$(sockets | wc -l)" 7
kill -9 "$(cat "/run/heddle/twin/$TWIN/supervisor.pid")"
check "a twin whose supervisor was killed says so, and what to do" sh -c \
	"! $HEDDLE twin status --name $TWIN >$WORK/said && grep -q 'heddle twin down --name $TWIN' $WORK/said"
check "… in JSON, too" equal "$("$HEDDLE" twin status --name "$TWIN" --json | jq -r .state)" orphaned
check "a twin whose supervisor was killed is removed" "$HEDDLE" twin down --name "$TWIN"
check "… and again, for nothing" "$HEDDLE" twin down --name "$TWIN"
check "… and leaves no namespace" equal "$(ip netns list | grep -c "^$TWIN\\.")" 0
check "… nor socket" equal "$(sockets)" ""
check "… nor process" equal "$(pgrep -fc "/run/heddle/twin/$TWIN/")" 0
check "… nor file" sh -c "! test -e /run/heddle/twin/$TWIN"
finish
