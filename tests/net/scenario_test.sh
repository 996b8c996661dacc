#!/usr/bin/env bash
# What befalls two data centers, and what the timeline says of it: losses are no more than their causes
# explain, and times are those that packet captures and the kernels' own notifications show.
# shellcheck source=tests/net/lib.sh disable=SC2034,SC2317,SC2119,SC2120
. "$(dirname "$0")/lib.sh"
command -v vtysh >/dev/null || skip "FRR is not installed"
command -v tcpdump >/dev/null || skip "tcpdump is not installed"

TWIN=$TAG
RATE=5000 # probes a second, between all hosts
root=$(cd "$(dirname "$0")/../.." && pwd)
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
cp "$root"/examples/two-data-centers.* "$root"/examples/optics/dci.json "$WORK"

# intent RESTORE FILE: as the example, but for when light is rerouted; without applications.
intent() {
	sed "s,optics/,,; s/scale: 1000/scale: 10000/; s/restore: 2s/restore: $1/; /^applications:/,\$d" \
		"$WORK/two-data-centers.yaml" >"$2"
}
twin() {
	local verb=$1
	shift
	timeout 90 "$HEDDLE" twin "$verb" --name "$TWIN" "$@"
}
raise() { twin up --patience 60 "$1" >"$WORK/said" 2>&1 || { cat "$WORK/said"; return 1; }; }
play() { # STEP…: a scenario of these, one after the other; its timeline in $WORK/timeline
	printf -- '- {at: 0s, %s}\n' "$@" >"$WORK/scenario.yaml"
	twin play --json --rate $RATE --patience 60 "$WORK/scenario.yaml" >"$WORK/timeline" 2>"$WORK/said"
}
tells() { jq -e "$1" "$WORK/timeline" >/dev/null; }
# When something of a layer was, first or last, after what was done: seconds.
first() { jq "[.timeline[] | select(.layer == \"$1\") | .t] | first" "$WORK/timeline"; }
last() { jq "[.timeline[] | select(.layer == \"$1\") | .t] | last" "$WORK/timeline"; }
lost() { # of the n-th thing done
	jq -r "[.timeline[] | select(.layer == \"packets\") | .words] | .[${1:-0}]" "$WORK/timeline" |
		sed -n 's/^none of.*/0/p; s/^\([0-9]*\) of .* lost.*/\1/p'
}
at_most() { awk -v value="$1" -v most="$2" 'BEGIN { exit !(value <= most) }'; }
# What a time without a way explains, in probes; one more for each flow, which may be under way.
explained() { jq -n "$RATE * $1 + 30 | floor"; }
in_twin() { ip netns exec "$TWIN.$1" "${@:2}"; }

# --- what nobody protects ---
intent never "$WORK/never.yaml"
check "two data centers come up" raise "$WORK/never.yaml"

# Others look, too: a capture at a host, and the kernels' notifications at all switches.
in_twin west-leaf1-h1 tcpdump -i eth1 -w "$WORK/host.pcap" -U udp 2>/dev/null &
pids+=($!)
for namespace in $(ip netns list | awk '{print $1}' | grep "^$TWIN\..*\(leaf\|spine\|border\)[0-9]$"); do
	ip netns exec "$namespace" ip -ts monitor route >"$WORK/${namespace#"$TWIN".}.routes" &
	pids+=($!)
