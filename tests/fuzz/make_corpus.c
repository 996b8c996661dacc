/*
 * make_corpus: writes the seeds of the fuzzers: frames of each class, requests, configurations, and
 * what a real kernel says of a namespace with links, neighbours, next hops, routes and firewalls.
 *
 *   make_corpus tests/fuzz/corpus          as root, in the project's folder
 */
#include "../net/frames.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEED_BYTES_MAX = 1 << 16, FULL_DUMP = 0x80, MEND = 0x80 };

static const char *folder;

static void write_seed(const char *fuzzer, const char *name, const void *bytes, size_t size) {
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, fuzzer);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", folder, fuzzer, name);
	file = fopen(path, "w");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void name_after(char *name, const char *text) {
	for (; *text; text++)
		if (*text != ',')
			*name++ = *text == ' ' ? '-' : *text;
	*name = '\0';
}

/* Each class as it is, at a port that checks nothing, and at one that checks much. */
static void write_frames(void) {
	static const uint8_t settings[] = {0, 1 | 1 << 2, MEND | 2 << 2 | 2};
	struct frames frames = {
		.random = 1, .router_mac = {2, 0, 0, 0, 0, 1}, .host_mac = {2, 0, 0, 0, 0, 2}};

	for (size_t class = 0; class < frames_class_count(); class ++) {
		for (size_t i = 0; i < sizeof(settings); i++) {
			uint8_t bytes[2 + FRAME_BYTES_MAX + 256] = {settings[i], 0};
			char name[64];
			size_t size = frames_make(&frames, class, bytes + 2);

			name_after(name, frames_class_name(class));
			snprintf(name + strlen(name), 8, "-%zu", i);
			if (size < 400 || i == 0)
				write_seed("frame", name, bytes, size + 2);
		}
	}
}

static void write_texts(const char *fuzzer, const char *prefix, const char *const *texts) {
	for (int i = 0; texts[i]; i++) {
		char text[4096];
		int size = snprintf(text, sizeof(text), "%s%s", prefix, texts[i]);
		char name[16];

		snprintf(name, sizeof(name), "%02d", i);
		write_seed(fuzzer, name, text, (size_t)size);
	}
}

static const char *const requests[] = {
	"{\"show\": \"status\"}\n",
	"{\"show\": \"ports\"}\n",
	"{\"show\": \"routes\"}\n",
	"{\"show\": \"routes\", \"family\": 4}\n",
	"{\"show\": \"routes\", \"family\": 6}\n",
	"{\"show\": \"nexthops\"}\n",
	"{\"show\": \"neighbours\"}\n",
	"{\"show\": \"ledger\"}\n",
	"{\"show\": \"holds\"}\n",
	"{\"show\": \"route\", \"destination\": \"20.1.2.3\"}\n",
	"{\"show\": \"route\", \"destination\": \"21.1.2.3\", \"source\": \"10.0.3.9\", "
	"\"protocol\": 6, \"source_port\": 1024, \"destination_port\": 80}\n",
	"{\"show\": \"route\", \"destination\": \"22.1.2.3\", \"port\": \"port3\", "
	"\"length\": 1500}\n",
	"{\"show\": \"route\", \"destination\": \"2001:db8::1\", \"source\": \"fd00::1\", "
	"\"length\": 9000}\n",
	"{\"show\": \"route\", \"destination\": \"50.0.0.1\"}\n",
	"{\"show\": \"route\", \"destination\": \"10.0.2.1\", \"length\": 1}\n",
	"{\"show\": \"route\"}\n{\"show\": \"\\u00e9\"}\n\n[]\n{\"show\": \"holds\"}\n",
	"{\"show\": \"status\", \"show\": \"ports\"}\n{\"a\": {\"b\": [1, 2.5, null, true]}}\n",
	NULL,
};

#define ASK " HTTP/1.1\r\nHost: localhost\r\n"
#define ACT                                                                                        \
	"POST /api/actions" ASK "Authorization: Bearer t\r\nContent-Type: application/json\r\n"    \
	"Content-Length: "

