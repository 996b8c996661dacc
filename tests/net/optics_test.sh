#!/usr/bin/env bash
# heddle optics as it is typed: each action, in text and in JSON, what it says of bad input, and the
# same answer from several processes under mpirun.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
golden=$root/tests/golden/optics
share=$root/examples/optics
ring=(-t "$golden/ring.json" -e "$golden/equipment.json")
span=(-t "$share/one-span.json" -e "$share/dci.json")

optics() { "$HEDDLE" optics "$@"; }

# says STATUS WORDS COMMAND…: it ends with that status and says those words.
says() {
	local status=$1 words=$2
	shift 2
	"$@" >"$WORK/said" 2>&1
	local got=$?
	cat "$WORK/said"
	[ "$got" = "$status" ] && grep -qF -- "$words" "$WORK/said"
}

# tells JSON-FILTER COMMAND…: the filter holds for what it prints.
tells() {
	local filter=$1
	shift
	"$@" >"$WORK/said" && jq -e "$filter" "$WORK/said"
}

check "the libraries and topologies that come along are good" \
	optics check "$share"/*.json

check "services are checked by their network" says 0 "services, good" optics check \
	"$golden/equipment.json" "$golden/ring.json" "$golden/ring.services.json"
sed 's/"Y"/"V"/' "$golden/ring.services.json" >"$WORK/bad.json"
check "what is wrong is told in its place, in JSON, too" tells '.good == false and
	(.files[2].problems[0] | .path == "$.path-request[0].destination" and .line == 3 and
		.severity == "error")' eval 'optics check --json "$golden/equipment.json" \
	"$golden/ring.json" "$WORK/bad.json"; [ $? = 1 ]'
check "design tells what it chose" says 0 "spans of fibre" \
	optics design "${ring[@]}" -o "$WORK/designed.json"
check "which carries as it is" says 0 "2 of 3 carried" optics plan "$golden/ring.services.json" \
	-t "$WORK/designed.json" -e "$golden/equipment.json" --as-designed
check "plan tells what is carried" says 0 "2 of 3 carried" \
	optics plan "$golden/ring.services.json" "${ring[@]}"
check "and why something is not" says 0 "3: NO_FEASIBLE_MODE: 'perfect' needs 62.00 dB" \
	optics plan "$golden/ring.services.json" "${ring[@]}"
check "its JSON has figures of both ways" \
	tells '.n_blocked == 1 and (.results[0] | .mode == "dense" and .channels == 2 and
		.a_z.gsnr_01nm_db.min > 19 and .z_a.gsnr_01nm_db.min > 19)' \
	optics plan "$golden/ring.services.json" "${ring[@]}" --json
check "services that are kept apart pass other sites" \
	tells '[.results[0:2][].roadms[1]] | sort == ["roadm X", "roadm Z"]' \
	optics plan "$golden/ring.services.json" "${ring[@]}" --json
check "it writes GNPy's path response" optics plan "$golden/ring.services.json" "${ring[@]}" \
	-o "$WORK/response.json"
check "with metrics, hops, labels and transponders" tells '.response |
	(.[0]["path-properties"] | ([.["path-metric"][]["metric-type"]] | index("SNR-0.1nm")) != null and
		.["path-route-objects"][0]["path-route-object"]["num-unnum-hop"]["node-id"] == "W" and
		.["path-route-objects"][1]["path-route-object"]["label-hop"][0].M == 8 and
		.["path-route-objects"][2]["path-route-object"].transponder["transponder-mode"] == "dense")
	and .[2]["no-path"]["no-path"] == "NO_FEASIBLE_MODE"' cat "$WORK/response.json"
check "GNPy's choice is another" tells '.results[0].mode == "dense" and .results[0].N == [-1124]' \
	optics plan "$golden/ring.services.json" "${ring[@]}" --json --compat gnpy
optics plan "$golden/ring.services.json" "${ring[@]}" --json >"$WORK/lit.json"
check "what is lit stays lit" tells '.results[0].N[0] >= -1136 + 8 + 8' \
	optics plan "$golden/ring.services.json" "${ring[@]}" --lit "$WORK/lit.json" --json
# Both lines of Y that are not the chord are in one duct: who must share no risk takes the chord.
sed 's/node link/srlg/' "$golden/ring.services.json" >"$WORK/risks.services.json"
echo '{"shared-risk-groups": [{"name": "duct", "elements": ["X-Y", "Y-Z"]}]}' >"$WORK/risks.json"
check "services that must share no risk do not" \
	tells '[.results[0:2][].roadms | length] | sort == [2, 3]' optics plan \
	"$WORK/risks.services.json" "${ring[@]}" --risks "$WORK/risks.json" --json
sed -i 's/X-Y/X-V/' "$WORK/risks.json"
check "a risk of an unknown element is refused" says 1 "no element of a line is called 'X-V'" \
	optics plan "$WORK/risks.services.json" "${ring[@]}" --risks "$WORK/risks.json"
for options in "--load real" "--slots least-broken" "--bidir" "--redesign" "--alternatives 1"; do
	# shellcheck disable=SC2086
	check "plan $options" says 0 "2 of 3 carried" \
		optics plan "$golden/ring.services.json" "${ring[@]}" $options
done

check "capacity fills the band" says 0 "The best mix carries 25.6 Tbit/s each way" \
	optics capacity DC1 DC2 "${span[@]}"
check "of one kind of transceiver if asked" \
	tells '(.modes | length == 1) and .mix.bit_rate == 25.6e12' \
	optics capacity DC1 DC2 "${span[@]}" --transceiver 400ZR --json
check "what a receiver cannot hear does not count" \
	tells '[.modes[] | select(.trx_type == "400ZR") | .close] == [0]' \
	optics capacity DC1 DC2 -t "$share/dark-fibre.json" -e "$share/dci.json" --json

check "survive cuts each line" says 0 "5 of 5 single cuts lose nothing" \
	optics survive "$golden/ring.services.json" "${ring[@]}"
check "and each pair of lines" tells '(.cuts | length) == 15 and
	([.cuts[] | .dead - .restored] | add) == 0 and ([.cuts[] | .dead] | add) == 18' \
	optics survive "$golden/ring.services.json" "${ring[@]}" --pairs --json
optics survive "$golden/ring.services.json" "${ring[@]}" --pairs --json --jobs 1 >"$WORK/one.json"
check "on any number of threads the same" eval 'optics survive "$golden/ring.services.json" \
	"${ring[@]}" --pairs --json --jobs 3 | cmp - "$WORK/one.json"'
if command -v mpirun >/dev/null && [ -e "$BUILD/src/gather/heddle-gather.so" ]; then
	check "and of processes" eval 'OMPI_MCA_rmaps_base_oversubscribe=1 mpirun --allow-run-as-root \
		-n 3 "$HEDDLE" optics survive "$golden/ring.services.json" "${ring[@]}" --pairs --json \
		--jobs 1 2>&1 | cmp - "$WORK/one.json"'
else
	leave_out "and of processes" "no mpirun"
fi

# Of services: the same as of a way with the same channels; among what is lit less than in a full band.
jq '."path-request" |= [.[1] | .bidirectional = false] | .synchronization = []' \
	"$golden/ring.services.json" >"$WORK/one.services.json"
doubt=(--uncertainty "$golden/span.uncertainty.json" --samples 200)
check "margin tells how likely services close" \
	says 0 "2 of 3 carried" optics margin "$golden/ring.services.json" "${ring[@]}" "${doubt[@]}"
optics margin W Y --transceiver t --mode slow "${ring[@]}" "${doubt[@]}" --json |
	jq '.all' >"$WORK/way.json"
check "as it does of a way" eval 'optics margin "$WORK/one.services.json" "${ring[@]}" "${doubt[@]}" \
	--json | jq --slurpfile way "$WORK/way.json" -e ".services[0] | . as \$one | [\$way[0] | to_entries[] |
	.value == \$one[.key]] | all"'
echo '{"spectrum": [{"f_min": 186.025e12, "f_max": 186.025e12, "baud_rate": 32e9, "slot_width": 50e9,
	"roll_off": 0.15, "tx_osnr": 40}]}' >"$WORK/one.spectrum.json"
optics margin W Y --transceiver t --mode slow "${ring[@]}" "${doubt[@]}" --json \
	--spectrum "$WORK/one.spectrum.json" | jq '.all' >"$WORK/way.json"
check "and of one that is alone" eval 'optics margin "$WORK/one.services.json" "${ring[@]}" "${doubt[@]}" \
	--load real --json | jq --slurpfile way "$WORK/way.json" -e ".services[0] | . as \$one |
	[\$way[0] | to_entries[] | .value - \$one[.key] | fabs < 1e-9] | all"'
check "and of all together" tells '.all.closes == 1 and .all.closing_mean == 2 and .n_blocked == 1 and
	(.services | length) == 2 and .services[0].gsnr_planned_db > 26.5' optics margin \
	"$golden/ring.services.json" "${ring[@]}" "${doubt[@]}" --load real --json
optics margin "$golden/ring.services.json" "${ring[@]}" "${doubt[@]}" --jobs 1 >"$WORK/one"
check "its threads make no difference" eval 'optics margin "$golden/ring.services.json" "${ring[@]}" \
	"${doubt[@]}" --jobs 3 | cmp - "$WORK/one"'

check "plot draws what is lit" says 0 "What is lit on each line" \
	optics plot "$golden/ring.services.json" "${ring[@]}"

check "a way from nowhere is refused" says 1 "no transceiver is called 'DC3'; 'DC" \
	optics capacity DC3 DC2 "${span[@]}"
check "an unknown transceiver, too" says 1 "no transceiver of the library is called '40ZR'; '400ZR'?" \
	optics capacity DC1 DC2 "${span[@]}" --transceiver 40ZR
check "a file that is not there" says 1 "nothing.json" optics plan nothing.json "${ring[@]}"
for wrong in "plan" "plan a b" "survive" "capacity DC1" "plan x --slots best" "plan x --load half" \
	"plan x --alternatives 0" "plan x --alternatives 1x" "survive x --jobs many" "margin x" \
	"margin x --uncertainty y --mode slow"; do
	# shellcheck disable=SC2086
	check "optics $wrong is wrong usage" says 2 "" optics $wrong "${ring[@]}"
done

finish
