#!/usr/bin/env bash
# TCP through Heddle: the byte stream is right, with the end hosts' offloads on and off.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
BYTES=${BYTES:-1073741824}

around_router a b
by_router a b
start_heddle r --all
in_ a ping -c 1 10.0.2.2 >/dev/null
in_ a ping -c 1 fd00:2::2 >/dev/null
head -c "$BYTES" /dev/urandom >"$WORK/stream"
sum=$(sha256sum <"$WORK/stream")

# carried ADDRESS: the stream's checksum at the other end.
carried() {
	in_ b socat -u "TCP-LISTEN:9000,reuseaddr$([[ $1 == *:* ]] && echo ,pf=ip6)" - |
		sha256sum >"$WORK/sum" &
	local listener=$!
	wait_for 5 sh -c "ip netns exec $TAG-b ss -ltn | grep -q :9000"
	in_ a socat -u "FILE:$WORK/stream" "TCP:$([[ $1 == *:* ]] && echo "[$1]" || echo "$1"):9000"
	wait $listener
	cat "$WORK/sum"
}

for offloads in off on; do
	in_ a ethtool -K a0 tx $offloads >/dev/null
	in_ b ethtool -K b0 tx $offloads >/dev/null
	for address in 10.0.2.2 fd00:2::2; do
		check "$BYTES bytes to $address, offloads $offloads, arrive as they were sent" \
			equal "$(carried $address)" "$sum"
	done
	if [ $offloads = off ]; then
		check "with whole checksums Heddle carried them" \
			at_least "$(counted r r0 forwarded)" $((BYTES / 1500))
	fi
done
check "with partial checksums the kernel did" at_least "$(counted r r0 partial-checksum)" 1000
in_ a ethtool -K a0 tx off >/dev/null
in_ b iperf3 -s -1 -D >/dev/null
wait_for 5 sh -c "ip netns exec $TAG-b ss -ltn | grep -q :5201"
check "iperf3 sends UDP through" in_ a iperf3 -c 10.0.2.2 -u -b 100M -t 2
check "the ledger balances" ledger_balances r r0
finish