static const char *const http_requests[] = {
	"GET /" ASK "\r\n",
	"GET /api/state" ASK "Connection: close\r\n\r\n",
	"HEAD /api/design" ASK "\r\nGET /api/timeline" ASK "\r\n",
	"GET /metrics HTTP/1.0\r\nHost: [::1]:80\r\n\r\n",
	"GET /api/events" ASK "Last-Event-ID: 7\r\n\r\n",
	"GET /api/state HTTP/1.1\r\nHost: evil.example\r\n\r\n",
	"GET /..%2f%2e%2e/etc/passwd%00?x=%ff&y" ASK "If-None-Match: \"x\"\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
	ACT "28\r\n\r\n{\"cut\": \"south East-West 1\"}",
	ACT "21\r\n\r\n{\"fail\": \"link a:b!\"}",
	ACT "14\r\n\r\n{\"cutt\": \"x\"}",
	ACT "24\r\n\r\n{\"cut\": \"x\", \"cut\": \"\"}",
	ACT "2\r\nExpect: 100-continue\r\n\r\n[]",
	"POST /api/actions" ASK "Authorization: Bearer t\r\nTransfer-Encoding: chunked\r\n\r\n"
	"8\r\n{\"age\": \r\n7;x=y\r\n\"3 s 1\"\r\n1\r\n}\r\n0\r\n\r\n",
	"POST /api/actions" ASK "Content-Length: 2\r\n\r\n{}",
	"GET /api/state" ASK "X: y\r\n z\r\nCookie: a=\"b\"; c\r\n\r\n",
	NULL,
};

static const char *const scenarios[] = {
	"- {at: 0s, cut: south East-West 1}\n- {at: 4s, mend: south East-West 1}\n"
	"- {at: 5s, kill: west-leaf1 heddle}\n- {at: 6s, fail: link a:b}\n"
	"- {at: 7.5s, restore: link a:b}\n",
	"[{\"at\": \"0s\", \"age\": \"3 south 1\"}, {\"lose-pump\": \"1 south 2\", \"at\": "
	"\"1s\"}]",
	"- at: 0s\n  upgrade: a:b 300G 8QAM\n- at: 0s\n  fail-amplifier: booster 1\n",
	"- &a {at: 0s, drain: link a:b}\n- *a\n- {at: 1s, undrain: link a:b, restart: a}\n",
	"- {cutt: x}\n- {at: soon, cut: [x]}\n- 7\n",
	NULL,
};

static const char *const intents[] = {
	"",
	"fabric: dc1\nspines: 2\nleaves: [ams, ber]\nhosts: 1\n",
	"shape: clos\npods: 2\nsuper-spines: 2\nspines: 2\nleaves: 2\nborders: 1\n"
	"external:\n  isp1: {asn: 64999, attach: [pod1-border1], announces: [0.0.0.0/0, '::/0'],\n"
	"    announces-file: isp1.txt, daemon: bird}\n",
	"tenants: {web: {ipv4: 10.1.0.0/16, ipv6: fd00:1::/48}, db: {ipv4: 10.2.0.0/16}}\n"
	"racks: {leaf3: {hosts: [db1, db2], tenant: db}, leaf1: {hosts: 2, dual-homed-to: leaf2}}\n"
	"policies:\n- deny: [db, external]\n- deny: [db, web]\n",
	"shape: custom\nnodes: {tor1: {role: leaf}, s1: {role: spine}, srv: {role: host}}\n"
	"cables:\n- {from: tor1, to: s1, speed: 100G, length: 3m, count: 2}\n"
	"- {from: srv, to: tor1}\n",
	"timers: {keepalive: 3s, hold: 9s, connect: 1s, bfd: 100ms, bfd-multiplier: 3}\n"
	"addressing: {links: numbered, asn-base: 65000, mtu: 9000, links-ipv4: 10.9.0.0/16}\n"
	"devices: {leaf: {model: sw, ports: 32, speed: 100G, watts: 350.5}}\n"
	"links: {leaf-spine: {speed: 400G, count: 2, length: 0.5m}}\nfrr: 8.4\n",
	"applications:\n"
	"- {name: a, class: ai, algorithm: tree, hosts: [leaf1-h1, leaf2-h1], size: 1M,\n"
	"   compute: 20ms, seed: 7}\n"
	"- {name: x, class: xr, from: leaf1-h1, to: leaf2-h1, headsets: 2, frames: 90, rate: 20M,\n"
	"   budget: 20ms}\n"
	"- {name: i, class: iot, from: [leaf1-h1], to: leaf3-h2, devices: 2000, every: 10s}\n"
	"- {name: w, class: web, requests: 50, sizes: data-mining, size-scale: 0.01}\n",
	NULL,
};

