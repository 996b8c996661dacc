#!/usr/bin/env bash
# A wire between two interfaces: exact in time, exact in its counters, changeable, and gone without a
# trace. Frames are counted and timed at both ends by one_way, which knows nothing of the wire.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
ONE_WAY=$BUILD/tests/net/one_way

# wire OPTION…: a wire between wa and wb; its pid in $wire_pid, its log in $WORK/wire.log.
wire() {
	ip netns exec "$TAG-w" "$HEDDLE" wire wa wb --control "$WORK/wire.sock" "$@" 2>"$WORK/wire.log" &
	wire_pid=$!
	pids+=("$wire_pid")
	wait_for 10 test -S "$WORK/wire.sock" || cat "$WORK/wire.log"
}

end_wire() {
	kill -TERM "$wire_pid" 2>/dev/null
	wait "$wire_pid" 2>/dev/null
}

# A default wire again, whatever was set.
new_wire() {
	end_wire
	wire "$@"
}

change() {
	in_ w "$HEDDLE" wire set wa wb --control "$WORK/wire.sock" "$@"
}

# count NAME [FROM]: a counter of the frames that arrived at wa, or there.
count() {
	in_ w "$HEDDLE" wire show wa wb --json --control "$WORK/wire.sock" |
		jq ".[] | select(.from == \"${2:-wa}\") | .frames.$1"
}

balances() {
	in_ w "$HEDDLE" wire show wa wb --json --control "$WORK/wire.sock" | tee /dev/stderr | jq -e 'all(.[].frames;
		.received + .duplicated == .delivered + .down + .lost + .overflowed + .no_memory
			+ .refused + .missed + .held)'
}

# send NAME OPTION…: frames from a to b; what became of them in $WORK/NAME.json.
send() {
	local name=$1
	shift
	"$ONE_WAY" --from "$TAG-a/a0" --to "$TAG-b/b0" "$@" >"$WORK/$name.json"
}

# seen NAME FILTER: a number of what one_way saw.
seen() {
	jq "$2" "$WORK/$1.json"
}

# by_chance COUNT OF PERCENT: within five standard deviations.
by_chance() {
	echo "have $1 of $2, expected $3%"
	awk -v have="$1" -v of="$2" -v share="$3" 'BEGIN { share /= 100; off = have - of * share
		exit !(off * off <= 25 * of * share * (1 - share)) }'
}

# refused STATUS WORDS OPTION…: heddle wire with these ends so, saying that.
refused() {
	local status=$1 words=$2
	shift 2
	in_ w timeout 5 "$HEDDLE" wire --control "$WORK/refused.sock" "$@" >"$WORK/refused.log" 2>&1
	local have=$?
	cat "$WORK/refused.log"
	echo "status $have, expected $status and '$words'"
	[ $have = "$status" ] && grep -q -- "$words" "$WORK/refused.log" && [ ! -e "$WORK/refused.sock" ]
}

# attached DEVICE: an XDP program is there.
attached() {
	ip -n "$TAG-w" -d link show "$1" | tee /dev/stderr | grep -q xdp
}
none_attached() {
	! attached wa && ! attached wb
}

host a b w
ip link add a0 netns "$TAG-a" type veth peer name wa netns "$TAG-w"
ip link add b0 netns "$TAG-b" type veth peer name wb netns "$TAG-w"
ip link add p0 netns "$TAG-a" type veth peer name p1 netns "$TAG-b"
for end in "a a0" "a p0" "b b0" "b p1" "w wa" "w wb"; do
	# shellcheck disable=SC2086 # two words
	set -- $end
	ip -n "$TAG-$1" link set "$2" addrgenmode none up
done
address a a0 10.0.0.1/24 fd00::1/64
address b b0 10.0.0.2/24 fd00::2/64

