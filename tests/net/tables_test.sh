#!/usr/bin/env bash
# The tables of a running twin in files: taken down, proven without it, and, with one line changed,
# found wrong with a witness; the same tables as ip(8) prints them.
# shellcheck source=tests/net/lib.sh disable=SC2317
. "$(dirname "$0")/lib.sh"

TWIN=$TAG
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
cat >"$WORK/fabric.yaml" <<'Y'
fabric: snap
spines: 2
leaves: 2
borders: 1
hosts: 1
external:
  isp1: {asn: 64999, attach: [border1], announces: [0.0.0.0/0], announces-file: isp1.txt}
Y
seq -f '198.51.%g.0/24' 0 99 >"$WORK/isp1.txt"

# prove FOLDER: its verdict in $WORK/verdict
prove() {
	"$HEDDLE" fabric verify --tables "$1" --state "/run/heddle/twin/$TWIN/plan/state.json" \
		"$WORK/fabric.yaml" >"$WORK/verdict" 2>&1
}
refused() {
	! prove "$WORK/kernel" && grep -qF "$1" "$WORK/verdict"
}

check "the fabric comes up, with prefixes from a file" \
	"$HEDDLE" twin up --name "$TWIN" --patience 60 "$WORK/fabric.yaml"
verified() { "$HEDDLE" fabric verify --name "$TWIN" >"$WORK/verdict" 2>&1; }
check "its tables are proven" wait_for 10 verified
check "the kernels' tables go into files" "$HEDDLE" fabric collect --name "$TWIN" -o "$WORK/kernel"
check "… one for each switch" equal "$(cd "$WORK/kernel" && echo *)" \
	"border1.fib leaf1.fib leaf2.fib spine1.fib spine2.fib"
check "… which are proven" prove "$WORK/kernel"
check "… to be without a violation" grep -q '^0 violations' "$WORK/verdict"
check "the Heddles' tables too" "$HEDDLE" fabric collect --heddle --name "$TWIN" -o "$WORK/heddle"
check "… are proven" prove "$WORK/heddle"
mkdir "$WORK/ip"
for node in spine1 spine2 leaf1 leaf2 border1; do
	ip -n "$TWIN.$node" -json route show table all >"$WORK/ip/$node.json"
done
check "what ip prints is proven as it is" prove "$WORK/ip"
ip netns exec "$TWIN.leaf2" ip link set swp63 down
check "a port that is down is noted" wait_for 5 sh -c \
	"$HEDDLE fabric collect --name $TWIN -o $WORK/down && grep -qx 'down swp63' $WORK/down/leaf2.fib"
check "the twin goes" "$HEDDLE" twin down --name "$TWIN"

# Without the twin: the state is gone with it, but says what a design without one says.
prove() {
	"$HEDDLE" fabric verify --tables "$1" "$WORK/fabric.yaml" >"$WORK/verdict" 2>&1
}
check "the files are proven without it" prove "$WORK/kernel"
cp "$WORK/kernel/spine1.fib" "$WORK/right"
sed -i 's#^10.0.1.0/24 .*#10.0.1.0/24 drop#' "$WORK/kernel/spine1.fib"
check "a changed line is found" refused "blackhole: 10.0.1.0/32 at spine1 (table): by unreachable, not "
check "… with a packet that shows it" grep -qF 'leaf1:swp64 > spine1: unreachable' "$WORK/verdict"
group=$(sed -n 's#^198.51.7.0/24 ##p' "$WORK/right")
sed "s#^group $group .*#group $group swp1#" "$WORK/right" >"$WORK/kernel/spine1.fib"
check "a changed group is one violation, of all its prefixes" \
	refused "loop: 0.0.0.0/0 at spine1 (table): by swp1 (leaf1), not swp3 (border1); and 104 more prefixes"
check "… and in JSON each" equal "$("$HEDDLE" fabric verify --json --most 1000 --tables "$WORK/kernel" \
	"$WORK/fabric.yaml" | jq '[.told[] | select(.destination | startswith("198.51."))] | length')" 100
echo '10.0.1.0/24 drop' >>"$WORK/kernel/spine1.fib"
check "a prefix that is there twice is refused, with its line" refused \
	"spine1.fib:$(wc -l <"$WORK/kernel/spine1.fib"): '10.0.1.0/24': expected each prefix once"
rm "$WORK/kernel/spine1.fib"
check "a switch without a file is named" refused "spine1.fib: no such file"
finish