static const char *const tables[] = {
	"fheddle-fib 1 leaf1\ndown swp64\ngroup 1 swp63 swp64\ngroup 2 swp1 other\n"
	"10.0.0.0/24 1\n10.0.1.0/24 1\n10.0.1.1/32 local\n0.0.0.0/0 none\nfd00::/64 2\n"
	"::/0 drop\n",
	"fheddle-fib 1 leaf1\n# a comment\n\n10.0.0.0/8 drop",
	"j[{\"dst\":\"default\",\"gateway\":\"10.0.0.1\",\"dev\":\"swp1\",\"flags\":[]},"
	"{\"dst\":\"1.0.0.0/8\",\"nhid\":3,\"nexthops\":[{\"dev\":\"swp63\",\"flags\":[]},"
	"{\"dev\":\"swp64\",\"flags\":[\"dead\",\"linkdown\"]}]},"
	"{\"type\":\"local\",\"dst\":\"10.0.0.1\",\"dev\":\"lo\",\"table\":\"local\"},"
	"{\"type\":\"blackhole\",\"dst\":\"4.0.0.0/8\",\"metric\":20}]"
	"[{\"dst\":\"fd00::/64\",\"dev\":\"swp1\",\"metric\":1024,\"pref\":\"medium\"}]",
	"p192.0.2.0/24\n# a comment\n  2001:db8::/32 # another\r\n",
	NULL,
};

static const char *const configurations[] = {
	"ports: [eth1, eth2]\nbypass: [netfilter, rule]\nmode: native\nsocket: /run/x.sock\n"
	"flow-seed: 0x1234\ncapacity:\n  fib4-nodes: 2048\n  fib4-leaves: 4096\n"
	"  fib6-nodes: 2048\n  fib6-leaves: 4096\n  nexthops: 1024\n  buckets: 1024\n",
	"ports: all\n",
	"ports:\n  - eth1\n  - \"eth2\"\n  - 'eth3'\n",
	"bypass:\n  - traffic-control\n  - xfrm\nmode: auto\n",
	"# nothing\n---\n{}\n",
	"{ports: [a, b], capacity: {nexthops: 99999}}\n",
	"ports: &a [x]\nbypass: *a\n",
	"mode: |\n  native\nsocket: >-\n  /run\n",
	"? ports\n: all\n",
	"flow-seed: 99999999999999999999\nmode: fast\nports: {a: b}\n",
	"%YAML 1.2\n---\nports: !!seq [eth0]\n...\n",
	"ports: [\"\\u00e9\\x41\\n\"]\n",
	NULL,
};

static void run(const char *command) {
	if (system(command))
		fprintf(stderr, "failed: %s\n", command);
}