# What is refused.
check "an unknown interface is named" refused 1 "nowhere: no such interface" wa nowhere
check "one interface has not both ends" refused 2 "same interface twice" wa wa
check "a wire has two ends" refused 2 usage wa
check "a loss above 100 percent is refused" refused 2 "loss '101': expected" wa wb --loss 101
check "a delay has a unit" refused 2 "delay '5': expected a time" wa wb --delay 5
check "an hour is too long a delay" refused 2 "up to 60s" wa wb --delay 3600s
check "no reordering without delay" refused 2 "reorder needs a delay" wa wb --reorder 5
check "--from is one of the ends" refused 2 "expected wa or wb" wa wb --from eth9 --loss 1
check "a seed is a number" refused 2 "seed 'x'" wa wb --seed x
check "loopback is no end of a wire" refused 1 "no Ethernet interface" lo wb
check "without a wire nobody answers" refused 1 "no wire of this network namespace" show wa wb
check "without its privileges there is no wire" eval \
	'! in_ w setpriv --bounding-set=-all --inh-caps=-all "$HEDDLE" wire wa wb 2>"$WORK/log"
	grep "takes root" "$WORK/log"'
check "nothing of all that is left" none_attached

in_ w ip link set wa xdp obj "$BUILD/bench/blast.bpf.o" sec xdp 2>/dev/null
if attached wa >/dev/null 2>&1; then
	check "another XDP program is left alone" refused 1 "wa: another XDP program is attached" wa wb
	ip -n "$TAG-w" link set wa xdp off
else
	leave_out "another XDP program is left alone" "ip cannot attach one here"
fi

# What a wire passes, and when.
wire --seed 7
check "a wire says its seed" grep -q "seed 7;" "$WORK/wire.log"
check "only root may ask it" equal "$(stat -c %a "$WORK/wire.sock")" 600
check "ping passes" in_ a ping -c 3 -i 0.1 10.0.0.2
check "IPv6 passes" in_ a ping -c 3 -i 0.1 fd00::2
check "a second wire is told that there is one" refused 1 "wa: another wire, or" wa wb
check "and the first works on" in_ a ping -c 1 10.0.0.2
check "a bad change is refused" refused 2 "loss '101'" set wa wb --loss 101
check "one that only the wire can judge, too" eval 'in_ w "$HEDDLE" wire set wa wb --reorder 5 \
	--control "$WORK/wire.sock" 2>&1 | grep "needs a delay"'

# What the way takes without a wire: from sending to the other end of one cable, which is where a
# wire's delay begins.
"$ONE_WAY" --from "$TAG-a/p0" --to "$TAG-b/p1" --count 300 >"$WORK/cable.json"
cable_us=$(seen cable '.at_us."10"')

# delays MICROSECONDS: it is that within 5 percent, of the tenth of frames that are held up least by
# what else this machine does meanwhile (the median, of a machine that is idle, is bench/wire's). One
# that is busy has six tries.
delays() {
	for _ in 1 2 3 4 5 6; do
		send delay --count 300 --interval 1500
		cat "$WORK/delay.json"
		within "$(jq ".at_us.\"10\" - $cable_us" "$WORK/delay.json")" "$1" 5 && return
	done
	return 1
}
for us in 50 200 600 1000 10000 100000; do
	change --delay ${us}us
	check "a delay of $us us is that, within 5%" delays $us
done
change --delay 0 --from wb --delay 20ms
check "a delay of one direction is not the other's" eval 'send one --count 100; cat "$WORK/one.json"
	[ "$(jq ".at_us.\"50\" < 1000" "$WORK/one.json")" = true ]'
check "and is its own" eval 'in_ a ping -c 3 -i 0.1 10.0.0.2 | tee /dev/stderr | grep -q "time=2[0-9]"'

# Jitter.
new_wire --delay 10ms --jitter 2ms --seed 1
send jitter --count 1000 --interval 1000
check "jitter spreads" eval '[ "$(jq ".at_us.\"90\" - .at_us.\"10\" > 1000" "$WORK/jitter.json")" = true ]'
check "jitter loses nothing" equal "$(seen jitter .arrived)" 1000
check "jitter does not reorder" equal "$(seen jitter .reordered)" 0

