#!/usr/bin/env bash
# Notifications that the kernel had to throw away (ENOBUFS) cost a dump and nothing else: afterwards
# the tables are the kernel's again, and traffic does not notice.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
ROUTES=40000
BUFFER=65536 # of some hundred notifications, instead of 64 MB

around_router a b c
in_ a ethtool -K a0 tx off >/dev/null
router_knows b c

# prefixes FIRST-OCTET COUNT: so many /24 from there on.
prefixes() {
	seq 0 $(($2 - 1)) | awk -v first="$1" '{
		print first + int($1 / 65536) "." int($1 / 256) % 256 "." $1 % 256 ".0/24" }'
}
routes() { # routes VERB FIRST-OCTET COUNT [GATEWAY]: lines for ip -batch
	prefixes "$2" "$3" | sed "s|.*|route $1 &${4:+ via $4}|"
}
apply() { # apply FILE…: as fast as ip does, failing if a line does
	cat "$@" >"$WORK/batch" && ip -n "$TAG-r" -batch "$WORK/batch"
}

# The same lines, prefix and gateway, from the kernel and from Heddle.
of_kernel() {
	{
		ip -n "$TAG-r" -4 route show table main
		ip -n "$TAG-r" -6 route show table main
	} | awk '$2 == "via" { print $1 ~ /\// ? $1 : $1 "/32", $3 }' | sort
}
of_heddle() {
	in_ r "$HEDDLE" show routes --json | jq -r '.[] | select(.protocol != "neighbour" and
		(.via | test(" dev "))) | .prefix + " " + (.via | split(" ")[0])' |
		grep -v ' on$' | sort
}
same_routes() {
	of_kernel >"$WORK/kernel"
	of_heddle >"$WORK/heddle"
	echo "kernel $(wc -l <"$WORK/kernel"), heddle $(wc -l <"$WORK/heddle") routes by a gateway;" \
		"lines of one only: $(comm -3 "$WORK/kernel" "$WORK/heddle" | wc -l)"
	comm -3 "$WORK/kernel" "$WORK/heddle" | head -n 10
	[ -s "$WORK/kernel" ] && cmp -s "$WORK/kernel" "$WORK/heddle"
}
of_status() {
	in_ r "$HEDDLE" show status --json | jq -es ".[0].mirror.$1"
}
same_counts() {
	equal "$(of_status routes4) $(of_status routes6)" \
		"$(ip -n "$TAG-r" -4 route show table all | wc -l) $(ip -n "$TAG-r" -6 route show table all |
			wc -l)"
}
leads_to() { # leads_to DESTINATION "DECISION EGRESS"
	equal "$(in_ r "$HEDDLE" show route "$1" port r0 --json |
		jq -r '.decision + " " + (if .decision == "forwarded" then .egress else .reason end)')" "$2"
}
dropped_by_kernel() { # dropped_by_kernel [PROTOCOL]: notifications lost, of routing (0) unless told
	in_ r awk -v protocol="${1:-0}" -v groups=00000000 '
		$2 == protocol && $4 != groups { sum += $9 } END { print sum + 0 }' /proc/net/netlink
}
log_lines() {
	grep -c 'notifications were lost; dumping again' "$WORK/heddle-r.log"
}
more_than() {
	[ "$("$1" "${3:-}")" -gt "$2" ]
}
# quiet: nothing has been learnt for a second.
quiet() {
	local before now=
	for _ in $(seq 30); do
		before=$now
		now=$(in_ r "$HEDDLE" show status --json | jq -c '.mirror | [.messages, .resyncs, .overruns]')
		[ -n "$now" ] && [ "$before" = "$now" ] && return
		sleep 1
	done
	return 1
}

blast_on() { # blast_on SECONDS: along a route that nobody touches, in the background
	in_ a "$BLAST" --from "$TAG-a/a0" --to "$TAG-b/b0" --router-mac "$(mac_of r r0)" \
		--source 10.0.1.2 --destination 20.255.0.1 --rate 50000 --seconds "$1" \
		>"$WORK/blast.json" &
	blast_pid=$!
}
blast_off() {
	wait "$blast_pid"
	echo "sent $(field blast sent), received $(field blast received)"
	[ "$(field blast sent)" -gt 100000 ] && [ "$(field blast received)" = "$(field blast sent)" ]
}

ip -n "$TAG-r" route add 20.255.0.0/16 via 10.0.2.2
routes add 40 $ROUTES 10.0.2.2 >"$WORK/base"
apply "$WORK/base"
start_heddle r --all
check "all routes are taken over" same_routes
found=$("$(dirname "$0")/receive_buffer.py" "$heddle_pid" $BUFFER) ||
	skip "the daemon's sockets cannot be reached: pidfd_getfd is denied"
check "the daemon follows the kernel by sockets, now with a small buffer" at_least "$found" 4

