#!/usr/bin/env bash
# What hosts do with the network of two data centers, and what comes of it: all-reduce, frames of a
# headset, messages of devices, requests; as designed, while the light between them goes and comes, and
# when what plays them is killed, stopped, or given another intent.
# shellcheck source=tests/net/lib.sh disable=SC2317,SC2119,SC2120
. "$(dirname "$0")/lib.sh"
command -v vtysh >/dev/null || skip "FRR is not installed"

TWIN=$TAG
PLAIN=${TAG}plain
root=$(cd "$(dirname "$0")/../.." && pwd)
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; "$HEDDLE" twin down --name "$PLAIN" 2>/dev/null; cleanup' EXIT
cp "$root"/examples/two-data-centers.* "$root"/examples/optics/dci.json "$WORK"
intent=$WORK/two-data-centers.yaml
# 800 Gbit/s are 80 Mbit/s here; as many headsets take all ways of equal cost.
sed -i 's,optics/,,; s/scale: 1000/scale: 10000/; s/headsets: 2/headsets: 8/; s/rate: 3M/rate: 1M/' "$intent"

shows() { # FILTER [WORD…]: of applications, by name
	"$HEDDLE" twin applications --name "$TWIN" --json "${@:2}" >"$WORK/figures" 2>"$WORK/said" || {
		cat "$WORK/said"
		return 1
	}
	jq -c '.applications | map({(.name): .}) | add' "$WORK/figures"
	jq -e ".applications | map({(.name): (. + {is: (.figures | map({(.name): .value}) | add)})}) | add | $1" \
		"$WORK/figures"
}
light() { # WORD…: a report a line in $WORK/reports
	timeout 90 "$HEDDLE" twin light --name "$TWIN" --json --patience 60 "$@" >"$WORK/out" 2>"$WORK/said" || {
		cat "$WORK/said"
		return 1
	}
	jq -c . "$WORK/out" >"$WORK/reports"
}
reports() { # FILTER: of the list of reports
	jq -s -c 'map(.applications)' "$WORK/reports"
	jq -s -e "$1" "$WORK/reports"
}
refuses() { # "WORDS" COMMAND…
	local words=$1
	shift
	"$@" >"$WORK/said" 2>&1 && return 1
	cat "$WORK/said"
	grep -qF "$words" "$WORK/said"
}
player() { pgrep -f "twin applications --name $TWIN run"; }
is_usage() { # COMMAND…: ends with 2
	"$@" >"$WORK/said" 2>&1
	[ $? = 2 ]
}

# --- intents ---
sed 's/from: east-leaf1-h1, to: west-leaf1-h1/from: east-leaf1-h7, to: west-leaf1-h1/' "$intent" >"$WORK/bad.yaml"
check "an application of no host is refused before anything is raised" refuses \
	"'east-leaf1-h7': expected a host; 'east-leaf1-h1'?" "$HEDDLE" twin up --name "$TWIN" "$WORK/bad.yaml"
sed 's/class: xr/class: vr/' "$intent" >"$WORK/vr.yaml"
check "and so is one of no class" refuses "'vr': expected 'xr'?" "$HEDDLE" twin up --name "$TWIN" "$WORK/vr.yaml"

printf 'spines: 1\nleaves: 2\nhosts: 2\n' >"$WORK/plain.yaml"
"$HEDDLE" twin up --name "$PLAIN" --patience 60 "$WORK/plain.yaml"
check "a fabric without applications says so" refuses "plays no applications" \
	"$HEDDLE" twin applications --name "$PLAIN"
check "and starts none" refuses "the intent of the twin has no 'applications'" \
	"$HEDDLE" twin applications --name "$PLAIN" start
