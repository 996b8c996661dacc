#!/usr/bin/env bash
# Two data centers and the light between them: links are as fast and as far as their wavelengths are,
# and what is done to fibres and amplifiers comes to ports, BGP, tables and packets.
# shellcheck source=tests/net/lib.sh disable=SC2317,SC2119,SC2120
. "$(dirname "$0")/lib.sh"
command -v vtysh >/dev/null || skip "FRR is not installed"

TWIN=$TAG
root=$(cd "$(dirname "$0")/../.." && pwd)
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
cp "$root"/examples/two-data-centers.* "$root"/examples/optics/dci.json "$WORK"
# 800 Gbit/s are 80 Mbit/s here, and nothing else is to be on them (applications_test.sh).
sed -i '/^applications:/,$d' "$WORK/two-data-centers.yaml"
sed -i 's,optics/,,; s/scale: 1000/scale: 10000/' "$WORK/two-data-centers.yaml"

light() { # WORD…: in $WORK/light; of what is done, a report a line in $WORK/reports
	timeout 90 "$HEDDLE" twin light --name "$TWIN" --json --patience 60 "$@" >"$WORK/out" 2>"$WORK/said" || {
		cat "$WORK/said"
		return 1
	}
	jq -c . "$WORK/out" >"$WORK/reports"
	"$HEDDLE" twin light --name "$TWIN" --json >"$WORK/light"
}
shows() { # FILTER: of the services
	jq -e ".services | $1" "$WORK/light"
}
reports() { # FILTER: of the list of reports
	jq -s -e "$1" "$WORK/reports"
}
refuses() { # WORDS WORD…
	local words=$1
	shift
	! "$HEDDLE" twin light --name "$TWIN" "$@" >"$WORK/said" 2>&1 && grep -qF "$words" "$WORK/said"
}
verified() {
	"$HEDDLE" fabric verify --name "$TWIN" >"$WORK/verdict" 2>&1 || {
		cat "$WORK/verdict"
		return 1
	}
}
in_twin() { ip netns exec "$TWIN.$1" "${@:2}"; }

# --- bad intents ---
sed 's/west-border2/west-border3/' "$WORK/two-data-centers.services.json" >"$WORK/bad.services.json"
sed 's/two-data-centers.services/bad.services/' "$WORK/two-data-centers.yaml" >"$WORK/bad.yaml"
check "a service of no link is refused before anything is raised" eval '! "$HEDDLE" twin up --name "$TWIN" \
	"$WORK/bad.yaml" >"$WORK/said" 2>&1 && grep -q "is no interconnect of the fabric" "$WORK/said" &&
	[ ! -e "/run/heddle/twin/$TWIN" ]'
sed 's/800e9\|800000000000.0/9e15/' "$WORK/two-data-centers.services.json" >"$WORK/bad.services.json"
check "one that cannot be carried, too" eval '! "$HEDDLE" twin up --name "$TWIN" "$WORK/bad.yaml" \
	>"$WORK/said" 2>&1 && grep -q "cannot be carried: NO_SPECTRUM" "$WORK/said"'

# --- as planned ---
check "two data centers come up" "$HEDDLE" twin up --name "$TWIN" --patience 60 \
	"$WORK/two-data-centers.yaml"
light
check "both links are lit, 800 Gbit/s each" shows 'map(.state == "lit" and .bit_rate == 800e9) == [true, true]'
check "with margin" shows 'map(.margin_db > 1) == [true, true]'
# 155 km at 1.468 of light's slowness.
check "their latency is the fibre's" shows 'map(.latency_ms > 0.758 and .latency_ms < 0.760) == [true, true]'
far=$(in_twin west-border1 ip -6 -json addr show dev swp1 scope link | jq -r '.[0].addr_info[0].local')
# The least of many, and less what it takes without a delay: ping, ports and the wire itself.
round_trip() {
	in_twin east-border1 ping -c 100 -i 0.02 "$far%swp1" | sed -n 's,.*= \([0-9.]*\)/.*,\1,p'
}
long=$(round_trip)
"$HEDDLE" twin wire --name "$TWIN" east-border1:west-border1 set --delay 0
short=$(round_trip)
"$HEDDLE" twin wire --name "$TWIN" east-border1:west-border1 set --delay 758992ns
check "packets take as long, within 5%" within "$(jq -n "($long - $short) / 2")" 0.759 5
in_twin west-leaf1-h1 iperf3 -s -1 -p 5201 >/dev/null 2>&1 &
pids+=($!)
west=$(in_twin west-leaf1-h1 ip -4 -json addr show dev eth1 | jq -r '.[0].addr_info[0].local')
wait_for 5 eval 'in_twin west-leaf1-h1 ss -ltn | grep -q :5201'
in_twin east-leaf1-h1 timeout 20 iperf3 -c "$west" -p 5201 -t 4 -O 1 --json >"$WORK/iperf.json"
# 80 Mbit/s on the medium are, of 1448 bytes in 1538, 75.3 of TCP.
check "and carry what the light does, within 5%" within \
	"$(jq '.end.sum_received.bits_per_second / 1e6' "$WORK/iperf.json")" 75.3 5

