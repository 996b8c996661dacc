#!/usr/bin/env bash
# A way out that takes no redirected frames is left to the kernel as soon as it refuses some, and
# used again when it takes them; without the kernel's xdp-features too, as before Linux 6.3.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"

around_router a b
by_router a b
in_ a ethtool -K a0 tx off >/dev/null
export HEDDLE_WITHOUT_XDP_FEATURES=1
start_heddle r --all
in_ a ping -c 1 10.0.2.2 >/dev/null

decided() {
	in_ r "$HEDDLE" show route 10.0.2.2 port r0 --json | jq -r '.decision + " " + .reason'
}
is_decided() {
	[ "$(decided)" = "$*" ]
}
lost_of_ping() {
	in_ a ping -c 100 -i 0.005 -W 0.2 10.0.2.2 | sed -n 's/.* \([0-9]*\) received.*/\1/p' |
		awk '{ print 100 - $1 }'
}

check "what has refused nothing is used" is_decided forwarded forwarded
in_ b ethtool -K b0 gro off >/dev/null
lost=$(lost_of_ping)
check "the first refusals cost few frames" at_most "$lost" 3
check "… and at least one" at_least "$lost" 1
check "… which the ledger has" equal "$(counted r r0 redirect-failed)" "$lost"
check "then the kernel has it" is_decided kernel cannot-transmit
check "… and loses nothing" equal "$(lost_of_ping)" 0
check "it is said" grep -q "r1: what leaves by it goes by the kernel" "$WORK/heddle-r.log"
in_ b ethtool -K b0 gro on >/dev/null
check "after ten seconds it is used again" wait_for 14 is_decided forwarded forwarded
check "… and loses nothing again" equal "$(lost_of_ping)" 0
check "r0's ledger balances" ledger_balances r r0
finish