cat >>"$WORK/plain.yaml" <<'Y'
applications:
- {name: talk, class: iot, devices: 50, every: 1s}
- {name: headset, class: xr, from: [leaf1-h1, leaf1-h2], to: leaf2-h1, headsets: 2}
- {name: alone, class: iot, from: leaf1-h2, to: leaf2-h1, devices: 20, every: 1s}
- {name: shop, class: web, from: leaf1-h1, to: leaf2-h1, requests: 1000, sizes: data-mining, size-scale: 0.0001}
Y
check "it is given some" "$HEDDLE" fabric apply --name "$PLAIN" "$WORK/plain.yaml"
says_of_plain() { "$HEDDLE" twin applications --name "$PLAIN" --json | jq -e "$1"; }
check "which are played" wait_for 10 says_of_plain '.applications[0] | .state == "up" and .figures[0].value > 10'
says_of_each() { says_of_plain ".applications | map({(.name): (. + {is: (.figures | map({(.name): .value}) | add)})}) | add | $1"; }
check "a thousand requests a second are answered" wait_for 10 says_of_each '.shop.is | .requests > 800 and .failed == 0'

ways() { # add|del
	ip -n "$PLAIN.leaf1-h2" route "$1" default via "$way4" && ip -n "$PLAIN.leaf1-h2" -6 route "$1" default via "$way6"
}
way4=$(ip -n "$PLAIN.leaf1-h2" -j route show default | jq -r '.[0].gateway')
way6=$(ip -n "$PLAIN.leaf1-h2" -j -6 route show default | jq -r '.[0].gateway')
"$HEDDLE" twin applications --name "$PLAIN" stop
ways del
"$HEDDLE" twin applications --name "$PLAIN" start
check "a headset without a way leaves the other" wait_for 15 says_of_each '.headset | .state == "up" and
	.is."late frames" > 45 and .is."late frames" < 60 and .latency_ms.p99 == null'
check "some messages are lost of what is up" wait_for 15 says_of_each '.talk | .state == "up" and .is.loss > 10'
check "and all of what is down" wait_for 15 says_of_each '.alone | .is.loss == 100 and .state == "down" and
	.reason == "leaf1-h2 does not reach leaf2-h1: Network is unreachable"'
ways add
check "all are up when it has one" wait_for 20 says_of_each 'map(.state == "up") | all'
check "and the headset is opened again" wait_for 15 says_of_each '.headset.is."late frames" < 10'
"$HEDDLE" twin down --name "$PLAIN"

# --- as designed ---
check "two data centers come up" "$HEDDLE" twin up --name "$TWIN" --patience 60 "$intent"
check "all applications do" wait_for 15 shows 'map(.state == "up" and .latency_ms.p50 > 0) == [true, true, true, true, true]'
check "each has the figure of its class" shows 'map([.class, .figures[0].name]) | unique == [
	["ai", "step time"], ["iot", "connections"], ["web", "completion, 99%"], ["xr", "late frames"]]'
shows . --for 6 >/dev/null
figures() { # FILTER: of those six seconds
	jq -c '.applications' "$WORK/figures"
	jq -e ".applications | map({(.name): (. + {is: (.figures | map({(.name): .value}) | add)})}) | add | $1" \
		"$WORK/figures"
}
# 155 km there and back at 1.468 of light's slowness: 1.518 ms.
check "motion to photon is no less than the fibre's round trip" figures '.headset.latency_ms.p50 > 1.518'
check "a message and its acknowledgement are not either" figures '.sensors.latency_ms.p50 > 1.518'
check "a request takes two of them, at the other site" figures '.shop.latency_ms.p99 > 3.036'
# Of the 256000 bytes each host sends 2 * 3 / 4, at 80 Mbit/s: 38.4 ms; it computes for 150.
check "a step of the ring takes as long as its bytes do" figures '.training.is | ."step time" > 188 and
	."all-reduce" > 38 and ."all-reduce" < 150'
check "8 times 90 frames a second come" figures '.headset.is.frames > 600 and .headset.is.frames < 740'
check "and few are late" figures '.headset.is."late frames" < 10'
check "200 messages a second do, and none is lost" figures '.sensors.is | .connections > 180 and
	.connections < 220 and .loss == 0'
check "30 requests a second are answered" figures '.shop.is | .requests > 18 and .requests < 42 and .failed == 0'
step=$(jq '.applications[] | select(.name == "training").figures[0].value' "$WORK/figures")

