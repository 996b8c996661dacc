#!/usr/bin/env bash
# Whatever happens to the daemon or to its ports, the kernel goes on forwarding.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

around_router a b
by_router a b
in_ a ethtool -K a0 tx off >/dev/null
start_heddle r --port r0 --port r1
in_ a ping -c 1 10.0.2.2 >/dev/null

# blast_through NAME RATE SECONDS: in the background; ends with $WORK/NAME.json.
blast_through() {
	in_ a "$BLAST" --from "$TAG-a/a0" --to "$TAG-b/b0" --router-mac "$(mac_of r r0)" \
		--source 10.0.1.2 --destination 10.0.2.2 --rate "$2" --seconds "$3" >"$WORK/$1.json" &
	blast_pid=$!
	sleep 0.7
}

lost() {
	echo $(($(field "$1" sent) - $(field "$1" received)))
}

blast_through kill 100000 2
stop_heddle KILL
wait "$blast_pid"
echo "lost over kill -9 under 100,000 frames/s: $(lost kill)"
check "after kill -9 the kernel forwards at once" at_most "$(lost kill)" 2000
check "after kill -9 no program is left on the port" \
	sh -c "! ip -n $TAG-r link show r0 | grep -q xdp"

forwarded_at_least() {
	[ "$(counted r r0 forwarded)" -ge "$1" ]
}

blast_through start 100000 5
start_heddle r --port r0 --port r1
check "a start under load takes over" wait_for 4 forwarded_at_least 10000
wait "$blast_pid"
echo "lost over a start under load: $(lost start)"
check "… with few frames lost" at_most "$(lost start)" 2000

blast_through stop 100000 2
stop_heddle TERM
wait "$blast_pid"
echo "lost over SIGTERM: $(lost stop)"
check "SIGTERM detaches with few frames lost" at_most "$(lost stop)" 2000
check "SIGTERM takes the control socket away" \
	sh -c "! test -e /run/heddle/$(in_ r stat -L -c %i /proc/self/ns/net).sock"

start_heddle r --port r0 --port r1 --port later
in_ a ping -c 1 10.0.2.2 >/dev/null
ip -n "$TAG-r" link set r1 down
check "a port that is down leaves its traffic to the kernel" \
	wait_for 3 sh -c "ip netns exec $TAG-r $HEDDLE show route 10.0.2.2 port r0 --json |
		grep -q '\"decision\":\"kernel\"'"
ip -n "$TAG-r" link set r1 up
check "a port that is up again carries traffic" wait_for 5 in_ a ping -c 1 -W 1 10.0.2.2
check "… by Heddle" wait_for 5 sh -c "ip netns exec $TAG-r $HEDDLE show route 10.0.2.2 port r0 \
	--json | grep -q '\"decision\":\"forwarded\"'"

for _ in $(seq 20); do
	ip -n "$TAG-r" link set r1 down
	ip -n "$TAG-r" link set r1 up
done
check "a port may flap" wait_for 5 in_ a ping -c 1 -W 1 10.0.2.2

ip -n "$TAG-r" link set r0 address 02:00:00:00:00:99
ip -n "$TAG-a" neigh flush dev a0
check "a port may change its MAC address" wait_for 5 in_ a ping -c 1 -W 1 10.0.2.2
before=$(counted r r0 forwarded)
in_ a ping -c 5 -i 0.05 10.0.2.2 >/dev/null
check "… and Heddle knows the new one" at_least "$(($(counted r r0 forwarded) - before))" 5
ip -n "$TAG-r" link set r1 mtu 1300
check "a port may change its MTU" \
	wait_for 3 grep -q '1300' <(in_ a ping -c 1 -W 1 -M "do" -s 1400 10.0.2.2 2>&1)

