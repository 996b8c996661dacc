#!/usr/bin/env bash
# A fabric's links and nodes made to fail, one after the other, and mended: each time the live tables
# come to what the model computes with that failure, and the report says what was lost and when.
# shellcheck source=tests/net/lib.sh disable=SC2317
. "$(dirname "$0")/lib.sh"

TWIN=$TAG
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
cat >"$WORK/fabric.yaml" <<'Y'
fabric: drills
spines: 2
leaves: 4
hosts: 1
tenants:
  web: {ipv4: 10.1.0.0/16, ipv6: fd00:1::/48}
  db: {ipv4: 10.2.0.0/16}
racks:
  leaf1: {hosts: 1, dual-homed-to: leaf2}
  leaf4: {hosts: [db1], tenant: db}
policies:
  - deny: [web, db]
Y
drill() { # ACTION [WORD…]: the report in $WORK/report
	"$HEDDLE" twin "$@" --name "$TWIN" --json --patience 60 >"$WORK/report" 2>"$WORK/said"
}
said() { # FILTER: of the report
	jq -e "$1" "$WORK/report" >/dev/null
}
names() {
	"$HEDDLE" twin status --name "$TWIN" --json | jq -r "$1"
}

check "the fabric comes up" "$HEDDLE" twin up --name "$TWIN" --patience 60 "$WORK/fabric.yaml"
check "its status tells of all nodes" equal "$(names '.nodes | length')" 10
check "… that are up" equal "$(names '[.nodes[].state] | unique | join(" ")')" up
check "… and of the memory of each switch" at_least "$(names '[.nodes[] | select(.role == "leaf") | .memory_bytes] | min')" 1000000
check "every pair of hosts is reached by every way, and none that is denied" \
	"$HEDDLE" twin probe --name "$TWIN" --for 1 --json
check "a link fails, and the tables come to what the model says" drill fail link leaf1:spine1
check "… which switches noticed" said '.detected.after_ms > 0 and .bgp.after_ms >= .detected.after_ms'
check "… and wrote into their tables" said '.fib.after_ms > 0 and .route_changes > 0'
check "… and flows took other ways" said '.ways | length > 0'
check "… around it" said '[.ways[].after | index(["leaf1", "spine1"]) // index(["spine1", "leaf1"])] | all(. == null)'
check "… while probes were sent all the time" said '.probes.longest_pause_ms < 100'
check "… some probes were lost, and no longer when the tables were right" \
	said '.probes.sent > 1000 and .probes.last_lost_after_ms < .proven_after_ms + 50'
check "the status tells of it" equal "$(names '.failed_links[0]')" "$(jq -r '.change | sub("fail link "; "")' "$WORK/report")"
check "the proof finds it" sh -c "! $HEDDLE fabric verify --name $TWIN >/dev/null 2>&1"
check "… unless it is told to expect it" "$HEDDLE" fabric verify --name "$TWIN" --with-failures
check "a second link of another leaf fails" drill fail link leaf2:spine1
check "both are mended" drill restore
check "… and nothing is lost by that" said '.probes.lost == 0'
check "a spine loses power" drill fail node spine2
check "… and comes back" drill restore node spine2
check "… which costs nothing" said '.probes.lost == 0'
check "a leaf loses power" drill fail node leaf3
check "… and cuts its host off" said '.probes.pairs_cut == 4'
check "… and comes back" drill restore
check "a link flaps" drill flap link leaf2:spine1 --times 2 --for 0.3
check "a dual-homed host loses one link" drill fail link leaf1-h1:leaf2
check "… and is still reached" said '.probes.pairs_cut == 0'
check "… and sends by the other" said '.probes.last_lost_after_ms < .proven_after_ms + 50'
check "… all that it sends" said '.ways | all(.arrives)'
check "… and gets it back" drill restore

# Every single link and switch, and pairs of links: with what precedes, more than thirty.
while read -r link; do
	check "fails as computed: $link" drill fail link "$link"
	check "… and mends" drill restore
done < <(jq -r '.links[] | .ends[0] | "\(.node):\(.port)"' "/run/heddle/twin/$TWIN/plan/report.json" 2>/dev/null ||
	for leaf in 1 2 3 4; do for spine in 1 2; do echo "leaf$leaf:spine$spine"; done; done)
for pair in "leaf1:spine1 leaf1:spine2" "leaf1:spine1 leaf2:spine2" "leaf3:spine1 leaf4:spine1" "leaf3:spine1 leaf3:leaf3-h1" "leaf1:spine2 leaf1:leaf1-h1"; do
	read -r one other <<<"$pair"
	check "fails as computed: $one …" drill fail link "$one"
	check "… and $other" drill fail link "$other"
	check "… and both mend" drill restore