# --- the light goes and comes ---
check "a fibre is cut" light cut "south East-West 1"
check "what it made of each is told" reports 'map(.applications | length) == [5, 5]'
check "frames are late, and messages lost" reports '.[0].applications | map(.words) |
	any(test("^headset: [0-9]+ of [0-9]+ frames late or lost")) and
	any(test("^sensors: [0-9]+ of [0-9]+ messages lost"))'
check "steps or requests take longer" reports '.[0] as $report | $report.applications | map(.words |
	capture(": (all-reduce step|p99|slowest) (?<was>[0-9.]+) → (?<is>[0-9.]+) ms") |
	(.is | tonumber) > 1.3 * (.was | tonumber)) | any'
check "what is told is of the time since" reports '. as $all | [range(length)] |
	all($all[.] as $report | $report.applications | all(.at > $report.at - 0.01))'
check "when it is restored, all is as it was" wait_for 20 shows '(.headset.is."late frames" < 10) and
	(.sensors.is.loss == 0) and (.training.is."step time" < 1.25 * '"$step"')' --for 3

light cut "north East-North 1"
check "without any light, the other site does not answer" wait_for 20 shows '[.headset, .sensors, .training, .reduce] |
	all(.state == "down")'
check "and why is told" shows '.headset.reason == "nothing arrives" and
	(.training.reason | test("reach|get on"))'
check "both are mended" eval 'light mend "north East-North 1" && light mend "south East-West 1"'
check "all applications are up again" wait_for 20 shows 'map(.state == "up") | all'
check "and steps as long as before" wait_for 20 shows '.training.is."step time" < 1.25 * '"$step" --for 3

cat >"$WORK/scenario.yaml" <<'Y'
- {at: 0s, cut: south East-West 1}
- {at: 5s, mend: south East-West 1}
Y
timeout 90 "$HEDDLE" twin play --name "$TWIN" --json --patience 60 "$WORK/scenario.yaml" >"$WORK/timeline"
check "a timeline ends with the applications" jq -e '.timeline | ([.[] | select(.layer == "application")] | length) == 15
	and ([.[].t] | . == sort)' "$WORK/timeline"

# --- what plays them ---
killed=$(player)
kill -9 "$killed"
is_another() { [ -n "$(player)" ] && [ "$(player)" != "$killed" ]; }
check "what plays them is started again when it is killed" wait_for 10 is_another
check "and they go on" wait_for 15 shows 'map(.state == "up" and .latency_ms.p50 > 0) | all'
check "the status tells of it" eval '"$HEDDLE" twin status --name "$TWIN" --json |
	jq -e ".applications | .running == 1 and .restarts == 1"'
check "a second one is refused" refuses "are played already" "$HEDDLE" twin applications --name "$TWIN" run
check "they are stopped" "$HEDDLE" twin applications --name "$TWIN" stop
check "which is told" refuses "'heddle twin applications start' starts them" \
	"$HEDDLE" twin applications --name "$TWIN"
"$HEDDLE" twin applications --name "$TWIN" start
check "and started" wait_for 15 shows 'map(.state == "up") | all'
sed '/name: shop/d; s/^hosts: 1/hosts: 2/' "$intent" >"$WORK/other.yaml"
check "another intent is applied, with more hosts and without requests" \
	"$HEDDLE" fabric apply --name "$TWIN" "$WORK/other.yaml"
check "and is what is played" wait_for 15 shows '(map(.state == "up") | all) and (keys | length) == 4'
check "one whose applications have no host is not" refuses "expected a host" \
	"$HEDDLE" fabric apply --name "$TWIN" "$WORK/bad.yaml"

check "no such action is wrong usage" is_usage "$HEDDLE" twin applications --name "$TWIN" restart
check "as are figures of no time" is_usage "$HEDDLE" twin applications --name "$TWIN" --for 0
check "the twin is removed" "$HEDDLE" twin down --name "$TWIN"
check "with what played them" eval '[ -z "$(player)" ]'
finish
