#!/usr/bin/env bash
# The control socket of a running daemon under clients that are idle, slow, deaf, garrulous, garbled
# and gone: it goes on forwarding, answers others within two seconds, and keeps nothing of them.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
ROUTES=50000

around_router a b
in_ a ethtool -K a0 tx off >/dev/null
router_knows b
ip -n "$TAG-a" neigh replace 10.0.1.1 lladdr "$(mac_of r r0)" dev a0 nud permanent
seq 0 $((ROUTES - 1)) | awk '{
	print "route add " 40 + int($1 / 65536) "." int($1 / 256) % 256 "." $1 % 256 ".0/24 via 10.0.2.2" }' |
	ip -n "$TAG-r" -batch - || exit 1
start_heddle r --all
socket=/run/heddle/$(in_ r stat -L -c %i /proc/self/ns/net).sock

descriptors() { find "/proc/$heddle_pid/fd" -mindepth 1 | wc -l; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$heddle_pid/status"; }
# milliseconds COMMAND…: how long it takes, in $took; its status.
milliseconds() {
	local begin status
	begin=$(date +%s%3N)
	"$@"
	status=$?
	took=$(($(date +%s%3N) - begin))
	return $status
}
answers() { # slurped, since jq is content with nothing
	in_ r timeout 2 "$HEDDLE" show status --json | jq -es '.[0].mirror.routes4 >= 50000'
}
# answers_soon WHEN: asks five times; the slowest must be done within two seconds.
answers_soon() {
	local slowest=0 took
	for _ in 1 2 3 4 5; do
		milliseconds answers >/dev/null || return 1
		[ "$took" -le "$slowest" ] || slowest=$took
	done
	at_most "$slowest" 2000
}
clients() { # clients KIND COUNT: in the background, until `dismiss`; ready when it says so
	: >"$WORK/clients"
	"$(dirname "$0")/control_clients.py" "$socket" "$@" >"$WORK/clients" 2>&1 &
	clients_pid=$!
	pids+=("$clients_pid")
	wait_for 30 grep -q ready "$WORK/clients" || {
		echo "the clients do not get ready: $(cat "$WORK/clients")"
		return 1
	}
}
dismiss() {
	kill "$clients_pid"
	wait "$clients_pid" 2>/dev/null
}
as_before() { # no descriptor more than before, soon
	wait_for 5 sh -c "[ \$(find /proc/$heddle_pid/fd -mindepth 1 | wc -l) -le $descriptors ]"
	equal "$(descriptors)" "$descriptors"
}

check "it answers before" answers_soon
in_ r "$HEDDLE" show routes --json >"$WORK/routes.json" # warms up what allocates
descriptors=$(descriptors)
resident=$(resident)
at_least "$descriptors" 10 >/dev/null || { echo "no descriptors to count?" && exit 1; }

# A stream all the while, in stretches of two seconds; what it sent and received, a line each.
touch "$WORK/blasting"
while [ -e "$WORK/blasting" ]; do
	in_ a "$BLAST" --from "$TAG-a/a0" --to "$TAG-b/b0" --router-mac "$(mac_of r r0)" \
		--source 10.0.1.2 --destination 40.0.0.1 --rate 50000 --seconds 2 >"$WORK/blast.json"
	echo "$(field blast sent) $(field blast received)"
done >"$WORK/blasted" &
blast_pid=$!
pids+=("$blast_pid")
lost_nothing() {
	awk '{ sent += $1; received += $2 }
		END { print "sent", sent, "received", received; exit sent < 300000 || sent != received }' \
		"$WORK/blasted"
}

check "200 clients that send nothing come" clients silent 200
check "… others are answered meanwhile" answers_soon
check "… the daemon keeps few of them" at_most "$(descriptors)" $((descriptors + 32))
dismiss
check "… and none when they leave" as_before

check "clients that send a byte at a time come" clients trickle 8
check "… others are answered meanwhile" answers_soon
check "… and they themselves at last" wait_for 20 grep -q 'answered 8' "$WORK/clients"
dismiss
check "… and leave nothing" as_before

check "clients that ask for all routes and never read come" clients deaf 8
check "… others are answered meanwhile" answers_soon
check "… even about all routes" equal \
	"$(in_ r timeout 20 "$HEDDLE" show routes --json | grep -c '"prefix":"40\.')" $ROUTES
deaf_resident=$(resident)
check "… and the daemon keeps no answer for them" at_most "$deaf_resident" $((resident + 8 * 256 + 2048))
dismiss
check "… and they leave nothing" as_before

check "clients that talk garbage come and go" clients garbage 200
check "… others are answered meanwhile" answers_soon
check "… each got an error, or was hung up on" wait_for 20 grep -q 'answered 200' "$WORK/clients"
dismiss
check "… and leave nothing" as_before

check "requests of 10 MB come" clients huge 8
check "… others are answered meanwhile" answers_soon
check "… and are cut off" wait_for 20 grep -q 'refused 8' "$WORK/clients"
check "… at little cost" at_most "$(resident)" $((resident + 4096))
dismiss
check "… and leave nothing" as_before

check "clients that leave in the middle of an answer come" clients leave 500
check "… others are answered meanwhile" answers_soon
check "… all have left" wait_for 30 grep -q 'left 500' "$WORK/clients"
dismiss
check "… and leave nothing" as_before

check "clients that flood with requests come" clients flood 8
check "… others are answered meanwhile" answers_soon
dismiss
check "… and leave nothing" as_before

check "resident memory is what it was" at_most "$(resident)" $((resident + 4096))
echo "resident: $resident kB before, $deaf_resident kB with deaf clients, $(resident) kB after"
rm "$WORK/blasting"
wait "$blast_pid"
check "no frame was lost" lost_nothing
check "… and Heddle forwarded them" at_least "$(counted r r0 forwarded)" 300000
check "the daemon is still the same" kill -0 "$heddle_pid"
check "it answers after" answers_soon
finish