done
sleep 0.5
check "a fibre is cut, and nothing restores it" play "cut: south East-West 1"
check "what is dark stays dark" eval '[ "$(twin light --json | jq -r ".services[0].state")" = dark ]'
check "the cause comes first: done, light, port, then BGP and FIB, and the proof after them" tells '
	[.timeline[] | {(.layer): .t}] | (map(.done // empty) | first) as $done |
	(map(.light // empty) | first) as $light | (map(.port // empty) | first) as $port |
	(map(.BGP // empty) | first) as $bgp | (map(.FIB // empty) | last) as $fib |
	(map(.proof // empty) | last) as $proof |
	$done == 0 and $light >= 0 and $port >= $light and $bgp >= $port and $fib >= $port and $proof >= $fib'
check "something is lost" at_least "$(lost)" 1
check "no more than the tables' change explains: $(lost) in $(last FIB) s" \
	at_most "$(lost)" "$(explained "$(last FIB)")"
sleep 0.3
kill "${pids[@]}" 2>/dev/null
wait "${pids[@]}" 2>/dev/null
pids=()

# The longest time in which a flow had nothing to show for itself at that host, around the cut, in
# milliseconds: of those that are probed all the time, and not of what looks for their ways.
cut_at=$(jq '.timeline[0].at' "$WORK/timeline")
tcpdump -tt -n -r "$WORK/host.pcap" 2>/dev/null | awk -v cut="$cut_at" '
	$1 > cut - 0.4 && $1 < cut + 0.7 {
		flow = $3 " " $5
		count[flow]++
		if (flow in seen && $1 > cut && $1 - seen[flow] > gap[flow]) gap[flow] = $1 - seen[flow]
		seen[flow] = $1
	}
	END {
		for (flow in count) if (count[flow] > 20 && gap[flow] > longest) longest = gap[flow]
		printf "%.1f\n", longest * 1e3
	}' >"$WORK/gap"
told=$(jq -r '.timeline[] | select(.layer == "packets") | .words' "$WORK/timeline" |
	sed -n 's/.*longest outage of a flow \([0-9]*\) ms.*/\1/p' | head -n 1)
# The flow with the longest outage need not end at this host; probes of a flow are some milliseconds apart.
check "a capture at a host has no longer gap than the outage that is told: $(cat "$WORK/gap") of $told ms" \
	at_most "$(cat "$WORK/gap")" "$(jq -n "$told + 60")"
check "and one of that kind" at_least "$(jq -n "$(cat "$WORK/gap") | floor")" 5
# "[2026-11-29T20:24:14.123456] 10.0.0.0/24 …": the last route that any kernel was given.
seen=$(sed -n 's/^\[\([^]]*\)\].*/\1/p' "$WORK"/*.routes | sort | awk 'END { print }')
seen=$(date -d "$seen" +%s.%N)
check "the last change of a table is when the kernels said so, within 20 ms" \
	at_most "$(jq -n "$seen - $cut_at - $(last FIB) | fabs")" 0.02
count=$(jq -r '.timeline[] | select(.layer == "FIB") | .words' "$WORK/timeline" |
	sed -n 's/.*the last of \([0-9]*\), in \([0-9]*\) switches.*/\2/p')
changed=$(grep -l '^\[' "$WORK"/*.routes | wc -l)
check "in as many switches: $count" equal "$count" "$changed"
check "and the FIBs are what the model says, without that link" \
	"$HEDDLE" fabric verify --name "$TWIN" --with-failures

check "mended, it is lit again" play "mend: south East-West 1"
check "which loses nothing" equal "$(lost)" 0

# --- ageing, to the cliff and over it ---
age_to() { # DB: the frame loss of the light, then
	play "age: $1 south East-West 2" && twin light --json >"$WORK/light"
}
check "a span that ages a little loses nothing" eval 'age_to 2 && [ "$(lost)" = 0 ] &&
	[ "$(jq ".services[0].frame_loss" "$WORK/light")" = 0 ]'
margin=$(jq '.services[0].margin_db' "$WORK/light")
# Margin goes with loss about dB for dB; the waterfall is 0.6 dB wide.
low=2 high=30
for _ in $(seq 10); do
	middle=$(jq -n "($low + $high) / 2")
	age_to "$middle" || break
	state=$(jq -r '.services[0].margin_db | if . == null then "over" elif . > -0.2 then "under"
		elif . < -0.35 then "over" else "on" end' "$WORK/light")
	case $state in
	under) low=$middle ;;
	over) high=$middle ;;
	on) break ;;
	esac
done
check "at the cliff it is failing: $(jq -c '.services[0] | [.margin_db, .frame_loss]' "$WORK/light") (had $margin dB)" \
	equal "$(jq -r '.services[0].state' "$WORK/light")" failing
expected=$(jq '.services[0].frame_loss' "$WORK/light")
far=$(in_twin west-border1 ip -6 -json addr show dev swp1 scope link | jq -r '.[0].addr_info[0].local')
read -r sent came < <(in_twin east-border1 ping -f -c 20000 "$far%swp1" |
	sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p')
# Both ways, each with that chance: five standard deviations around what is expected.
check "as many frames are lost as its margin says: $((sent - came)) of $sent pings" eval \
	'jq -en "(2 * $expected * $sent) as \$mean | ($sent - $came - \$mean) | fabs <= 5 * (\$mean | sqrt) + 1" >/dev/null'
check "over it the link is dark, and the port down" eval 'age_to 35 &&
	[ "$(jq -r ".services[0].state" "$WORK/light")" != failing ] && tells "[.timeline[].layer] | index(\"port\")"'
check "mended, all is as planned" eval 'play "mend: south East-West 2" &&
	[ "$(twin light --json | jq -r ".services[0].state")" = lit ]'

# --- switches and data planes ---
check "a data plane is killed: nothing is lost but what was in flight" eval \
	'play "kill: west-leaf1 heddle" && [ "$(lost)" -le 5 ]'
check "a spine is switched off" play "fail: node east-spine1"
check "no more is lost than the tables' change explains: $(lost) in $(last FIB) s" \
	at_most "$(lost)" "$(explained "$(last FIB)")"
check "it returns, and nothing is lost" eval 'play "restore: node east-spine1" && [ "$(lost)" = 0 ]'
check "a link is drained, and what it carried goes on elsewhere" play \
	"drain: link east-border1:west-border1"
check "which loses next to nothing: $(lost)" at_most "$(lost)" 100
check "the drain is known" eval 'twin light >/dev/null; "$HEDDLE" fabric verify --name "$TWIN" --with-failures >/dev/null'
check "it is taken back" eval 'play "undrain: link east-border1:west-border1" && [ "$(lost)" -le 100 ]'
check "what would cut hosts off is not drained" eval '! twin drain link east-leaf1:east-leaf1-h1 >"$WORK/said" 2>&1'
check "a mode is changed, and the link is as fast as that" eval \
	'play "upgrade: east-border1:west-border1 300G 8QAM" &&
	[ "$(twin light --json | jq ".services[0].bit_rate")" = 600000000000 ] && [ "$(lost)" = 0 ]'
check "a mode that there is none of is refused, with those that there are" eval \
	'! twin light upgrade east-border1:west-border1 9000G >"$WORK/said" 2>&1 && grep -q "400G 16QAM" "$WORK/said"'
check "the routing daemons of a leaf end and come back" play "restart: west-leaf1"
check "the journal has all of that" eval '[ "$(twin timeline --json |
	jq "[.timeline[] | select(.layer == \"done\")] | length")" -ge 12 ]'
twin down

# --- what is protected, and pumped ---
intent 50ms "$WORK/protected.yaml"
jq '(.elements[] | select(.uid | startswith("south ")) | select(.type == "Fiber")) |= (.type = "RamanFiber" |
	.operational = {temperature: 283, raman_pumps: [
		{power: 0.2, frequency: 205e12, propagation_direction: "counterprop"},
		{power: 0.2, frequency: 201e12, propagation_direction: "counterprop"}]})' \
	"$WORK/two-data-centers.line.json" >"$WORK/pumped.json"
mv "$WORK/pumped.json" "$WORK/two-data-centers.line.json"
jq '.RamanFiber = .Fiber' "$WORK/dci.json" >"$WORK/pumped.json"
mv "$WORK/pumped.json" "$WORK/dci.json"
check "protected by 50 ms, and with pumps, they come up" raise "$WORK/protected.yaml"
delay() { twin wire east-border1:west-border1 show --json | jq '[.. | .delay_ns? // empty] | first'; }
light_delay=$(delay)
sed 's/  prod:/  test: {ipv4: 10.20.0.0\/16}\n  prod:/' "$WORK/protected.yaml" >"$WORK/grown.yaml"
check "the intent changes, and the links are as their light is" eval '[ "$light_delay" -gt 100000 ] &&
	"$HEDDLE" fabric apply --name "$TWIN" "$WORK/grown.yaml" >"$WORK/said" 2>&1 && [ "$(delay)" = "$light_delay" ]'
check "a fibre is cut" play "cut: south East-West 1"
acted=$(jq '[.timeline[] | select(.words | startswith("protection has acted")) | .t] | first' "$WORK/timeline")
check "protection acts after its 50 ms: after $acted s" eval 'jq -en "$acted >= 0.05 and $acted < 0.25" >/dev/null'
check "no more is lost than until the tables are right again: $(lost) in $(last FIB) s" \
	at_most "$(lost)" "$(explained "$(last FIB)")"
check "it is mended" play "mend: south East-West 1"
whole=$(twin light --json | jq '.services[0].margin_db')
check "a pump is lost, and the other" play "lose-pump: 1 south East-West 2" "lose-pump: 2 south East-West 2"
check "which costs margin: $whole dB, then $(twin light --json | jq '.services[0].margin_db')" eval \
	'jq -en "$(twin light --json | jq ".services[0].margin_db") < $whole" >/dev/null'
check "a pump that is not there is refused" eval \
	'! twin light lose-pump "south East-West 2" 3 >"$WORK/said" 2>&1 && grep -q "number of one, from 1" "$WORK/said"'
finish