static void make_world(void) {
	if (unshare(CLONE_NEWNET)) {
		perror("make_corpus: network namespaces are denied");
		exit(1);
	}
	run("ip link set lo up; ip link add p2 type veth peer name q2; "
	    "ip link add p3 type veth peer name q3; ip link add b0 type bridge; "
	    "ip link set q3 master b0; for i in p2 q2 p3 q3 b0; do ip link set $i up; done; "
	    "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; "
	    "ip addr add 10.0.2.1/24 dev p2; ip addr add 10.0.3.1/24 dev p3; "
	    "ip -6 addr add fd00:2::1/64 dev p2 nodad; ip -6 addr add fd00:3::1/64 dev p3 nodad");
	run("ip neigh add 10.0.2.9 lladdr 02:01:01:01:01:02 dev p2; "
	    "ip neigh add 10.0.3.9 lladdr 02:01:01:01:01:03 nud reachable dev p3; "
	    "ip neigh add 10.0.3.10 nud failed dev p3; "
	    "ip neigh add fe80::9 lladdr 02:01:01:01:01:04 dev p3; "
	    "ip nexthop add id 7 via 10.0.2.9 dev p2; ip nexthop add id 8 via 10.0.3.9 dev p3; "
	    "ip nexthop add id 9 group 7,1/8,3; ip nexthop add id 10 blackhole; "
	    "ip nexthop add id 11 via fe80::9 dev p3; ip nexthop add id 12 group 7/11");
	run("ip route add 20.0.0.0/8 via 10.0.2.9 metric 20 proto bgp; "
	    "ip route add 20.0.0.0/8 via 10.0.3.9 metric 30; ip route add 20.1.0.0/16 nhid 9; "
	    "ip route add 21.0.0.0/8 nexthop via 10.0.2.9 weight 1 nexthop via 10.0.3.9 weight 3; "
	    "ip route add 22.0.0.0/8 via inet6 fe80::9 dev p3; "
	    "ip route add blackhole 50.0.0.0/8; ip route add prohibit 60.0.0.0/8; "
	    "ip route add unreachable 70.0.0.0/8; ip route add throw 80.0.0.0/8; "
	    "ip route add 23.0.0.0/8 via 10.0.2.9 mtu 1400; "
	    "ip route add 24.0.0.0/8 tos 0x10 via 10.0.2.9; ip route add default via 10.0.2.9; "
	    "ip route add 25.0.0.0/8 nhid 10; ip route add 26.0.0.0/8 nhid 12; "
	    "ip route add table 100 27.0.0.0/8 via 10.0.2.9");
	run("ip -6 route add 2001:db8::/32 via fe80::9 dev p3; "
	    "ip -6 route add 2001:db8:1::/48 nhid 11; ip -6 route add blackhole 2001:db8:2::/48; "
	    "ip -6 route add 2001:db8:3::/48 nexthop via fe80::9 dev p3 nexthop via fd00:2::9; "
	    "ip rule add pref 5 iif p2 lookup 100; ip rule add pref 6 fwmark 1 lookup 100; "
	    "tc qdisc add dev p2 root tbf rate 1mbit burst 10k latency 50ms; "
	    "tc qdisc add dev p3 clsact");
	run("nft 'add table inet filter; add chain inet filter forward { type filter hook forward "
	    "priority 0; policy drop; }; add rule inet filter forward ip saddr 10.0.2.0/24 accept; "
	    "add table ip nat; add chain ip nat post { type nat hook postrouting priority 100; }; "
	    "add rule ip nat post masquerade'");
	run("ip xfrm policy add src 10.9.0.0/24 dst 10.8.0.0/24 dir fwd tmpl src 10.0.2.1 dst "
	    "10.0.2.9 proto esp mode tunnel");
}

/* What one dump answers is added to `bytes`, its messages aligned; returns how many bytes now. */
static size_t add_dump(int protocol, uint16_t type, const void *header, size_t header_size,
	uint8_t *bytes, size_t used) {
	struct mnl_socket *socket = mnl_socket_open(protocol);
	static _Alignas(8) uint8_t buffer[32768];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	bool done = !socket;
	ssize_t size;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = 1;
	memcpy(mnl_nlmsg_put_extra_header(request, header_size), header, header_size);
	if (socket && mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		done = true;
	while (!done && (size = mnl_socket_recvfrom(socket, buffer, sizeof(buffer))) > 0) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
		int left = (int)size;

		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
			done |= message->nlmsg_type == NLMSG_DONE ||
				message->nlmsg_type == NLMSG_ERROR;
			if (done || used + message->nlmsg_len > SEED_BYTES_MAX)
				continue;
			memcpy(bytes + used, message, message->nlmsg_len);
			used += NLMSG_ALIGN(message->nlmsg_len);
		}
	}
	if (socket)
		mnl_socket_close(socket);
	return used;
}