# --- what is done to it ---
check "a fibre is cut" light cut "south East-West 1"
check "tables are proven without the link, and with it on the other route" \
	reports 'map(.proven) == [true, true]'
check "the light takes the other route" shows 'map(.state) == ["restored", "lit"] and
	(.[0].path | index("roadm North")) != null'
# Of 5000 probes a second no more than those sent until the tables were right.
check "both links share its duct, which is told" eval '[ "$(jq -c ".services[0].shares_duct_with" "$WORK/light")" = \
	"[\"east-border2:west-border2\"]" ] && "$HEDDLE" twin light --name "$TWIN" | grep -q "share a duct"'
check "packets are lost until the tables are right" reports '.[0] | .probes.lost > 0 and
	.probes.lost <= 5000 * .proven_after_ms / 1000'
check "and none while it comes back" reports '.[1].probes.lost == 0'
check "the twin is as designed" verified

check "the other way is cut as well" light cut "north East-North 1"
check "nothing is lit" shows 'map(.state) == ["dark", "dark"]'
check "it is mended" light mend "north East-North 1"
check "both links take that way" shows 'map(.state) == ["restored", "lit"]'
check "the first is mended" light mend "south East-West 1"
check "and both are as planned" shows 'map(.state) == ["lit", "lit"]'

planned=$(jq '.services[0].margin_db' "$WORK/light")
check "a span ages" light age "south East-West 2" 2
check "which costs margin, and nothing else" shows '.[0].state == "lit" and
	.[0].margin_db < '"$planned - 0.05"
check "it ages past the cliff" light age "south East-West 2" 20
check "and the light takes the other route" shows '.[0].state == "restored"'
check "mended it comes back" light mend "south East-West 2"
check "an amplifier fails" light fail "line amplifier south West-East 1"
check "and the light takes the other route, again" shows '.[0].state == "restored"'
check "mended, all is as planned" light mend "line amplifier south West-East 1"
check "the twin is as designed, still" verified

cat >"$WORK/scenario.yaml" <<'Y'
- {at: 0s, cut: south East-West 1}
- {at: 4s, mend: south East-West 1}
- {at: 5s, kill: west-leaf1 heddle}
- {at: 6s, fail: link east-leaf1:east-spine1}
- {at: 7s, restore: link east-leaf1:east-spine1}
Y
play() { timeout 90 "$HEDDLE" twin play --name "$TWIN" --json --patience 60 "$1" >"$WORK/timeline" 2>"$WORK/said"; }
tells() { jq -e "$1" "$WORK/timeline"; }
check "a scenario is played" play "$WORK/scenario.yaml"
check "its timeline is in order" tells '[.timeline[].t] | . == sort'
check "every change is proven" tells '.proven and ([.timeline[] | select(.layer == "done")] | length) == 6'
check "the cut goes from light to port, BGP, tables and packets" tells '.timeline |
	map(select(.t < 1).layer) | index("light") < index("port") and index("port") < index("proof") and
	index("BGP") < index("proof") and index("FIB") < index("proof") and index("packets") != null'
check "nothing is lost when a data plane is killed" tells '.timeline |
	map(select(.layer == "done").words) as $done | (map(.words) | index("kill west-leaf1/heddle")) as $at |
	[.[$at:][] | select(.layer == "packets")][0].words | startswith("none of")'
printf -- '- {at: 1s, cutt: x}\n- {cut: y}\n' >"$WORK/scenario.yaml"
check "what is wrong with one is told in its place" eval '! play "$WORK/scenario.yaml" &&
	grep -q "scenario.yaml:1: .cutt.: expected .cut.?" "$WORK/said" && grep -q "scenario.yaml:2:" "$WORK/said"'
check "a process that there is none of is not killed" eval '! "$HEDDLE" twin kill --name "$TWIN" west-leaf1 ospfd \
	2>"$WORK/said" && grep -q "no such process runs" "$WORK/said"'

check "an element that there is none of is refused" refuses "no such element of the line" cut south
check "as is age of what is no fibre" refuses "expected a fibre" age "roadm East" 3
check "and a loss that is no number" refuses "is no loss in dB" age "south East-West 1" 3dB

check "the twin is removed" "$HEDDLE" twin down --name "$TWIN"
check "with all that it knew" test ! -e "/run/heddle/twin/$TWIN"
finish