ip -n "$TAG-r" link del r1
check "a port may vanish" in_ r "$HEDDLE" show ports
check "… and is gone from the ports" sh -c "! ip netns exec $TAG-r $HEDDLE show ports | grep -q r1"
link b b1 r r1
address r r1 10.0.2.1/24
address b b1 10.0.2.2/24
ip -n "$TAG-b" route replace default via 10.0.2.1
check "… and is taken again when it comes back" wait_for 5 in_ a ping -c 1 -W 1 10.0.2.2
check "… and attached" wait_for 5 grep -q 'r1 ' <(in_ r "$HEDDLE" show ports)

host other
ip -n "$TAG-r" link set r1 netns "$TAG-other"
check "a port may move to another namespace" wait_for 5 sh -c \
	"! ip netns exec $TAG-r $HEDDLE show ports | grep -q r1"
link b b2 r later
check "a port named before it exists is taken when it appears" wait_for 5 sh -c \
	"ip netns exec $TAG-r $HEDDLE show ports | grep -q later"
check "r0's ledger balances after all that" ledger_balances r r0

ip -n "$TAG-r" link del later
link b b3 r later
ip -n "$TAG-r" link set dev later xdpgeneric off
check "the daemon is still alive" kill -0 "$heddle_pid"
stop_heddle TERM

ip -n "$TAG-other" link set r1 netns "$TAG-r"
ip -n "$TAG-r" link set r1 up
address r r1 10.0.2.1/24
start_heddle r --all
check "ping through Heddle" wait_for 5 in_ a ping -c 1 -W 1 10.0.2.2
kill -STOP "$heddle_pid"
ip -n "$TAG-r" link set r1 netns "$TAG-other"
ip -n "$TAG-other" link set r1 netns "$TAG-r"
ip -n "$TAG-r" link set r1 up
address r r1 10.0.2.1/24
kill -CONT "$heddle_pid"
check "a port that leaves and comes back unseen works again" wait_for 5 in_ a ping -c 1 -W 1 10.0.2.2
check "… by Heddle" wait_for 5 sh -c "ip netns exec $TAG-r $HEDDLE show route 10.0.2.2 port r0 \
	--json | grep -q '\"decision\":\"forwarded\"'"
check "… and loses nothing" equal \
	"$(in_ a ping -c 50 -i 0.01 -W 1 10.0.2.2 | sed -n 's/.* \([0-9]*\) received.*/\1/p')" 50

index=$(ip -n "$TAG-r" -o link show r0 | cut -d: -f1)
ip -n "$TAG-r" link add alike index $((index + 65536)) type veth peer name alike2
ip -n "$TAG-r" link set alike up
check "an interface whose ifindex agrees in its lower 16 bits is told" \
	wait_for 5 grep -q 'agrees with another' "$WORK/heddle-r.log"
check "… and harms nobody" in_ a ping -c 1 -W 1 10.0.2.2
check "… nor the daemon" kill -0 "$heddle_pid"
ip -n "$TAG-r" link del alike
stop_heddle TERM

ip netns exec "$TAG-r" "$BUILD/bench/fibrouter" r0 >/dev/null &
pids+=($!)
other=$!
sleep 0.5
start_heddle r --port r0
check "another XDP program on a port is respected, and said" \
	grep -q 'another XDP program is attached' "$WORK/heddle-r.log"
check "what arrives there is the kernel's, by that reason" grep -q 'another XDP program' \
	<(in_ r "$HEDDLE" show route 10.0.2.2 port r0)
kill "$other"
ip -n "$TAG-r" link set r0 xdp off
check "… and the port is taken when it is gone" \
	wait_for 5 grep -q 'r0: forwarding' "$WORK/heddle-r.log"
stop_heddle KILL
check "doctor is not taken in by a socket left behind" grep -q 'does not run' <(in_ r "$HEDDLE" doctor)
echo precious >"$WORK/file"
check "a file in the socket's place is refused" \
	grep -q 'File exists' <(in_ r "$HEDDLE" run --all --socket "$WORK/file" 2>&1)
check "… and stays" grep -q precious "$WORK/file"
finish
