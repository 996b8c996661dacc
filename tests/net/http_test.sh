#!/usr/bin/env bash
# What is served by HTTP, as whoever means ill would have it: to whom it listens, what it lets nobody do,
# what it says, and what slow, deaf, silent and many clients come to. Of a model, of `heddle run` behind its
# filter of system calls, and, with FRR, of a twin.
# shellcheck source=tests/net/lib.sh disable=SC2016,SC2034,SC2317,SC2119,SC2120
. "$(dirname "$0")/lib.sh"
for tool in curl jq python3; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
root=$(cd "$(dirname "$0")/../.." && pwd)
clients=$(dirname "$0")/http_clients.py
TWIN=http$$
trap '"$HEDDLE" twin down --name "$TWIN" 2>/dev/null; cleanup' EXIT
mkdir "$WORK/tmp"
export TMPDIR=$WORK/tmp
PATIENCE=10 # HTTP_PATIENCE_SECONDS
MANY=10000
ulimit -n $((MANY + 4000)) 2>/dev/null || ulimit -n "$(ulimit -Hn)"

# serve NAME COMMAND…: runs on; when it has said where: $url, $port, $token, $server (its pid).
serve() {
	local name=$1
	shift
	"$@" >"$WORK/$name.out" 2>"$WORK/$name.log" &
	server=$!
	pids+=("$server")
	wait_for 20 grep -q '^page: ' "$WORK/$name.out" || {
		cat "$WORK/$name.log"
		return 1
	}
	url=$(sed -n 's,^page: \(.*\)/   token:.*,\1,p' "$WORK/$name.out")
	token=$(sed -n 's/.*   token: //p' "$WORK/$name.out")
	port=${url##*:}
}
serve_model() { serve "$1" "$HEDDLE" twin model --http "$2" "$root/examples/two-data-centers.yaml"; }
stop() {
	kill "$1"
	wait "$1" 2>/dev/null
}
# listens ADDRESS:PORT…: the server does there, and nowhere else.
listens() {
	equal "$(ss -Hltnp | grep "pid=$server," | awk '{ print $4 }' | paste -sd' ')" "$*"
}
# ends STATUS WORDS COMMAND…: with that status, and says these words.
ends() {
	local status=$1 words=$2
	shift 2
	timeout 20 "$@" >"$WORK/said" 2>&1
	equal $? "$status" && grep -F -- "$words" "$WORK/said"
}
# asks CURLOPTION…: its headers in $WORK/head, its body in $WORK/body, its status in $status.
asks() {
	rm -f "$WORK/body"
	status=$(${place:-} curl -s --path-as-is --max-time 10 -D "$WORK/head" -o "$WORK/body" -w '%{http_code}' "$@")
	tr -d '\r' <"$WORK/head" >"$WORK/headers"
}
has_header() { grep -qixF -- "$1" "$WORK/headers" || { echo "no header '$1'" && return 1; }; }
# is_safe: as every answer has to be.
is_safe() {
	local header
	for header in "X-Content-Type-Options: nosniff" "X-Frame-Options: DENY" "Referrer-Policy: no-referrer" \
		"Cross-Origin-Resource-Policy: same-origin" "Cross-Origin-Opener-Policy: same-origin"; do
		has_header "$header" || return 1
	done
	grep -qi "^Content-Security-Policy: default-src 'none'; script-src 'self';" "$WORK/headers" || return 1
	! grep -qi '^Access-Control-Allow' "$WORK/headers" && ! grep -qi "unsafe-inline\|unsafe-eval" "$WORK/headers"
}
# answers STATUS CURLOPTION…: with the headers that every answer has, and what is wrong in JSON.
answers() {
	local expected=$1
	shift
	asks "$@"
	equal "$status" "$expected" && is_safe || return 1
	[ "$status" -lt 400 ] || [ ! -s "$WORK/body" ] || jq -e '.error | length > 10' "$WORK/body"
}
acts() { # STATUS BODY
	answers "$1" -H "Authorization: Bearer $token" --data-binary "$2" "$url/api/actions"
}
says() { jq -r .error "$WORK/body" | grep -F -- "$1"; }
body() { jq -e "$1" "$WORK/body"; }
# raw TEXT: to the server, as it is; what comes back until it hangs up.
raw() {
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	printf '%b' "$1" >&9
	timeout 15 cat <&9 | tr -d '\r'
	exec 9>&-
}
descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }
as_few() { wait_for "$1" eval "[ \$(descriptors) -le $2 ]" || equal "$(descriptors)" "$2"; }

