# shellcheck shell=bash
# FRR and BIRD in the namespaces of a test, each with folders of its own below $WORK.

# start_frr NAME DAEMON…: zebra and these, with the configuration in $WORK/NAME.conf.
start_frr() {
	local name=$1 daemon
	shift
	mkdir -p "$WORK/$name"
	chmod 755 "$WORK"
	chown -R frr:frr "$WORK/$name"
	chmod 644 "$WORK/$name.conf"
	for daemon in zebra "$@"; do
		ip netns exec "$TAG-$name" /usr/lib/frr/"$daemon" -f "$WORK/$name.conf" \
			-i "$WORK/$name/$daemon.pid" -z "$WORK/$name/zserv.api" \
			--vty_socket "$WORK/$name" -P 0 -u frr -g frr \
			--log "file:$WORK/$name/$daemon.log" >/dev/null 2>&1 &
		pids+=($!)
		[ "$daemon" = zebra ] && wait_for 5 test -S "$WORK/$name/zserv.api"
	done
}

# vty NAME COMMAND: what FRR answers there.
vty() {
	vtysh --vty_socket "$WORK/$1" -c "$2" 2>/dev/null
}

# start_bird NAME: with $WORK/NAME.conf.
start_bird() {
	ip netns exec "$TAG-$1" bird -f -c "$WORK/$1.conf" -s "$WORK/$1.ctl" >"$WORK/$1.log" 2>&1 &
	pids+=($!)
}
