#!/usr/bin/env bash
# The same on the kernel that Debian 12 comes with (Linux 6.1), in a virtual machine: its verifier
# takes the program, and devices that refuse frames are known without its telling.
cd "$(dirname "$0")/../.." || exit 1

[ "$(uname -r | cut -d. -f1,2)" != 6.1 ] || {
	echo "this machine runs that kernel itself"
	exit 77
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
tests/guest/run bash -c 'tests/net/refusal_test.sh; tests/net/forward_test.sh' >"$log" 2>&1
status=$?
if [ $status = 77 ]; then
	tail -n 1 "$log"
	exit 77
fi
grep -E '^(ok|FAILED) |^ {8}' "$log"
if [ "$(grep -cE 'passed, 0 failed' "$log")" = 2 ]; then
	echo "ok      both tests came to their end"
else
	echo "FAILED  both tests came to their end"
	tail -n 20 "$log"
fi
! grep -q '^FAILED' "$log" && [ $status = 0 ]
