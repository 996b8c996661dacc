# shellcheck shell=bash
# A full Internet table for the demo and the benches: where its prefixes come from, and how they get
# into a kernel. Needs $WORK, a folder for files.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# make_prefixes FILE: a prefix a line, IPv4 first; $prefixes_from says whose they are.
# $HEDDLE_PREFIXES may name a file (plain or .gz).
make_prefixes() {
	local given=${HEDDLE_PREFIXES:-$root/../shared/data/routes/prefixes.txt.gz}
	if [ -r "$given" ]; then
		zcat -f "$given" >"$1"
		prefixes_from="a real table"
	else
		synthesise_prefixes >"$1"
		prefixes_from="a synthesis by the published prefix lengths"
	fi
	awk -v four="$1.4" -v six="$1.6" '{ print >(index($1, ":") ? six : four) }' "$1"
	count4=$(wc -l <"$1.4")
	count6=$(wc -l <"$1.6")
}

# 900,000 IPv4 and 160,000 IPv6 prefixes, the same each time: per mille by length as the CIDR report
# and Potaroo publish them; crowded in every fourth /19, and what is longer than an allocation (/32) in 12,288 of those.
synthesise_prefixes() {
	awk '
	function random(below) { # Park and Miller: exact in any awk
		state = state * 16807 % 2147483647
		return int(state / 2147483647 * below)
	}
	function read_shares(text, shares,    n, i, pair, words) {
		n = split(text, words, " ")
		for (i = 1; i <= n; i++) {
			split(words[i], pair, ":")
			while (pair[2]-- > 0)
				shares[shares[-1]++] = pair[1]
		}
	}
	function ipv4(    len, address) {
		len = shares4[random(shares4[-1])]
		address = 16777216 + random(76288) * 32768 + random(8192)
		address -= address % 2 ^ (32 - len)
		if (int(address / 16777216) == 10 || int(address / 16777216) == 127)
			return ""
		return int(address / 16777216) "." int(address / 65536) % 256 "." \
			int(address / 256) % 256 "." address % 256 "/" len
	}
	function ipv6(    len, high, low, sub16) { # the first 32 bits, and the next 16
		len = shares6[random(shares6[-1])]
		high = 8192 + 512 * random(6) + random(16)
		if (len <= 32) {
			low = random(512) * 32
			low -= low % 2 ^ (32 - len)
			return sprintf("%x:%x::/%d", high, low, len)
		}
		low = random(128) * 128
		sub16 = random(512)
		sub16 -= sub16 % 2 ^ (48 - len)
		return sprintf("%x:%x:", high, low) (sub16 ? sprintf("%x:", sub16) : "") ":/" len
	}
	BEGIN {
		state = 20240601
		read_shares("24:600 23:107 22:120 21:56 20:47 19:27 18:15 17:9 16:15 14:2 12:1 32:1", shares4)
		read_shares("48:471 44:90 40:84 36:37 32:141 29:27 46:19 47:20 42:14 33:18 34:16 38:10 28:1 45:52", shares6)
		for (count = 0; count < 900000;) {
			prefix = ipv4()
			if (prefix != "" && !(prefix in seen)) {
				seen[prefix]
				print prefix
				count++
			}
		}
		for (count = 0; count < 160000;) {
			prefix = ipv6()
			if (!(prefix in seen)) {
				seen[prefix]
				print prefix
				count++
			}
		}
	}'
}

# load_kernel NAME FILE DEVICE GATEWAY4 GATEWAY6: all its prefixes by one neighbour, as routes of
# BGP: zebra takes those for its own and lets them be. Says in $load_json how it went.
load_kernel() {
	load_json=$(in_ "$1" "$BUILD/bench/routes" "$2" "$3" "$4" "$5")
}

# number JSON KEY: the first value of this key; enough for flat keys.
number() {
	sed -n "s/.*\"$2\": *\(-\{0,1\}[0-9.]*\).*/\1/p" <<<"$1" | head -n 1
}

# calculate EXPRESSION [FORMAT]
calculate() {
	awk "BEGIN { printf \"${2:-%.2f}\", $1 }"
}

now() {
	date +%s.%N
}

# median_of NUMBER…, least_of, most_of
median_of() {
	printf '%s\n' "$@" | sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

least_of() {
	printf '%s\n' "$@" | sort -g | head -n 1
}

most_of() {
	printf '%s\n' "$@" | sort -g | tail -n 1
}

# ticks_of PID: CPU time in hundredths of a second.
ticks_of() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# heddle_status NAME: what the daemon there says of itself, as JSON.
heddle_status() {
	in_ "$1" "$HEDDLE" show status --json
}
