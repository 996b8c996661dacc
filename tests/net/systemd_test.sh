#!/usr/bin/env bash
# Under systemd the daemon says when it is ready, that it lives, and that it stops; and the unit is
# one that systemd takes. (A socket in the place of systemd's, which need not run here.)
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

host a r
link a a0 r r0
router r
address r r0 10.0.1.1/24
socat -u "UNIX-RECVFROM:$WORK/notify,fork" STDOUT >"$WORK/told" 2>/dev/null &
pids+=($!)
wait_for 5 test -S "$WORK/notify"
export NOTIFY_SOCKET=$WORK/notify WATCHDOG_USEC=60000000
start_heddle r --all
check "it says that it is ready" wait_for 5 grep -q READY=1 "$WORK/told"
check "… and that it lives" wait_for 5 grep -q WATCHDOG=1 "$WORK/told"
check "… as the process that was started" kill -0 "$heddle_pid"
stop_heddle TERM
check "… and that it stops" wait_for 5 grep -q STOPPING=1 "$WORK/told"

if command -v systemd-analyze >/dev/null; then
	sed "s#@bindir@#$BUILD#" "$(dirname "$0")/../../packaging/heddle.service.in" >"$WORK/heddle.service"
	check "systemd takes the unit" equal \
		"$(systemd-analyze verify "$WORK/heddle.service" 2>&1 | grep -v "Command 'man")" ""
else
	leave_out "systemd takes the unit" "no systemd-analyze here"
fi
finish
