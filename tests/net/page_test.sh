#!/usr/bin/env bash
# The page in Chromium: a real twin of two data centers, whose figures and whose fibre it shows; then a
# hundred made-up nodes, for how smooth it is, a network that stays as it is, a model, and servers that go, hang
# and come again. Screenshots stay in test-logs/page of the build folder.
# shellcheck source=tests/net/lib.sh disable=SC2317
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
made=$BUILD/web/page_files.c.p
export PAGE_MODULES=$made/node_modules PAGE_DIST=$made/dist PAGE_OUT=$BUILD/test-logs/page PAGE_CHROMIUM PAGE_URL PAGE_TOKEN
PAGE_CHROMIUM=$(command -v chromium) || skip "Chromium is not installed"
command -v node >/dev/null || skip "Node is not installed"
command -v vtysh >/dev/null || skip "FRR is not installed"
[ -d "$PAGE_MODULES/playwright-core" ] || skip "the binary is built without the page"
"$HEDDLE" twin up --help 2>&1 | grep -q -- --http || skip "heddle twin up has no --http"

TWIN=$TAG
PORT=$((20000 + $$ % 20000))
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
mkdir -p "$PAGE_OUT"

# page DRIVER: its checks are this test's.
page() {
	local status
	node "$root/tests/page/$1_test.mjs" >"$WORK/driver" 2>&1
	status=$?
	grep -v '^[0-9]* passed' "$WORK/driver"
	passed=$((passed + $(grep -c '^ok ' "$WORK/driver")))
	failed=$((failed + $(grep -c '^FAILED ' "$WORK/driver")))
	[ "$status" = 0 ] || grep -q '^FAILED ' "$WORK/driver" || {
		echo "FAILED  the driver ends with $status"
		failed=$((failed + 1))
	}
}

# --- a real twin ---
cp "$root"/examples/two-data-centers.* "$root"/examples/optics/dci.json "$WORK"
sed -i 's,optics/,,; s/scale: 1000/scale: 10000/' "$WORK/two-data-centers.yaml"
check "two data centers come up and serve the page" "$HEDDLE" twin up --name "$TWIN" --patience 60 \
	--http "127.0.0.1:$PORT" "$WORK/two-data-centers.yaml"
PAGE_URL=http://127.0.0.1:$PORT
token=/run/heddle/twin/$TWIN/token
check "the token is root's alone" equal "$(stat -c '%a %U' "$token")" "600 root"
PAGE_TOKEN=$(cat "$token")
page page
"$HEDDLE" twin down --name "$TWIN"

# --- made up ---
page made_up
finish