# Chance, counted at both ends.
new_wire --loss 10 --corrupt 5 --duplicate 20 --seed 1
send chance --count 20000 --interval 50
check "all frames were received" equal "$(count received)" 20000
check "those lost are those that the loss is for" by_chance "$(count lost)" 20000 10
check "the rest arrived, some twice" equal "$(seen chance .arrived)" \
	$((20000 - $(count lost) + $(count duplicated)))
check "as many were doubled as asked for" by_chance "$(count duplicated)" $((20000 - $(count lost))) 20
check "those corrupted have one bit flipped" equal "$(seen chance .corrupted)" "$(count corrupted)"
check "as many as asked for" by_chance "$(count corrupted)" "$(seen chance .arrived)" 5
check "the counters balance" balances
lost=$(count lost)
new_wire --loss 10 --seed 1
send again --count 20000 --interval 50
check "the same seed loses the same" equal "$(count lost)" "$lost"
check "and one_way misses as many" equal "$(seen again .arrived)" $((20000 - lost))
new_wire --delay 2ms --reorder 10 --seed 1
send reorder --count 5000 --interval 200
check "frames that overtake are counted" by_chance "$(count reordered)" 5000 10
check "others come after them" at_least "$(seen reorder .reordered)" "$(count reordered)"
check "and none is lost" equal "$(seen reorder .arrived)" 5000

# The rate: frames of 1000 bytes take 1024 on the medium.
new_wire --rate 80M --limit 200K
send rate --count 20000 --interval 50 --bytes 1000
check "a rate of 80 Mbit/s is that" within \
	"$(jq '(.arrived - 1) * 1024 * 8 / .arriving_seconds' "$WORK/rate.json")" 80000000 1
check "what the queue does not hold is counted" at_least "$(count overflowed)" 1000
check "every frame is accounted for" balances
check "all that was sent was received" equal "$(count received)" "$(seen rate .sent)"
check "one_way has what was delivered" equal "$(count delivered)" "$(seen rate .arrived)"
change --rate 200M --limit 1M
in_ b iperf3 -s -1 -D >/dev/null
wait_for 5 sh -c "ip netns exec $TAG-b ss -ltn | grep -q :5201"
in_ a iperf3 -c 10.0.0.2 -t 3 -O 1 --json >"$WORK/iperf.json"
check "TCP gets what is left of 200 Mbit/s by its headers" within \
	"$(seen iperf .end.sum_received.bits_per_second)" $((200000000 / 1538 * 1448)) 4

# Changes while traffic flows.
new_wire
"$ONE_WAY" --from "$TAG-a/a0" --to "$TAG-b/b0" --count 30000 --interval 100 >"$WORK/changing.json" &
traffic=$!
for _ in $(seq 30); do
	change --delay $((RANDOM % 20000))us --jitter $((RANDOM % 1000))us --rate $((RANDOM % 2))G
done
wait $traffic
check "changing it 30 times loses nothing" equal "$(seen changing .arrived)" 30000
check "and reorders nothing" equal "$(seen changing .reordered)" 0
check "every frame is accounted for then, too" balances

# A cut.
new_wire --delay 1s
in_ a ping -c 1 10.0.0.2 >/dev/null
send cut --count 100 --interval 0 --drain 0
change --down
check "a cut takes what is under way" equal "$(count down)" 100
check "nothing passes" eval '! in_ a ping -c 2 -i 0.2 -W 1 10.0.0.2'
check "the carrier stays" equal "$(in_ a cat /sys/class/net/a0/carrier)" 1
change --up --delay 0
check "mended, it carries again" in_ a ping -c 1 -W 2 10.0.0.2
check "the counters balance after a cut" balances

# An interface that is down takes nothing, and comes back.
new_wire
ip -n "$TAG-w" link set wb down
send refused --count 100 --interval 100
check "what the far interface does not take is counted" equal "$(count refused)" 100
ip -n "$TAG-w" link set wb up
check "when it is up again, frames pass" wait_for 5 in_ a ping -c 1 -W 1 10.0.0.2