# --- where it listens ---
check "a model is served" serve_model model 0
check "on 127.0.0.1 alone" listens "127.0.0.1:$port"
for address in "" x 80x -1 65536 127.0.0.1 127.0.0.1: 127.0.0.1:65536 127.0.0.1:x localhost:80 :80 "::1:80" \
	"[::1]" "[::1]:" "[]:80" "[127.0.0.1]:80" 1.2.3:80 "127.0.0.1:80 " http://127.0.0.1:80; do
	check "'$address' is refused as an address" ends 2 "--http '$address': expected ADDRESS:PORT" \
		"$HEDDLE" twin model --http "$address" "$root/examples/two-data-centers.yaml"
done
check "by the daemon, too" ends 2 "--http 'x:1': expected ADDRESS:PORT" "$HEDDLE" run --all --http x:1
check "a port in use is said to be" ends 1 "--http $port: Address already in use" \
	"$HEDDLE" twin model --http "$port" "$root/examples/two-data-centers.yaml"
check "as is an address of others" ends 1 "--http 192.0.2.1:0: Cannot assign requested address" \
	"$HEDDLE" twin model --http 192.0.2.1:0 "$root/examples/two-data-centers.yaml"
main=$server main_url=$url main_port=$port main_token=$token
check "of an address that is loopback nothing is said" equal "$(cat "$WORK/model.log")" ""
check "IPv6 is served" serve_model six "[::1]:0"
check "on ::1 alone" listens "[::1]:$port"
check "and answers" answers 200 -g "$url/api/state"
stop "$server"
check "all addresses are served, if that is asked for" serve_model open 0.0.0.0:0
check "with a warning" grep -q "is open to all who reach this machine" "$WORK/open.log"
stop "$server"
server=$main url=$main_url port=$main_port token=$main_token

# --- who is answered ---
for name in "127.0.0.1:$port" localhost "LOCALHOST:1" "[::1]:80" 10.1.2.3; do
	check "a request to $name is answered" answers 200 -H "Host: $name" "$url/api/state"
done
for name in evil.example "evil.example:$port" 127.0.0.1.evil.example "localhost.evil.example" "[evil]" ""; do
	check "one to '$name' is not: names may be bent to here" answers 421 -H "Host;" -H "Host: $name" "$url/api/state"
done
check "nor one that says not to whom" eval 'raw "GET /api/state HTTP/1.0\r\n\r\n" | grep -q "^HTTP/1.[01] 421"'
check "nor an action" answers 421 -H "Host: evil.example" -H "Authorization: Bearer $token" -d '{}' "$url/api/actions"

# --- what is said ---
# keys FILTER KEY…: the object has just these, as docs/internals/api.md lists them.
keys() {
	local filter=$1
	shift
	jq -r "$filter | keys_unsorted[]" "$WORK/body" | sort >"$WORK/keys"
	printf '%s\n' "$@" | sort | diff "$WORK/keys" -
}
# is_design, is_state: what was answered last.
is_design() {
	keys . kind name version sites nodes links places lines band modes actions &&
		keys '.nodes[0]' name role site
}
is_state() {
	keys . at state nodes links drops services damages applications ports && keys '.nodes[0]' name state restarts \
		memory_bytes cpu received_pps forwarded_pps kernel_pps dropped_pps
}
check "the design is told" answers 200 "$url/api/design"
check "as JSON that nobody keeps" eval 'has_header "Content-Type: application/json" && has_header "Cache-Control: no-store"'
check "with the keys that the interface has" is_design
check "of links" keys '.links[0]' name a a_port b b_port speed_bps optical
check "of lines" keys '.lines[0]' name from to length_km elements
check "and what is there" body '.kind == "model" and .actions and (.nodes | length) == 16 and .band.from_thz == 191.3'
check "the state is told" answers 200 "$url/api/state?and=more"
check "with the keys that the interface has, too" is_state
check "and nothing of processes, of which a model has none" body '[.nodes[] | .restarts, .memory_bytes, .cpu] | unique == [null]'
check "of links, too" keys '.links[0]' name state capacity_bps load a_to_b_bps b_to_a_bps lost_pps
check "of services" keys '.services[0]' link state mode channels bit_rate margin_db gsnr_db latency_ms frame_loss path slots
check "the timeline is told" answers 200 "$url/api/timeline"
check "with its key" keys . timeline
check "a document that is none is not" answers 404 "$url/api/secrets"
check "HEAD is answered" answers 200 -I "$url/api/state"
check "without a body" eval 'raw "HEAD /api/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" >"$WORK/raw" &&
	grep -q "^HTTP/1.1 200" "$WORK/raw" && ! grep -q "{" "$WORK/raw"'
