# shellcheck shell=bash
# denied: why no net test can run here, in a line; nothing if all can. What is asked is the machine,
# not Heddle: a daemon that does not start is a failure and no reason to skip.

denied() {
	local probe=heddle-probe-$$ capabilities
	[ "$(id -u)" = 0 ] || { echo "not root"; return; }
	if ! ip netns add "$probe" 2>/dev/null; then
		echo "network namespaces are denied here"
		return
	fi
	capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
	if ! ip -n "$probe" link set lo up 2>/dev/null; then
		echo "configuring the network is denied here"
	elif ! bpftool prog show >/dev/null 2>&1; then
		echo "BPF is denied here"
	elif ! ((0x$capabilities >> 39 & 1)); then
		echo "BPF is denied here: no CAP_BPF"
	fi
	ip netns del "$probe"
}