# What waits in the buffer when it overflows is older than what is dumped then: routes whose
# deletion is lost must not come back from it.
overruns=$(of_status overruns)
resyncs=$(of_status resyncs)
kernel_dropped=$(dropped_by_kernel)
blast_on 8
sleep 0.5
kill -STOP "$heddle_pid"
routes add 70 5000 10.0.2.2 >"$WORK/ghosts"
routes del 70 5000 >"$WORK/exorcism"
routes del 40 15000 >"$WORK/gone"
prefixes 40 $ROUTES | sed -n '15001,30000s|.*|route replace & via 10.0.3.2|p' >"$WORK/moved"
routes add 60 20000 10.0.3.2 >"$WORK/new"
seq 0 999 | awk '{ printf "route add 2001:db8:%x::/48 via fd00:3::2\n", $1 }' >"$WORK/new6"
check "routes change while the daemon sleeps" apply "$WORK/ghosts" "$WORK/exorcism" "$WORK/gone" \
	"$WORK/moved" "$WORK/new" "$WORK/new6"
check "… and the kernel loses notifications" more_than dropped_by_kernel $((kernel_dropped + 10000))
kill -CONT "$heddle_pid"
check "the daemon notices the overrun" wait_for 10 more_than of_status "$overruns" overruns
check "… and dumps again" wait_for 10 more_than of_status "$resyncs" resyncs
check "… and says so in its log" at_least "$(log_lines)" 1
check "it becomes quiet" quiet
check "then its routes are the kernel's" same_routes
check "… and their numbers" same_counts
check "what was added is forwarded" leads_to 60.0.0.1 "forwarded r2"
check "what was moved is forwarded there" leads_to 40.100.0.1 "forwarded r2"
check "what stayed is forwarded as before" leads_to 40.150.0.1 "forwarded r1"
check "what was deleted has no route" leads_to 40.0.0.1 "kernel no-route"
check "what came and went has none either" leads_to 70.0.0.1 "kernel no-route"
check "what was added is forwarded by IPv6" leads_to 2001:db8:3e7::1 "forwarded r2"
check "meanwhile no frame was lost" blast_off

# And what changes while it dumps: a socket that overflowed tells of no further loss before it is
# empty.
for round in 1 2 3; do
	routes add 80 10000 10.0.2.2 >"$WORK/1"
	prefixes 80 10000 | sed 's|.*|route replace & via 10.0.3.2|' >"$WORK/2"
	routes del 80 10000 >"$WORK/3"
	{
		for _ in 1 2 3 4; do cat "$WORK/1" "$WORK/2" "$WORK/3"; done
		[ $round = 3 ] || cat "$WORK/1"
	} >"$WORK/live"
	blast_on 6
	kernel_dropped=$(dropped_by_kernel)
	overruns=$(of_status overruns)
	kill -STOP "$heddle_pid"
	apply "$WORK/live" &
	churn_pid=$!
	sleep 0.2
	kill -CONT "$heddle_pid"
	check "routes change while it dumps, round $round" wait "$churn_pid"
	[ $round = 3 ] || { routes del 80 10000 | ip -n "$TAG-r" -batch -; }
	check "… the kernel loses notifications" more_than dropped_by_kernel "$kernel_dropped"
	check "… overruns are counted" wait_for 5 more_than of_status "$overruns" overruns
	check "… it becomes quiet" quiet
	check "… its routes are the kernel's" same_routes
	check "… and their numbers" same_counts
	check "… no frame was lost" blast_off
done

# Neighbours, addresses and links are lost likewise.
kill -STOP "$heddle_pid"
apply "$WORK/1" "$WORK/3"
ip -n "$TAG-r" neigh replace 10.0.3.2 lladdr 02:00:00:00:00:77 dev r2 nud permanent
ip -n "$TAG-r" addr add 10.0.9.1/24 dev r2
ip -n "$TAG-r" nexthop add id 7 via 10.0.2.2 dev r1
ip -n "$TAG-r" route add 90.0.0.0/8 nhid 7
ip -n "$TAG-r" link set r2 mtu 1400
kill -CONT "$heddle_pid"
check "it becomes quiet again" quiet
explained=$(in_ r "$HEDDLE" show route 60.0.0.1 port r0 --json)
check "a neighbour that changed meanwhile is known" grep -q 02:00:00:00:00:77 <<<"$explained"
check "… and the MTU" equal "$(jq .mtu <<<"$explained")" 1400
check "… and the address" leads_to 10.0.9.1 "kernel local"
check "… and the next-hop object" leads_to 90.0.0.1 "forwarded r1"

# Holds are lost by sockets of their own.
kill -STOP "$heddle_pid"
{
	echo "add table ip churn"
	for i in $(seq 3000); do echo "add chain ip churn c$i"; done
	echo "delete table ip churn"
	echo "add table ip f"
	echo "add chain ip f forward { type filter hook forward priority 0; policy drop; }"
} >"$WORK/nft"
for _ in 1 2 3; do in_ r nft -f "$WORK/nft"; in_ r nft delete table ip f; done
in_ r nft -f "$WORK/nft"
check "nftables' notifications are lost" at_least "$(dropped_by_kernel 12)" 1
kill -CONT "$heddle_pid"
check "a firewall that came while nftables' notifications were lost is respected" \
	wait_for 3 leads_to 60.0.0.1 "kernel netfilter"
in_ r nft delete table ip f
check "… and one that goes" wait_for 3 leads_to 60.0.0.1 "forwarded r2"
check "r0's ledger balances" ledger_balances r r0
finish