for method in OPTIONS PUT DELETE PATCH TRACE CONNECT; do
	check "$method is not allowed" answers 405 -X $method "$url/api/state"
	check "… nor of actions" answers 405 -X $method -H "Authorization: Bearer $token" "$url/api/actions"
done
check "… and what is, is said" has_header "Allow: GET, HEAD, POST"

# promises FILE: what Prometheus' own linter says is nothing.
promises() {
	answers 200 "$url/metrics" && has_header "Content-Type: text/plain; version=0.0.4; charset=utf-8" || return 1
	cp "$WORK/body" "$WORK/$1.metrics"
	if command -v promtool >/dev/null; then
		promtool check metrics <"$WORK/body" >"$WORK/linted" 2>&1 && [ ! -s "$WORK/linted" ] ||
			{ cat "$WORK/linted" && return 1; }
	fi
}
command -v promtool >/dev/null || leave_out "metrics are as Prometheus has them" "promtool is not installed"
check "metrics are as Prometheus has them" promises model
check "the light's are among them" grep -q '^heddle_light_margin_decibels{service="east-border1:west-border1"} [0-9]' "$WORK/body"

# --- files ---
traversals=(/../etc/passwd /../../../../../../etc/passwd /%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd /..%2f..%2f..%2fetc/passwd
	/%2e%2e%2f%2e%2e%2fetc%2fpasswd /%252e%252e/%252e%252e/etc/passwd /..%5c..%5cetc%5cpasswd '/..\..\etc\passwd'
	/....//....//etc/passwd /assets/../../../etc/passwd /assets/..%2f..%2fetc/passwd /assets/%2e%2e/%2e%2e/etc/passwd
	/api/../../etc/passwd /api/..%2f..%2fetc/passwd /%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd /%uff0e%uff0e/etc/passwd
	//etc/passwd /etc/passwd /%2fetc%2fpasswd /./etc/passwd /etc/passwd%00 /x%00/etc/passwd '/etc/passwd?/' /token /url
	/timeline.jsonl /../token "/..$TMPDIR" /assets/ /assets /api/ /api /.git/config /%ff%fe '/~root/' '/file:///etc/passwd')
for path in "${traversals[@]}"; do
	check "$path is nowhere" eval 'answers 404 "$url$path" && ! grep -q "root:\|$token" "$WORK/body"'
done
check "nor is what is asked for of another" eval 'raw "GET http://127.0.0.1/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\nX" |
	grep -q "^HTTP/1.1 404" && raw "GET file:///etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" |
	grep -q "^HTTP/1.1 404"'
asks "$url/"
if [ "$status" = 200 ]; then
	check "the page is there" answers 200 "$url/"
	etag=$(sed -n 's/^[Ee][Tt]ag: //p' "$WORK/headers")
	check "who has it already is told so" answers 304 -H "If-None-Match: $etag" "$url/"
	check "… by its name" has_header "ETag: $etag"
	check "who has another gets it" answers 200 -H 'If-None-Match: "0"' "$url/"
	script=$(grep -o '/assets/[^"]*\.js' "$WORK/body" | head -n 1)
	check "so is its script" answers 200 "$url$script"
	check "… whole" equal "$(stat -c %s "$WORK/body")" "$(sed -n 's/^[Cc]ontent-[Ll]ength: //p' "$WORK/headers")"
	check "… which is kept" has_header "Cache-Control: max-age=31536000, immutable"
else
	leave_out "the page is there" "the binary is built without it"
fi