done
for node in spine1 leaf1 leaf2; do
	check "fails as computed: node $node" drill fail node "$node"
	check "… and mends" drill restore
done

# Links that run through wires: congested, slow, and cut without loss of carrier.
cat >"$WORK/wired.yaml" <<'Y'
fabric: drills
spines: 2
leaves: 2
hosts: 1
tenants:
  web: {ipv4: 10.1.0.0/16, ipv6: fd00:1::/48}
emulate:
  leaf-spine: {rate: 20M, limit: 64K}
  leaf1:spine2: {delay: 20ms, rate: 20M, limit: 64K}
Y
printf 'traffic:\n  - {from: leaf1-h1, to: leaf2-h1, rate: 60M}\n' >"$WORK/traffic.yaml"
wired() {
	"$HEDDLE" twin "$@" --name "$TWIN-w" --json >"$WORK/report" 2>"$WORK/said"
}
trap '"$HEDDLE" twin down --name "$TWIN-w" 2>/dev/null; "$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
check "a fabric of emulated links comes up" "$HEDDLE" twin up --name "$TWIN-w" --patience 60 "$WORK/wired.yaml"
wired probe --for 2 --rate 200
check "a link's delay is that of half of the ways" said \
	'[.pairs[] | select(.ways == 2) | .latency_p99_us] | length > 0 and all(. > 20000 and . < 60000)'
wired probe --for 2 --rate 200 --traffic "$WORK/traffic.yaml"
check "more traffic than the links carry is lost" said \
	'.traffic.demands[0] | .arrived > 0 and .arrived_mbps < 45 and .arrived < .sent'
check "… where their queues overflow" said '[.traffic.congested[].link | contains("leaf1")] | any'
wired probe --for 2 --rate 200 --traffic "$WORK/traffic.yaml" --scale 0.1
check "a tenth of it arrives" said '.traffic.demands[0] | .arrived == .sent and .sent > 50'
check "a link is seen through" sh -c "$HEDDLE twin wire --name $TWIN-w leaf1:spine2 show | grep -q '^delay_ns  *20000000 '"
check "… and changed while it carries" "$HEDDLE" twin wire --name "$TWIN-w" leaf1:spine2 set --delay 1ms
wired probe --for 1 --rate 200
check "… at once" said '[.pairs[] | select(.ways == 2) | .latency_p99_us] | all(. < 20000)'
check "a link is cut silently: BFD finds it, and all is as computed" wired fail link leaf1:spine2 --silent
check "… not by its carrier" said '.detected.what | contains("BGP")'
cut() { "$HEDDLE" twin wire --name "$TWIN-w" leaf1:spine2 show 2>/dev/null | grep -q '^down  *yes  *yes'; }
ip netns pids "$TWIN-w.spine2:swp1" | xargs kill -9
wire_is_back() { "$HEDDLE" twin status --name "$TWIN-w" --json | jq -e '.wires | .restarts == 1 and .running == .wanted' >/dev/null; }
check "its emulator is started again, and the status tells of it" wait_for 10 wire_is_back
check "… as one that carries nothing" wait_for 5 cut
check "… and the tables stay as computed" "$HEDDLE" fabric verify --name "$TWIN-w" --with-failures
check "… and mends" wired restore
check "… sooner than a device that refuses frames would be tried again" said '.proven_after_ms < 10000'
check "a node cannot fail silently" sh -c \
	"! $HEDDLE twin fail --name $TWIN-w node leaf1 --silent 2>$WORK/said && grep -q 'only a link' $WORK/said"
check "one without a wire cannot be cut silently" sh -c \
	"! $HEDDLE twin fail --name $TWIN-w link leaf1:leaf1-h1 --silent 2>$WORK/said && grep -q 'runs through a wire' $WORK/said"
check "the wired twin goes" "$HEDDLE" twin down --name "$TWIN-w"
check "… with its wires" equal "$(ip netns list | grep -c "^$TWIN-w\\.")" 0

refuses() { # PATTERN ARGUMENT…
	local pattern=$1
	shift
	! "$HEDDLE" twin "$@" --name "$TWIN" >/dev/null 2>"$WORK/said" && grep -q "$pattern" "$WORK/said"
}
check "a link that is none is refused" refuses 'no such link' fail link leaf1:spine9
check "… and a node" refuses 'no such node' fail node leaf9
check "… and what is neither" refuses "expected 'link' or 'node'" fail switch leaf1
check "… and a rate that is none" refuses "expected a number" fail link leaf1:spine1 --rate many
check "nothing of that has changed anything" "$HEDDLE" fabric verify --name "$TWIN"
check "the twin goes" "$HEDDLE" twin down --name "$TWIN"
check "its status says so" refuses 'no twin' status
finish
