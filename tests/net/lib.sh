# shellcheck shell=bash disable=SC2034
# What network tests share: namespaces with names of their own, a daemon in one of them, checks that
# say what they expected. A test sources this, sets up, checks, and ends with `finish`.
#
# A topology is made of `host NAME` and `link A IFNAME B IFNAME`, the usual one by `around_router a b`;
# `in_ NAME COMMAND…` runs there. All is removed on exit, however the test ends.

set -u
HEDDLE=${HEDDLE:-$(dirname "$0")/../../build/heddle}
BUILD=$(cd "$(dirname "$HEDDLE")" && pwd)
HEDDLE=$BUILD/heddle
BLAST=$BUILD/bench/blast
TAG=h$$
WORK=$(mktemp -d)
passed=0
failed=0
skipped=0
hosts=()
pids=()

skip() {
	echo "$*"
	exit 77
}

# shellcheck source=tests/net/denied.sh
. "$(dirname "${BASH_SOURCE[0]}")/denied.sh"
why=$(denied)
[ -z "$why" ] || skip "$why"

cleanup() {
	local pid
	for pid in "${pids[@]}"; do
		kill -9 "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	for name in "${hosts[@]}"; do
		ip netns pids "$TAG-$name" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$TAG-$name" 2>/dev/null
	done
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# host NAME…: a namespace each, with loopback up.
host() {
	local name
	for name; do
		ip netns add "$TAG-$name" || exit 1
		hosts+=("$name")
		ip -n "$TAG-$name" link set lo up
		in_ "$name" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
	done
}

# in_ NAME COMMAND…
in_() {
	local name=$1
	shift
	ip netns exec "$TAG-$name" "$@"
}

# link A IFNAME B IFNAME: a veth between two hosts, up, with GRO so that both take redirected frames.
link() {
	ip link add "$2" netns "$TAG-$1" type veth peer name "$4" netns "$TAG-$3" || exit 1
	in_ "$1" ethtool -K "$2" gro on >/dev/null
	in_ "$3" ethtool -K "$4" gro on >/dev/null
	ip -n "$TAG-$1" link set "$2" up
	ip -n "$TAG-$3" link set "$4" up
}

# address NAME IFNAME ADDRESS…
address() {
	local name=$1 device=$2 each
	shift 2
	for each; do
		case $each in
		*:*) ip -n "$TAG-$name" addr add "$each" dev "$device" nodad ;;
		*) ip -n "$TAG-$name" addr add "$each" dev "$device" ;;
		esac || exit 1
	done
}

# router NAME: forwarding on.
router() {
	in_ "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# around_router HOST…: a router r, and hosts that each have a link to it. Of the n-th, say b, b0 has
# 10.0.n.2 and fd00:n::2; the router's end, r0 for the first, has 10.0.n.1 and fd00:n::1.
declare -A place_of
around_router() {
	local name n=0
	host r "$@"
	for name; do
		link "$name" "${name}0" r "r$n"
		n=$((n + 1))
		place_of[$name]=$n
	done
	router r
	for name; do
		n=${place_of[$name]}
		address "$name" "${name}0" "10.0.$n.2/24" "fd00:$n::2/64"
		address r "r$((n - 1))" "10.0.$n.1/24" "fd00:$n::1/64"
	done
}

# by_router HOST…: their default routes lead to it.
by_router() {
	local name
	for name; do
		ip -n "$TAG-$name" route add default via "10.0.${place_of[$name]}.1"
		ip -n "$TAG-$name" -6 route add default via "fd00:${place_of[$name]}::1"
	done
}

# router_knows HOST…: the router need not ask for their addresses on the link.
router_knows() {
	local name n ip
	for name; do
		n=${place_of[$name]}
		for ip in "10.0.$n.2" "fd00:$n::2"; do
			ip -n "$TAG-r" neigh replace "$ip" lladdr "$(mac_of "$name" "${name}0")" \
				dev "r$((n - 1))" nud permanent
		done
	done
}

# background NAME COMMAND…: runs on; its pid in $!.
background() {
	local name=$1
	shift
	ip netns exec "$TAG-$name" "$@" &
	pids+=($!)
}

# start_heddle NAME OPTION…: the daemon there, ready; its pid in $heddle_pid, its log in $WORK.
start_heddle() {
	local name=$1
	shift
	: >"$WORK/heddle-$name.log"
	ip netns exec "$TAG-$name" "$HEDDLE" run "$@" >>"$WORK/heddle-$name.log" 2>&1 &
	heddle_pid=$!
	pids+=("$heddle_pid")
	wait_for 20 grep -q ready "$WORK/heddle-$name.log" || {
		cat "$WORK/heddle-$name.log"
		echo "heddle does not get ready"
		exit 1
	}
}

# stop_heddle [SIGNAL]
stop_heddle() {
	kill "-${1:-TERM}" "$heddle_pid"
	wait "$heddle_pid" 2>/dev/null
}

# wait_for SECONDS COMMAND…: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# check "SENTENCE" COMMAND…: the sentence holds if the command succeeds.
check() {
	local sentence=$1
	shift
	if "$@" >"$WORK/check.out" 2>&1; then
		passed=$((passed + 1))
		echo "ok      $sentence"
	else
		failed=$((failed + 1))
		echo "FAILED  $sentence"
		echo "        $*"
		sed 's/^/        /' "$WORK/check.out" | tail -n 25
	fi
}

# leave_out "SENTENCE" "WHY": a check that cannot be made here.
leave_out() {
	skipped=$((skipped + 1))
	echo "skipped $1: $2"
}

# equal A B, at_least A B: for checks; they say both.
equal() {
	echo "have $1, expected $2"
	[ "$1" = "$2" ]
}

at_least() {
	echo "have $1, expected at least $2"
	[ "$1" -ge "$2" ]
}

at_most() {
	echo "have $1, expected at most $2"
	[ "$1" -le "$2" ]
}

# within NUMBER EXPECTED PERCENT
within() {
	echo "have $1, expected $2, give or take $3%"
	awk -v have="$1" -v want="$2" -v percent="$3" \
		'BEGIN { exit !(have >= want * (1 - percent / 100) && have <= want * (1 + percent / 100)) }'
}

mac_of() {
	ip -n "$TAG-$1" -br link show dev "$2" | awk '{print $3}'
}

# counted NAME PORT REASON: packets of the ledger under this reason ("" for received).
counted() {
	in_ "$1" "$HEDDLE" show ledger --json | awk -v port="\"port\":\"$2\"" -v reason="\"reason\":\"$3\"" '
		index($0, port) && index($0, reason) {
			match($0, /"packets":[0-9]+/)
			sum += substr($0, RSTART + 10, RLENGTH - 10)
		}
		END { print sum + 0 }'
}

# ledger_balances NAME PORT: received = forwarded + kernel + dropped.
ledger_balances() {
	in_ "$1" "$HEDDLE" show ledger --json | awk -v port="\"port\":\"$2\"" '
		index($0, port) {
			match($0, /"packets":[0-9]+/)
			packets = substr($0, RSTART + 10, RLENGTH - 10)
			if (index($0, "\"fate\":\"received\"")) received = packets
			else rest += packets
		}
		END { print "received", received, "accounted for", rest; exit received + 0 != rest + 0 }'
}

# field NAME JSONKEY: a number or string of blast's output in $WORK/NAME.json.
field() {
	sed -n "s/.*\"$2\": \"\\{0,1\\}\\([^,}\"]*\\).*/\\1/p" "$WORK/$1.json"
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
	exit
}