# --- what is done ---
check "nothing is done without a token" answers 401 -d '{"cut": "south East-West 1"}' "$url/api/actions"
check "… and how it would be is said" has_header "WWW-Authenticate: Bearer"
for wrong in "Bearer" "Bearer " "Bearer x" "Bearer ${token%?}" "Bearer ${token}0" "Bearer ${token^^} " "Basic $token" \
	"$token" "Bearer  $token"; do
	check "nor with '${wrong/$token/TOKEN}'" answers 401 -H "Authorization: $wrong" -d '{}' "$url/api/actions"
done
check "nor with one in the address" answers 401 -d '{"cut": "south East-West 1"}' "$url/api/actions?token=$token"
check "nor elsewhere" answers 404 -H "Authorization: Bearer $token" -d '{}' "$url/api/state"
check "nor was it" eval 'answers 200 "$url/api/state" && body ".damages == []"'
for wrong in '' ' ' x '"cut"' 1 null '[]' '{' '{"cut": "south East-West 1"' '{"cut": "x"} {}' "{'cut': 'x'}" \
	'{"cut": "\ud800"}' '{"cut": "\u0000"}' $'{"cut": "\xff"}' $'{"c\xc3": "x"}' '{"cut": "x", "cut": "y"}'; do
	check "a body '${wrong//[^[:print:]]/?}' is none" acts 400 "$wrong"
done
for wrong in '{}' '{"cut": 1}' '{"cut": null}' '{"cut": ["x"]}' '{"cut": {"x": "y"}}' '{"at": "0s", "cut": "x"}' '[{"cut": "x"}]'; do
	check "$wrong is no step" eval 'acts 400 "$wrong" && says "expected one step of a scenario without its time"'
done
check "a verb that is none is answered by the nearest" eval 'acts 400 "{\"cutt\": \"x\"}" && says "'"'cutt': expected 'cut'?"'"'
check "words that are none of its by what they should be" eval 'acts 400 "{\"age\": \"3\"}" && says "dB and a fibre"'
check "an element that there is none of is told" eval 'acts 400 "{\"cut\": \"moon\"}" && says "no such element of a line"'
long=$(printf 'é%.0s' {1..200})
check "a verb that is cut in a letter is told, too" eval 'acts 400 "{\"x$long\": \"x\"}" && says "expected one of"'
check "and words" eval 'acts 400 "{\"age\": \"1$long\"}" && says "dB and a fibre"'
head -c 16384 /dev/zero | tr '\0' ' ' >"$WORK/full"
check "16 KiB are read" acts 400 "@$WORK/full"
echo >>"$WORK/full"
check "a byte more is too much" acts 413 "@$WORK/full"
head -c 3000000 /dev/zero >"$WORK/large"
check "and 3 MB" acts 413 "@$WORK/large"
check "and in pieces" answers 413 -H "Authorization: Bearer $token" -H "Transfer-Encoding: chunked" \
	--data-binary "@$WORK/large" "$url/api/actions"
head -c 16000 /dev/zero | tr '\0' '[' >"$WORK/deep"
check "so is what is nested 16,000 deep" acts 400 "@$WORK/deep"
check "headers of 64 KB are too much, too" eval 'asks -H "X-Long: $(head -c 65536 /dev/zero | tr "\0" x)" "$url/api/state"; equal "$status" 431'
check "what is no request is hung up on" eval 'raw "\x16\x03\x01\x02\r\n\r\n" >"$WORK/raw"; ! grep -q "200 OK" "$WORK/raw"'
check "the right one is accepted" acts 202 '{"cut": "south East-West 1"}'
check "as is said" body '. == {"accepted": true}'
check "and done" eval 'answers 200 "$url/api/state" && body ".damages[0].element == \"south East-West 1\""'
check "and told" eval 'answers 200 "$url/api/timeline" && keys ".timeline[0]" id at layer words &&
	jq -e ".timeline | map(.id) == [range(1; length + 1)]" "$WORK/body"'

# --- the token ---
folder=$(echo "$TMPDIR"/heddle-model-*)
check "the token is in a file of its owner's alone" equal "$(stat -c %a "$folder/token") $(cat "$folder/token")" "600 $token"
check "in a folder of its owner's alone" equal "$(stat -c %a "$folder")" 700

