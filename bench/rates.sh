# shellcheck shell=bash
# How fast a router forwards: the generator on one core, the same veths, and three that forward on
# them in turn: the kernel, an XDP program that asks the kernel's table (bpf_fib_lookup), Heddle.
# On top of tests/net/lib.sh and table.sh.

CORE=$(($(nproc) - 1)) # the one that everything happens on

# forward_by SUBJECT NAME PORT…: from now on this forwards in that namespace on these ports.
forward_by() {
	local subject=$1 name=$2 port options=()
	shift 2
	forward_by_nobody
	case $subject in
	fib_lookup)
		background "$name" "$BUILD/bench/fibrouter" "$@" >"$WORK/fibrouter.out" 2>&1
		fibrouter_pid=$!
		wait_for 5 grep -q ready "$WORK/fibrouter.out"
		;;
	heddle)
		for port; do options+=(--port "$port"); done
		start_heddle "$name" "${options[@]}"
		;;
	esac
}

fibrouter_pid=
heddle_pid=
forward_by_nobody() {
	if [ -n "$fibrouter_pid" ]; then
		kill "$fibrouter_pid"
		wait "$fibrouter_pid" 2>/dev/null
	fi
	if [ -n "$heddle_pid" ]; then stop_heddle TERM; fi
	fibrouter_pid=
	heddle_pid=
}

# blast OPTION…: one run on the core; its JSON in $blast_json.
blast() {
	blast_json=$(taskset -c "$CORE" "$BLAST" "$@")
}