/* The sixth reader's family is netlink_fuzz's own. */
static void write_xdp_features(void) {
	static _Alignas(8) uint8_t buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	uint8_t bytes[sizeof(buffer) + 1] = {5};

	message->nlmsg_type = 0x20;
	header->cmd = 1;
	mnl_attr_put_u32(message, 1, 2);
	mnl_attr_put_u64(message, 3, 0x7f);
	memcpy(bytes + 1, buffer, message->nlmsg_len);
	write_seed("netlink", "xdp-features", bytes, 1 + message->nlmsg_len);
}

static void write_dump(const char *name, uint8_t reader, int protocol, uint16_t type,
	const void *header, size_t header_size) {
	static uint8_t bytes[1 + SEED_BYTES_MAX];
	size_t size = add_dump(protocol, type, header, header_size, bytes + 1, 0);

	memset(bytes + 1 + size, 0, sizeof(bytes) - 1 - size);
	bytes[0] = reader;
	write_seed("netlink", name, bytes, 1 + size);
}

static void write_dumps(void) {
	static const struct {
		const char *name;
		uint16_t type;
		uint8_t family;
		uint8_t size;
	} kinds[] = {{"links", RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg)},
		{"addresses", RTM_GETADDR, AF_UNSPEC, 8},
		{"nexthops", RTM_GETNEXTHOP, AF_UNSPEC, 8},
		{"routes4", RTM_GETROUTE, AF_INET, sizeof(struct rtmsg)},
		{"routes6", RTM_GETROUTE, AF_INET6, sizeof(struct rtmsg)},
		{"neighbours4", RTM_GETNEIGH, AF_INET, 12},
		{"neighbours6", RTM_GETNEIGH, AF_INET6, 12}};
	static uint8_t bytes[1 + SEED_BYTES_MAX];
	const uint8_t rules[12] = {0}, qdiscs[20] = {0};
	const struct nfgenmsg chains = {.nfgen_family = AF_UNSPEC};
	size_t size = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint8_t header[32] = {kinds[i].family};

		write_dump(kinds[i].name, 0, NETLINK_ROUTE, kinds[i].type, header, kinds[i].size);
		size = add_dump(
			NETLINK_ROUTE, kinds[i].type, header, kinds[i].size, bytes + 1, size);
	}
	write_seed("netlink", "all-notified", bytes, 1 + size);
	bytes[0] = FULL_DUMP;
	write_seed("netlink", "all-dumped", bytes, 1 + size);
	write_dump("rules", 1, NETLINK_ROUTE, RTM_GETRULE, rules, sizeof(rules));
	write_dump("qdiscs", 2, NETLINK_ROUTE, RTM_GETQDISC, qdiscs, sizeof(qdiscs));
	write_dump("chains", 3, NETLINK_NETFILTER, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN,
		&chains, sizeof(chains));
	write_dump("policies", 4, NETLINK_XFRM, XFRM_MSG_GETPOLICY, rules, 0);
	write_xdp_features();
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "usage: make_corpus FOLDER\n");
		return 2;
	}
	folder = argv[1];
	mkdir(folder, 0755);
	write_frames();
	write_texts("control", "@", requests);
	write_texts("http", "@", http_requests);
	write_texts("scenario", "", scenarios);
	write_texts("config", "", configurations);
	write_texts("intent", "", intents);
	write_texts("tables", "", tables);
	make_world();
	write_dumps();
	return 0;
}