# --- events ---
hear() { timeout "$1" curl -sN "${@:2}" "$url/api/events" >"$WORK/heard"; } # SECONDS CURLOPTION…
events() { sed -n 's/^event: //p' "$WORK/heard" | paste -sd' '; }
hear 1.5 &
sleep 0.5
acts 202 '{"mend": "south East-West 1"}' >/dev/null
wait $!
check "who listens is told the design and the state first" eval 'events; [[ $(events) == "design state timeline"* ]]'
check "as JSON, a line each" eval 'sed -n "s/^data: //p" "$WORK/heard" | jq -es "length >= 4 and .[0].kind == \"model\" and (.[1] | has(\"damages\"))"'
check "and what is new" eval '[ "$(grep -c "^event: state" "$WORK/heard")" = 2 ] && grep -q "mend" "$WORK/heard"'
ids=$(sed -n 's/^id: //p' "$WORK/heard" | paste -sd' ')
check "entries have their numbers, each once" equal "$ids" "$(seq -s' ' "$(wc -w <<<"$ids")")"
hear 0.7 -H "Last-Event-ID: 2"
check "who has heard some is told what follows" equal "$(sed -n 's/^id: //p' "$WORK/heard" | head -n 1)" 3
hear 0.7 -H "Last-Event-ID: ${ids##* }"
check "or nothing, if that is what is left" eval 'equal "$(events)" "design state"'
hear 0.7 -H "Last-Event-ID: 18446744073709551615"
check "who has heard more than there is listened to another, and is told all" equal \
	"$(sed -n 's/^id: //p' "$WORK/heard" | paste -sd' ')" "$ids"
hear 10.5
check "where nothing happens it is said that the server lives" eval '[ "$(events | grep -o alive | wc -l)" = 1 ]'
check "HEAD of events ends" answers 200 -I "$url/api/events"

# start_clients NAME HOST PORT KIND COUNT: they are at it.
start_clients() {
	"$clients" "${@:2}" >"$WORK/$1.clients" 2>&1 &
	clients_pid=$!
	pids+=("$clients_pid")
	wait_for 20 grep -q ready "$WORK/$1.clients" || {
		cat "$WORK/$1.clients"
		return 1
	}
}
sleep 1 # who listened before is forgotten, and counts no more
before=$(descriptors)
check "64 may listen" start_clients listeners 127.0.0.1 "$port" listen 64
check "… no more" answers 503 "$url/api/events"
check "… others are answered" answers 200 "$url/api/state"
stop "$clients_pid"
check "… and are forgotten when they leave" as_few 3 "$before"

# An entry each, as whoever does something to a twin writes them: 8 MB.
check "some listen, and take nothing" start_clients deaf 127.0.0.1 "$port" deaf 8
small=$(resident)
seq 20000 | awk '{ printf "{\"at\": 1, \"layer\": \"done\", \"words\": \"%0400d\"}\n", $1 }' >>"$folder/timeline.jsonl"
heard=$(wc -l <"$folder/timeline.jsonl")
from=0
for _ in 1 2 3 4 5 6; do # what is more than a listener has room for, it comes again for
	hear 2 -H "Last-Event-ID: $from"
	from=$(sed -n 's/^id: //p' "$WORK/heard" | tail -n 1)
	[ "$from" != "$heard" ] || break
done
check "… others are told all 8 MB that there are" equal "$from" "$heard"
large=$(resident)
check "… what is kept for the deaf is bounded" at_most "$large" $((small + 8 * 4096 + 40000))
check "… and they are hung up on" as_few $((PATIENCE + 4)) "$before"
stop "$clients_pid"
echo "resident: $small kB before, $large kB with 8 deaf listeners"

# --- the slow, and the many ---
# slowest NAME ADDRESS SECONDS: asks until the clients are all gone, or so long: $slowest, in ms.
slowest() {
	local end=$((SECONDS + $3)) took
	slowest=0
	until grep -q gone "$WORK/$1.clients" || [ $SECONDS -ge $end ]; do
		took=$(${place:-} curl -s --max-time 9 -o /dev/null -w '%{time_total}' "$2" | awk '{ print int($1 * 1000) }')
		[ "$took" -le "$slowest" ] || slowest=$took
		sleep 0.1
	done
}
gone() { cat "$WORK/$1.clients"; awk -v most="$2" '/^gone/ { found = $2 > 0 && $2 <= most } END { exit !found }' "$WORK/$1.clients"; }
check "200 come that send a byte a second" start_clients drip 127.0.0.1 "$port" drip 200
slowest drip "$url/api/state" $((PATIENCE + 8))
check "… others are answered within a second" at_most "$slowest" 1000
check "… and they are hung up on" gone drip $((PATIENCE + 5))
echo "200 that drip: the slowest answer after $slowest ms, $(grep gone "$WORK/drip.clients") s"
stop "$clients_pid"

