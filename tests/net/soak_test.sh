#!/usr/bin/env bash
# A day in miniature: traffic, route churn, link flaps and restarts at once; memory stays flat and
# the ledger exact. SOAK_SECONDS (60) is how long; `make soak` takes 600.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
SOAK_SECONDS=${SOAK_SECONDS:-60}

around_router a b c
router_knows b
ip -n "$TAG-r" route add 20.0.0.0/8 via 10.0.2.2
start_heddle r --all

resident() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }

# Thousands of routes in, replaced, and out again, for as long as the file is there.
churn() {
	local i
	for i in $(seq 0 3999); do
		echo "route replace 60.$((i / 250)).$((i % 250)).0/24 via 10.0.2.2"
	done >"$WORK/in"
	sed 's/via 10.0.2.2/via 10.0.3.2/' "$WORK/in" >"$WORK/over"
	sed 's/replace/del/; s/ via.*//' "$WORK/in" >"$WORK/out"
	while [ -e "$WORK/soaking" ]; do
		in_ r ip -force -batch "$WORK/in"
		in_ r ip -force -batch "$WORK/over"
		in_ r ip -force -batch "$WORK/out"
	done >/dev/null 2>&1
}

flap() {
	while [ -e "$WORK/soaking" ]; do
		ip -n "$TAG-r" link set r2 down
		sleep 0.3
		ip -n "$TAG-r" link set r2 up
		sleep 1
	done
}

touch "$WORK/soaking"
churn &
pids+=($!)
flap &
pids+=($!)
sent=0
received=0
restarts=0
rss_start=0
end=$((SECONDS + SOAK_SECONDS))
while [ $SECONDS -lt $end ]; do
	# No faster: a burst must fit into a veth's ring (256 frames), or the veth loses some of it.
	in_ a "$BLAST" --from "$TAG-a/a0" --to "$TAG-b/b0" --router-mac "$(mac_of r r0)" \
		--source 10.0.1.2 --destination 20.1.1.1 --rate 5000 --seconds 5 >"$WORK/blast.json"
	sent=$((sent + $(field blast sent)))
	received=$((received + $(field blast received)))
	[ "$rss_start" = 0 ] && rss_start=$(resident "$heddle_pid")
	check "after $SECONDS s the ledger of r0 balances" ledger_balances r r0
	rss_end=$(resident "$heddle_pid")
	# The last stretch has no restart in it, so that there is a process to measure.
	if [ $((end - SECONDS)) -gt 15 ] && [ $restarts -lt $((SOAK_SECONDS / 20)) ]; then
		restarts=$((restarts + 1))
		stop_heddle "$([ $((restarts % 2)) = 0 ] && echo TERM || echo KILL)"
		start_heddle r --all
		rss_start=0
	fi
done
rm "$WORK/soaking"
sleep 2
echo "$sent frames, $restarts restarts, resident $rss_start kB, then $rss_end kB"
check "every frame of the stable route arrived" equal "$received" "$sent"
check "resident memory is flat" at_most "$rss_end" $((rss_start + 4096))
check "the tables agree with the kernel's" equal \
	"$(in_ r "$HEDDLE" show route 20.1.1.1 port r0 --json | grep -o '"decision":"[a-z]*"')" \
	'"decision":"forwarded"'
check "no route was refused" equal \
	"$(in_ r "$HEDDLE" show status --json | grep -o '"refused_routes":[0-9]*')" '"refused_routes":0'
for port in r0 r1 r2; do check "the ledger of $port balances" ledger_balances r $port; done
finish