# TCP, whose checksums the sender leaves to its network card.
head -c 60000000 /dev/urandom >"$WORK/stream"
sum=$(sha256sum <"$WORK/stream")
carried() {
	in_ b socat -u "TCP-LISTEN:9000,reuseaddr$([[ $1 == *:* ]] && echo ,pf=ip6)" - |
		sha256sum >"$WORK/sum" &
	local listener=$!
	wait_for 5 sh -c "ip netns exec $TAG-b ss -ltn | grep -q :9000"
	in_ a timeout 60 socat -u "FILE:$WORK/stream" \
		"TCP:$([[ $1 == *:* ]] && echo "[$1]" || echo "$1"):9000"
	wait $listener
	cat "$WORK/sum"
}
bad_checksums() {
	in_ b nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }'
}
new_wire --delay 200us
check "the sender leaves checksums to its card" eval \
	'in_ a ethtool -k a0 | tee /dev/stderr | grep -q "tx-checksumming: on"'
check "60 MB over IPv4 arrive as they were sent" equal "$(carried 10.0.0.2)" "$sum"
check "60 MB over IPv6, too" equal "$(carried fd00::2)" "$sum"
check "with no checksum wrong" equal "$(bad_checksums)" 0
change --corrupt 0.1 --loss 0.01
check "and over a wire that flips bits" equal "$(carried 10.0.0.2)" "$sum"
check "whose damage TCP has noticed" at_least "$(bad_checksums)" 1
check "the counters balance after all that" balances

# Large frames.
for end in "a a0" "w wa" "w wb" "b b0"; do
	# shellcheck disable=SC2086 # two words
	set -- $end
	ip -n "$TAG-$1" link set "$2" mtu 9000
done
new_wire --delay 100us
check "9000 bytes pass in one frame" in_ a ping -c 3 -i 0.1 -M "do" -s 8972 10.0.0.2
send large --count 500 --interval 200 --bytes 9014
check "of frames of 9014 bytes all arrive" equal "$(seen large .arrived)" 500
check "as they were sent" equal "$(seen large .corrupted)" 0
check "TCP in large frames arrives as it was sent" equal "$(carried 10.0.0.2)" "$sum"

# Asleep. Nothing is to be sent by the hosts for it.
new_wire --delay 1ms
for name in a b; do in_ $name sysctl -qw net.ipv6.conf.all.disable_ipv6=1; done
in_ a ping -c 1 10.0.0.2 >/dev/null
for name in a b; do ip -n "$TAG-$name" neigh flush all; done
switches() {
	awk '/voluntary_ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$wire_pid/status"
}
sleep 1
before="$(switches) after $(awk '{ print $1 }' "/proc/$wire_pid/schedstat") ns"
sleep 3
check "a wire that carries nothing never wakes, nor takes a nanosecond of CPU" equal \
	"$(switches) after $(awk '{ print $1 }' "/proc/$wire_pid/schedstat") ns" "$before"
memory_kb=$(awk '/VmRSS/ { print $2 }' "/proc/$wire_pid/status")
case $BUILD in
*asan*) leave_out "it is small" "the sanitizer is not" ;;
*) check "it is small: below 10 MiB resident" at_most "$memory_kb" 10240 ;;
esac

# Its end, in every way.
check "the programs are there" eval 'attached wa && attached wb'
kill -9 "$wire_pid"
wait "$wire_pid" 2>/dev/null
check "killed, it leaves nothing attached" wait_for 5 none_attached
wire
check "and its socket in nobody's way" in_ a ping -c 1 10.0.0.2
kill -TERM "$wire_pid"
wait "$wire_pid"
check "told to end, it ends with 0" equal $? 0
check "and leaves nothing attached" none_attached
check "nor a socket" test ! -e "$WORK/wire.sock"
ip netns exec "$TAG-w" "$HEDDLE" wire wa wb 2>"$WORK/wire.log" &
wire_pid=$!
pids+=("$wire_pid")
check "it is found by its ends, in either order" wait_for 5 in_ w "$HEDDLE" wire show wb wa
end_wire
wire
ip -n "$TAG-w" link del wb
wait "$wire_pid"
check "without its interface it ends with 1" equal $? 1
check "and says so" grep -q "wb: the interface is gone" "$WORK/wire.log"
finish