limit=$(ulimit -n)
[ "$limit" -ge $((MANY + 1000)) ] || MANY=$((limit - 1000))
small=$(resident)
check "$MANY come that send nothing" start_clients idle 127.0.0.1 "$port" idle "$MANY"
wait_for 5 eval '[ $(descriptors) -ge $MANY ]'
check "… all are let in" at_least "$(descriptors)" "$MANY"
large=$(resident)
slowest idle "$url/api/state" $((PATIENCE + 8))
check "… others are answered within a second" at_most "$slowest" 1000
check "… they cost 16 KB each at most" at_most "$large" $((small + MANY * 16))
check "… are hung up on" gone idle $((PATIENCE + 6))
check "… and leave nothing" as_few 3 "$before"
stop "$clients_pid"
echo "$MANY idle: resident $small kB before, $large kB meanwhile, $(resident) kB after; the slowest answer after $slowest ms;" \
	"$(grep gone "$WORK/idle.clients") s"
used=$(ticks)
sleep 3
check "without anybody nothing is done" equal "$(ticks)" "$used"
stop "$server"
check "the token is gone with the server" test ! -e "$folder"

# --- the daemon, behind its filter of system calls ---
around_router a b
by_router a b
place="ip netns exec $TAG-r"
start_heddle r --all --http 8080
server=$heddle_pid url=http://127.0.0.1:8080 port=8080 token=none
check "the daemon says where its page is" grep -q "page at http://127.0.0.1:8080/" "$WORK/heddle-r.log"
check "which is at 127.0.0.1 alone" equal "$(in_ r ss -Hltn | awk '{ print $4 }')" 127.0.0.1:8080
check "a port in use is said to be, there, too" ends 1 "--http 8080: Address already in use" \
	ip netns exec "$TAG-r" "$HEDDLE" run --port r0 --socket "$WORK/other.sock" --http 8080
check "its design is told" answers 200 "$url/api/design"
check "with the keys that the interface has" is_design
check "as a router's" body '.kind == "router" and (.actions | not) and .band == null'
check "its state is told" answers 200 "$url/api/state"
check "with the keys that the interface has, too" is_state
check "of ports" keys '.ports[0]' name state mode received_pps received_bps forwarded_pps kernel_pps dropped_pps trouble
check "its timeline is told" eval 'answers 200 "$url/api/timeline" && body ".timeline == []"'
check "its metrics are as Prometheus has them" promises run
check "nothing is done there" answers 405 -H "Authorization: Bearer $token" -d '{"cut": "x"}' "$url/api/actions"
check "names may be bent to there, too" answers 421 -H "Host: evil.example" "$url/api/state"
in_ a ping -c 1 -W 2 10.0.2.2 >/dev/null
in_ a ping -i 0.05 -c 300 -W 1 10.0.2.2 >"$WORK/ping" 2>&1 &
pinging=$!
before=$(descriptors)
in_r=()
start_in_r() { # as start_clients, there
	# shellcheck disable=SC2086
	$place "$clients" "${@:2}" >"$WORK/$1.clients" 2>&1 &
	in_r+=($!)
	pids+=($!)
	wait_for 20 grep -q ready "$WORK/$1.clients"
}
small=$(resident)
check "2000 come that send nothing, and 100 that send a byte a second" eval \
	'start_in_r idle 127.0.0.1 8080 idle 2000 && start_in_r drip 127.0.0.1 8080 drip 100'
check "and some who listen" start_in_r listen 127.0.0.1 8080 listen 8
sleep 1
large=$(resident)
slowest drip "$url/api/state" $((PATIENCE + 8))
check "… others are answered within a second" at_most "$slowest" 1000
check "… those that drip are hung up on" gone drip $((PATIENCE + 6))
check "… and those that send nothing" wait_for 5 grep -q gone "$WORK/idle.clients"
check "… listeners stay" eval '! grep -q gone "$WORK/listen.clients"'
check "… they cost 16 KB each at most" at_most "$large" $((small + 2108 * 16))
wait $pinging
check "meanwhile all is forwarded" grep -q "300 received, 0% packet loss" "$WORK/ping"
check "… by Heddle" at_least "$(counted r r0 forwarded)" 300
kill "${in_r[@]}"
check "they leave nothing" as_few 5 "$before"
check "the daemon lives" answers 200 "$url/metrics"
echo "heddle run, 2108 clients: resident $small kB before, $large kB meanwhile; the slowest answer after $slowest ms"
stop "$server"
place=

# --- a dashboard ---
dashboard=$root/packaging/grafana/heddle.json
names() { jq -r '.. | .expr?, .query?, .definition? | strings' "$dashboard" | grep -o 'heddle_[a-z0-9_]*' | sort -u; }
check "the dashboard is JSON, of a datasource that is asked for" jq -e '.schemaVersion >= 38 and
	(.templating.list[0] | .type == "datasource" and .query == "prometheus") and (.panels | length) > 10 and
	([.panels[] | select(.type != "row") | .datasource.uid] | unique) == ["${datasource}"] and
	([.panels[].id] | length == (unique | length))' "$dashboard"
check "what it shows are metrics that there are" eval '[ "$(names | wc -l)" -gt 15 ] && names | while read -r name; do
	grep -q "^# TYPE $name " "$WORK/model.metrics" "$WORK/run.metrics" || { echo "$name is nowhere" && exit 1; }; done'
check "and all that there are" eval 'sed -n "s/^# TYPE \([^ ]*\) .*/\1/p" "$WORK/model.metrics" "$WORK/run.metrics" | sort -u |
	comm -23 - <(names) >"$WORK/unshown"; equal "$(cat "$WORK/unshown")" ""'
jq '{groups: [{name: "dashboard", rules: ([.panels[].targets[]?.expr | gsub("\\$__rate_interval"; "1m")] | to_entries |
	map({record: "dashboard:\(.key)", expr: .value}))}]}' "$dashboard" >"$WORK/rules.yml"
if command -v promtool >/dev/null; then
	check "its queries are Prometheus'" promtool check rules "$WORK/rules.yml"
	check "Prometheus takes the example" promtool check config --syntax-only "$root/packaging/prometheus/heddle.yml"
fi

# --- a twin ---
if ! command -v vtysh >/dev/null; then
	leave_out "a twin is served" "FRR is not installed"
	finish
fi
printf 'fabric: small\nspines: 2\nleaves: 2\nhosts: 1\n' >"$WORK/small.yaml"
check "a small twin comes up" "$HEDDLE" twin up --name "$TWIN" --patience 60 "$WORK/small.yaml"
check "it is served" serve twin "$HEDDLE" twin serve --name "$TWIN" --http 0
check "on 127.0.0.1 alone, too" listens "127.0.0.1:$port"
check "its metrics are as Prometheus has them, too" promises twin
check "with what its Heddles do" grep -q '^heddle_node_packets_total{node="spine1",fate="forwarded"} [0-9]' "$WORK/body"
check "its state has the same keys" eval 'answers 200 "$url/api/state" && is_state'
check "something is done" acts 202 '{"drain": "link leaf1:spine1"}'
check "one at a time" eval 'acts 409 "{\"undrain\": \"link leaf1:spine1\"}" && says "is being done; try again after it"'
check "and told" wait_for 60 eval 'answers 200 "$url/api/timeline" && jq -e ".timeline | map(.layer == \"done\" and
	(.words | test(\"drain\")) and (.words | test(\"FAILED\") | not)) | any" "$WORK/body"'
plan=/run/heddle/twin/$TWIN/plan/state.json
cp -p "$plan" "$WORK/state.json"
echo "{" >"$plan"
sleep 0.5
check "a design that cannot be read leaves the last" eval 'answers 200 "$url/metrics" && grep -q "node=.spine2" "$WORK/body" &&
	answers 200 "$url/api/state" && is_state'
cp "$WORK/state.json" "$plan"
check "until it can" eval 'sleep 0.5; answers 200 "$url/metrics" && grep -q "heddle_node_up{node=.spine1.,role=.spine.} 1" "$WORK/body"'
token_file=/run/heddle/twin/$TWIN/token
check "its token is root's alone" equal "$(stat -c '%a %U' "$token_file") $(cat "$token_file")" "600 root $token"
stop "$server"
check "and gone with the server" test ! -e "$token_file"
finish
