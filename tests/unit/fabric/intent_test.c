/* intent_test: each mistake has its line, what was found, what was expected and the nearest word;
 * all of a file are told at once. */
#include "fixture.h"

#include "../base/capture.h"

#include "fabric/report.h"

#include <errno.h>

/* The design of a file, as far as it goes; the error, and what is told. */
static int design(const char *text, char **told) {
	struct mistakes mistakes = {.path = "intent.yaml"};
	struct fabric *fabric;
	struct intent intent;
	struct capture capture;
	struct state *kept;
	int error;

	fixture_write("intent.yaml", text);
	assert_int_equal(state_open(NULL, &kept), 0);
	capture = capture_begin(stderr);
	error = intent_read(&intent, &mistakes);
	if (!error) {
		error = fabric_create(&intent, &mistakes, kept, &fabric);
		intent_free(&intent);
	}
	mistakes_tell(&mistakes);
	*told = capture_end(&capture);
	state_close(kept);
	return error;
}

/* Checks that an intent is refused with exactly these messages, ": …" each a line. */
static void check_refused(const char *text, const char *messages) {
	char expected[4096] = "", *told;
	size_t used = 0;
	int error = design(text, &told);

	for (const char *line = messages; *line; line = strchr(line, '\n') + 1)
		used += (size_t)snprintf(expected + used, sizeof(expected) - used,
			"heddle: error: intent.yaml%.*s", (int)strcspn(line, "\n") + 1, line);
	assert_string_equal(told, expected);
	assert_int_equal(error, -EINVAL);
	free(told);
}

static void each_mistake_is_told_in_its_place(void **state) {
	static const struct {
		const char *text, *messages;
	} rows[] = {
		{"fabrik: x\n",
			":1: 'fabrik': expected 'fabric'? One of fabric, shape, pods, sites, "
			"super-spines, spines, leaves, borders, hosts, links, tenants, racks, "
			"external, policies, nodes, cables, emulate, applications, optics, timers, "
			"addressing, devices, frr\n"},
		{"shape: leafspine\n", ":1: 'leafspine': expected 'leaf-spine'? One of leaf-spine, "
				       "clos, sites, custom\n"},
		{"pods: many\n", ":1: 'many': expected a number from 0 to 4096\n"},
		{"spines: 5000\n",
			":1: '5000': expected how many (at most 4096), or a list of names\n"},
		{"leaves: [leaf1, \"leaf 2\"]\n", ":1: 'leaf 2': expected a name of letters, "
						  "digits, '-' and '_', at most 31\n"},
		{"hosts: -1\n", ":1: '-1': expected a number from 0 to 4096\n"},
		{"links: {leaf-spine: {speed: 100, count: 0, length: 15}}\n",
			":1: '100': expected a speed, as in '25G', '400G' or '100M'\n"
			":1: '0': expected a number from 1 to 64\n"
			":1: '15': expected a length, as in '3m' or '2km', at most 200km\n"},
		{"links: {leafspine: {}}\n",
			":1: 'leafspine': expected 'leaf-spine'? One of "
			"leaf-spine, spine-super, host, external, interconnect\n"},
		{"links: 100G\n",
			":1: '100G': expected tiers, as in 'leaf-spine: {speed: 100G}'\n"},
		{"tenants:\n  web: {ipv4: 10.0.0.1/12, ipv6: 10.0.0.0/8}\n",
			":2: '10.0.0.1/12': expected an IPv4 prefix, as in '10.1.0.0/16', with no "
			"bits set beyond its length\n"
			":2: '10.0.0.0/8': expected an IPv6 prefix, as in 'fd00:1::/48', with no "
			"bits set beyond its length\n"},
		{"tenants: {db: 7}\n",
			":1: '7': expected tenants, as in 'web: {ipv4: 10.1.0.0/16}'\n"},
		{"tenants: {}\n", ":1: 'tenants': expected at least one\n"},
		{"tenants: {web: {}}\n", ":1: 'web': expected a prefix: ipv4, ipv6 or both\n"},
		{"tenants: {external: {ipv4: 10.0.0.0/12}}\n",
			":1: 'external': expected another name: in policies this is all beyond the "
			"fabric\n"},
		{"tenants:\n  web: {ipv4: 10.0.0.0/12}\n  db: {ipv4: 10.1.0.0/16}\n",
			":3: '10.1.0.0/16': overlaps the prefix of web\n"},
		{"tenants: {web: {ipv4: 10.254.0.0/16}}\n",
			":1: '10.254.0.0/16': overlaps the prefix of links-ipv4\n"},
		{"racks: [a]\n", ":1: a list: expected leaves, as in 'leaf3: {hosts: [db1, db2], "
				 "tenant: db}'\n"},
		{"racks: {leaf5: {}}\n", ":1: 'leaf5': expected a leaf; 'leaf1'?\n"},
		{"racks: {laef1: {}}\n", ":1: 'laef1': expected a leaf; 'leaf1'?\n"},
		{"racks: {spine1: {}}\n", ":1: 'spine1': expected a leaf\n"},
		{"racks: {leaf1: {hosts: many}}\n",
			":1: 'many': expected how many (at most 4096), or a list of names\n"},
		{"racks: {leaf1: {tenant: host}}\n", ":1: 'host': expected a tenant; 'hosts'?\n"},
		{"racks: {leaf1: {dual-homed-to: leaf1}}\n",
			":1: 'leaf1': expected another leaf\n"},
		{"racks:\n  leaf1: {hosts: [a, b]}\n  leaf2: {hosts: [b]}\n",
			":3: 'b': expected each name once\n"},
		{"nodes: {tor: {role: leaf}}\nracks: {tor: {}}\n",
			":2: 'tor': expected a leaf of 'leaves'; what hangs below those of 'nodes' "
			"is listed there too\n"},
		{"external: {isp1: {asn: 0}}\n",
			":1: '0': expected a number from 1 to 4294967294\n"},
		{"external: {isp1: {asn: 64500}}\n",
			":1: 'isp1': expected switches to 'attach' it to\n"},
		{"external: {isp1: {attach: [leaf1]}}\n", ":1: 'isp1': expected an 'asn'\n"},
		{"external: {isp1: {asn: 64500, attach: leaf1}}\n",
			":1: 'leaf1': expected a list of names\n"},
		{"external: {isp1: {asn: 64500, attach: [spine1]}}\n",
			":1: 'spine1': expected a border or a leaf\n"},
		{"borders: 1\nexternal: {isp1: {asn: 64500, attach: [boarder1]}}\n",
			":2: 'boarder1': expected a border or a leaf; 'border1'?\n"},
		{"external: {isp1: {asn: 64500, attach: [leaf1], announces: [nonsense], daemon: "
		 "quagga}}\n",
			":1: 'nonsense': expected a prefix, as in '0.0.0.0/0', with no bits set "
			"beyond its length\n"
			":1: 'quagga': expected frr, bird\n"},
		{"external: {isp1: {asn: 64500, attach: [leaf1], announces-file: ../isp1.txt}}\n",
			":1: '../isp1.txt': expected the name of a .txt file beside this one, as "
			"in "
			"'isp1.txt', at most 63 letters\n"},
		{"policies: [hosts]\n",
			":1: 'hosts': expected policies, as in '- deny: [web, db]'\n"},
		{"policies:\n- deny: [hosts]\n", ":2: a list: expected two tenants, or a tenant "
						 "and 'external', in a list\n"},
		{"policies:\n- allow: [hosts, external]\n", ":2: 'allow': expected deny\n"},
		{"policies:\n- {}\n", ":2: 'policies': expected 'deny' with two tenants\n"},
		{"policies:\n- deny: [hosts, extern]\n",
			":2: 'extern': expected a tenant or 'external'; 'external'?\n"},
		{"policies:\n- deny: [hosts, hosts]\n",
			":2: 'hosts': expected two different ones\n"},
		{"nodes: {tor1: {role: laef}}\n",
			":1: 'laef': expected 'leaf'? One of super-spine, spine, leaf, border, "
			"host, external\n"},
		{"nodes: {tor1: {}}\n", ":1: 'tor1': expected a 'role'\n"},
		{"nodes: {spine1: {role: spine}}\n", ":1: 'spine1': expected each name once\n"},
		{"nodes: {srv: {role: host, tenant: hsots}}\n",
			":1: 'hsots': expected a tenant; 'hosts'?\n"},
		{"cables: {}\n", ":1: a mapping: expected cables, as in '- {from: tor7, to: "
				 "spine1, speed: 100G}'\n"},
		{"cables:\n- {from: leaf1, to: leaf9}\n",
			":2: 'leaf9': expected a node; 'leaf1'?\n"},
		{"cables:\n- {from: leaf1, to: leaf1}\n", ":2: 'leaf1': expected another node\n"},
		{"cables:\n- {from: leaf1, to: spine1, speed: fast}\n",
			":2: 'fast': expected a speed, as in '25G', '400G' or '100M'\n"},
		{"cables:\n- {from: leaf1-h1, to: spine1}\n",
			":2: 'spine1': expected a leaf, for the host 'leaf1-h1'\n"},
		{"timers: {keepalive: 3}\n",
			":1: '3': expected a time, as in '100ms' or '3s', at most an hour\n"},
		{"timers: {hold: 2h}\n",
			":1: '2h': expected a time, as in '100ms' or '3s', at most an hour\n"},
		{"timers: {keepalive: 500ms}\n", ":1: 'keepalive': expected whole seconds\n"},
		{"timers: {hold: 2s, keepalive: 1s}\n",
			":1: 'hold': expected 0 or at least 3s (RFC 4271, section 4.2)\n"},
		{"timers: {keepalive: 9s}\n", ":1: 'keepalive': expected at most half of 'hold'\n"},
		{"timers: {bfd: 5ms, bfd-multiplier: 1}\n",
			":1: '1': expected a number from 2 to 255\n"
			":1: 'bfd': expected 0, or from 10ms to 60s\n"},
		{"timers: {keepalive: 0}\n",
			":1: 'keepalive': expected at least 1s, unless 'hold' is 0\n"},
		{"timers: {bfd: 5ms}\n", ":1: 'bfd': expected 0, or from 10ms to 60s\n"},
		{"timers: {advertisement: 601s}\n", ":1: 'advertisement': expected at most 600s\n"},
		{"addressing: {links: numberd}\n",
			":1: 'numberd': expected 'numbered'? One of unnumbered, numbered\n"},
		{"addressing: {mtu: 100}\n", ":1: '100': expected a number from 1280 to 9216\n"},
		{"addressing: {asn-base: 4294967295}\n",
			":1: '4294967295': expected a number from 1 to 4294967294\n"},
		{"addressing: {loopbacks-ipv4: 'fd00::/64'}\n",
			":1: 'fd00::/64': expected an IPv4 prefix, as in '10.1.0.0/16', with no "
			"bits set beyond its length\n"},
		{"devices: {leaf: {ports: 9999}}\n",
			":1: '9999': expected a number from 0 to 4096\n"},
		{"devices: {leaf: {watts: lots}}\n",
			":1: 'lots': expected watts, from 0 to 100000\n"},
		{"devices: {host: {}}\n",
			":1: 'host': expected super-spine, spine, leaf, border\n"},
		{"external: {isp1: {asn: 64500, attach: [leaf1], announces: [10.1.2.0/24]}}\n",
			":1: '10.1.2.0/24': lies in the prefix of hosts: expected one beyond the "
			"fabric\n"},
		{"frr: new\n", ":1: 'new': expected a version of FRR, as in '8.4'\n"},
		{"shape: clos\n", ":1: 'pods': a clos needs at least one\n"
				  ":1: 'super-spines': a clos needs at least one\n"},
		{"pods: 2\n", ":1: 'pods': a leaf-spine has none; 'shape: clos' does\n"},
		{"super-spines: 2\n",
			":1: 'super-spines': a leaf-spine has none; 'shape: clos' does\n"},
		{"shape: sites\nborders: 1\n",
			":1: 'sites': expected two or more names, as in [east, west]\n"},
		{"shape: sites\nborders: 1\nsites: [east]\n",
			":3: 'sites': expected two or more names, as in [east, west]\n"},
		{"shape: sites\nborders: 1\nsites: [east, west, east]\n",
			":3: 'sites': 'east' twice: expected another name\n"},
		{"shape: sites\nborders: 1\nsites: [east, we.st]\n",
			":3: 'we.st': expected a name of letters, digits, '-' and '_', at most "
			"31\n"},
		{"shape: sites\nborders: 1\nsites: 2\n", ":3: '2': expected a list of names\n"},
		{"shape: sites\nsites: [east, west]\n",
			":1: 'borders': expected at least one: sites are joined by them\n"},
		{"shape: sites\nsites: [east, west]\nborders: 1\npods: 2\nsuper-spines: 2\n",
			":4: 'pods': sites have none; 'shape: clos' does\n"
			":5: 'super-spines': sites have none; 'shape: clos' does\n"},
		{"sites: [east, west]\n", ":1: 'sites': expected 'shape: sites'\n"},
		{"shape: sites\nborders: 1\nsites: [east, a-site-of-20-letters]\nhosts: 0\n"
		 "leaves: [leaf-of-12-l, leaf-of-12-m]\n",
			":5: 'a-site-of-20-letters-leaf-of-12': the whole name has more than 31 "
			"letters\n"},
		{"shape: sites\nborders: [x, b-x]\nsites: [a, a-b]\n",
			":2: 'a-b-x': expected each name once\n"},
		{"shape: sites\nsites: [east, west]\nborders: 1\nracks: {leaf1: {hosts: 1}}\n",
			":4: 'leaf1': expected a leaf\n"},
		{"spines: 0\n", ":1: 'spines': expected at least one\n"},
		{"shape: custom\n", ":1: 'nodes': a custom shape lists its nodes and cables\n"},
		{"shape: clos\npods: 4096\nsuper-spines: 1\n",
			":1: 'switches': 24577: expected at most 4096\n"},
		{"leaves: [a-name-that-has-thirty-1-letters]\nhosts: 1\n",
			":1: 'a-name-that-has-thirty-1-letters': expected a name of letters, "
			"digits, '-' and '_', at most 31\n"},
		{"leaves: [a-name-that-has-thirty-letters]\nhosts: 1\n",
			":1: 'a-name-that-has-thirty-letters-': the whole name has more than 31 "
			"letters\n"},
		{"spines: [a, b, a]\n", ":1: 'a': expected each name once\n"},
		{"42\n", ":1: '42': expected keys with values, as in 'spines: 2'\n"},
		{"[a]\n", ":1: a list: expected keys with values, as in 'spines: 2'\n"},
		{"spines: 2\nspines: 3\n", ":2: 'spines': expected each key once\n"},
		{"spines: [2\n", ":2: not valid YAML: did not find expected ',' or ']'\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_refused(rows[i].text, rows[i].messages);
}

static void all_mistakes_are_told_at_once(void **state) {
	check_refused("spines: x\nleaves: y\nlinks:\n  leaf-spine: {speed: z}\nfrr: new\n",
		":1: 'x': expected how many (at most 4096), or a list of names\n"
		":2: 'y': expected how many (at most 4096), or a list of names\n"
		":4: 'z': expected a speed, as in '25G', '400G' or '100M'\n"
		":5: 'new': expected a version of FRR, as in '8.4'\n");
	check_refused("racks: {leaf7: {tenant: x}}\npolicies:\n- deny: [x, hosts]\n"
		      "timers: {bfd: 1ms}\n",
		":1: 'leaf7': expected a leaf; 'leaf1'?\n"
		":1: 'x': expected a tenant\n"
		":3: 'x': expected a tenant or 'external'\n"
		":4: 'bfd': expected 0, or from 10ms to 60s\n");
}

/* Values, names, and what only a design shows: AS numbers, links, room. */
static void mistakes_of_all_kinds_are_told_at_once(void **state) {
	/* What one border keeps from a router of others, another has to carry. */
	check_refused("shape: sites\nsites: [east, west]\nborders: 1\n"
		      "external: {isp: {asn: 64500, attach: [east-border1]}}\n"
		      "policies:\n- deny: [hosts, external]\n",
		":5: 'hosts' has no way between 'east' and 'west': each border has a router there "
		"that may not reach it; expected one more border, or the router attached to a "
		"leaf\n");
	check_refused("fabric: dc1\n"
		      "emulate:\n"
		      "  leaf1:leaf2: {delay: 1ms}\n"
		      "  leaf1:spien2: {delay: 1ms}\n"
		      "  leaf-spin: {delay: 1ms}\n"
		      "external:\n"
		      "  isp1: {asn: 4200000001, attach: [leaf1]}\n"
		      "  isp2: {asn: 64500, attach: [leaf1], daemon: brid}\n"
		      "policies:\n"
		      "- deny: [hosts, extrenal]\n"
		      "timers: {bfd: 5}\n"
		      "racks:\n"
		      "  leaf5: {tenant: host}\n"
		      "frr: new\n",
		":4: 'spien2': expected a node or a port; 'spine2'?\n"
		":5: 'leaf-spin': expected 'leaf-spine'? Or a link, as in 'leaf1:spine2', or one "
		"of "
		"leaf-spine, spine-super, host, external, interconnect\n"
		":7: 'isp1' has the AS number 4200000001 of leaf1: expected another, or another "
		"'asn-base'\n"
		":8: 'brid': expected 'bird'? One of frr, bird\n"
		":10: 'extrenal': expected a tenant or 'external'; 'external'?\n"
		":11: '5': expected a time, as in '100ms' or '3s', at most an hour\n"
		":13: 'leaf5': expected a leaf; 'leaf1'?\n"
		":13: 'host': expected a tenant; 'hosts'?\n"
		":14: 'new': expected a version of FRR, as in '8.4'\n");
	check_refused("policies:\n- deny: [hosts, all]\nemulate:\n  leaf1:leaf2: {loss: 1}\n"
		      "tenants: {hosts: {ipv4: 10.0.0.0/23}}\ndevices: {spine: {ports: 3}}\n",
		":2: 'all': expected a tenant or 'external'\n"
		":4: 'leaf1:leaf2': expected two nodes with a cable, as in 'leaf1:spine2', or one "
		"of leaf-spine, spine-super, host, external, interconnect\n"
		":5: '10.0.0.0/23' has no room for one more leaf: expected a shorter prefix\n"
		":6: 'spine1' needs 4 ports, its device has 3 (2 such): expected a larger one in "
		"'devices', or fewer cables\n");
}

static void nothing_is_concluded_from_what_is_wrong(void **state) {
	check_refused("leaves: four\nracks: {ams: {}}\nemulate: {ams:spine1: {loss: 1}}\n"
		      "external: {isp1: {asn: 64500, attach: [ams]}}\n",
		":1: 'four': expected how many (at most 4096), or a list of names\n");
	check_refused("tenants:\n  web: {ipv4: 10.1.0.0/8}\nracks: {leaf1: {tenant: web}}\n",
		":2: '10.1.0.0/8': expected an IPv4 prefix, as in '10.1.0.0/16', with no bits set "
		"beyond its length\n");
	check_refused("tenants: none\nracks: {leaf1: {tenant: web}}\npolicies: [deny: [web, db]]\n",
		":1: 'none': expected tenants, as in 'web: {ipv4: 10.1.0.0/16}'\n");
	check_refused("nodes:\n  tor: {role: laef}\n  srv: {role: host}\n"
		      "cables:\n- {from: srv, to: tor}\n- {from: tor, to: spine1}\n",
		":2: 'laef': expected 'leaf'? One of super-spine, spine, leaf, border, host, "
		"external\n");
	check_refused("timers: {hold: 9, keepalive: 20s}\n",
		":1: '9': expected a time, as in '100ms' or '3s', at most an hour\n");
	check_refused("addressing: {asn-base: x}\nexternal: {isp1: {asn: 4200000001, attach: "
		      "[leaf1]}}\n",
		":1: 'x': expected a number from 1 to 4294967294\n");
	check_refused("shape: closs\npods: 2\nsuper-spines: 2\nracks: {pod1-leaf1: {}}\n",
		":1: 'closs': expected 'clos'? One of leaf-spine, clos, sites, custom\n");
	check_refused("spines: [a, b, a]\nspines: 3\nfrr: x\n",
		":2: 'spines': expected each key once\n"
		":3: 'x': expected a version of FRR, as in '8.4'\n");
}

static void what_cannot_be_designed_is_told(void **state) {
	check_refused("leaves: 5\ndevices: {spine: {ports: 4}}\nspines: 1\n",
		":2: 'spine1' needs 5 ports, its device has 4 (1 such): expected a larger one in "
		"'devices', or fewer cables\n");
	check_refused("tenants: {hosts: {ipv4: 10.0.0.0/23}}\nleaves: 3\n",
		":1: '10.0.0.0/23' has no room for one more leaf: expected a shorter prefix\n");
	check_refused("addressing: {asn-base: 4294967293}\nleaves: 1\nhosts: 0\nspines: 1\n"
		      "borders: 1\n",
		":1: 'asn-base' 4294967293 leaves no number for all switches: expected a lower "
		"one\n");
	check_refused("borders: 1\nexternal:\n  isp1: {asn: 4200000001, attach: [border1]}\n",
		":3: 'isp1' has the AS number 4200000001 of leaf1: expected another, or another "
		"'asn-base'\n");
	check_refused("tenants:\n  a: {ipv4: 10.0.0.0/16}\n  b: {ipv4: 10.1.0.0/16}\n"
		      "leaves: 2\nracks:\n  leaf1: {dual-homed-to: leaf2}\n  leaf2: {tenant: b}\n"
		      "policies:\n- deny: [a, b]\n",
		":8: 'leaf2' has hosts of 'a' and of a tenant that a policy keeps from it: "
		"expected "
		"them below different leaves\n");
}

static void mistakes_of_applications_are_told(void **state) {
	static const struct {
		const char *application, *messages;
	} rows[] = {
		{"{}", ":2: 'applications': expected a 'name'\n"
		       ":2: 'applications': expected a 'class'\n"},
		{"{name: a}", ":2: 'a': expected a 'class'\n"},
		{"{name: a, class: vr}", ":2: 'vr': expected 'xr'? One of ai, xr, iot, web\n"},
		{"{name: a, class: web, algorithm: ring}",
			":2: 'algorithm': class web has from, to, requests, sizes, size-scale\n"},
		{"{name: a, class: ai, algoritm: ring}",
			":2: 'algoritm': expected 'algorithm'? One of name, class, seed, hosts, "
			"algorithm, size, compute, from, to, headsets, frames, rate, budget, "
			"devices, every, requests, sizes, size-scale\n"},
		{"{name: a, class: ai, algorithm: rign}",
			":2: 'rign': expected 'ring'? One of ring, tree\n"},
		{"{name: a, class: ai, hosts: leaf1-h1}", ":2: 'hosts': expected 2 to 64\n"},
		{"{name: a, class: ai, hosts: [leaf1-h1, leaf1-h1]}",
			":2: 'leaf1-h1': expected each host once\n"},
		{"{name: a, class: ai, hosts: [leaf1-h1, leaf9-h1]}",
			":2: 'leaf9-h1': expected a host; 'leaf1-h1'?\n"},
		{"{name: a, class: ai, hosts: [leaf1-h1, leaf2]}",
			":2: 'leaf2': expected a host\n"},
		{"{name: a, class: ai, size: 4X, compute: 20}",
			":2: '4X': expected bytes, as in '64K' or '4M', at most 1G\n"
			":2: '20': expected a time, as in '100ms' or '3s', at most an hour\n"},
		{"{name: a, class: xr, from: leaf1-h1, to: leaf1-h1}",
			":2: 'leaf1-h1': expected another host than it comes from\n"},
		{"{name: a, class: xr, rate: 1G, budget: 2s}",
			":2: 'rate': expected at most 258M with 90 frames a second\n"
			":2: 'budget': expected 1ms to 1s\n"},
		{"{name: a, class: ai, size: 63}", ":2: 'size': expected at least 1K\n"},
		{"{name: a, class: xr, headsets: 100}",
			":2: 'headsets': expected at most 5000 frames a second in all\n"},
		{"{name: a, class: web, from: [leaf1-h1, leaf1-h1], to: leaf2-h1}",
			":2: 'leaf1-h1': expected each host once\n"},
		{"{name: a, class: iot, devices: 20000, every: 2s}",
			":2: 'every': expected at least 4s with 20000 devices: at most 5000 "
			"messages a second\n"},
		{"{name: a, class: web, sizes: websearch, size-scale: 2, requests: 0}",
			":2: 'websearch': expected 'web-search'? One of web-search, data-mining\n"
			":2: '2': expected a number, above 0, up to 1\n"
			":2: '0': expected a number from 1 to 1000\n"},
		{"{name: a, class: web}\n- {name: a, class: ai}",
			":3: 'a': expected each name once\n"},
		{"{name: a, class: web}\nhosts: 0",
			":2: 'a': expected two hosts; 'hosts' of the fabric says how many there "
			"are\n"},
		{"{name: a, class: web}\ntenants: {t: {ipv4: 10.0.0.0/12}, u: {ipv4: "
		 "10.16.0.0/12}}\n"
		 "racks: {leaf1: {tenant: u}}\npolicies: [deny: [t, u]]",
			":2: 'a': a policy keeps its hosts of 't' from those of 'u'\n"},
	};
	char text[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "applications:\n- %s\n", rows[i].application);
		check_refused(text, rows[i].messages);
	}
	check_refused("applications: {a: {}}\n",
		":1: a mapping: expected applications, as in '- {name: training, class: ai, "
		"algorithm: ring}'\n");
}

static void a_host_may_be_at_both_ends_with_another(void **state) {
	struct designed designed;
	struct state *kept;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&designed,
		"applications:\n- {name: a, class: iot, from: [leaf1-h1, leaf2-h1], to: "
		"leaf1-h1}\n",
		kept);
	assert_int_equal(designed.intent.applications[0].from.count, 2);
	fixture_free(&designed);
	state_close(kept);
}

static void prefixes_come_from_a_file_beside_the_intent(void **state) {
	struct mistakes mistakes = {.path = "./intent.yaml"};
	struct intent intent;
	char *told;

	fixture_write("intent.yaml", "external: {isp1: {asn: 64500, attach: [leaf1], announces: "
				     "[0.0.0.0/0], announces-file: isp1.txt}}\n");
	fixture_write("isp1.txt", "# ours\n192.0.2.0/24\r\n\n  2001:db8::/32 # and this\n");
	assert_int_equal(intent_read(&intent, &mistakes), 0);
	assert_int_equal(mistakes_tell(&mistakes), 0);
	assert_int_equal(intent.externals[0].announce_count, 3);
	assert_int_equal(intent.externals[0].announces[2].length, 32);
	intent_free(&intent);
	fixture_write("isp1.txt", "192.0.2.0/24\n192.0.2.1/24\n192.0.2.0/24 192.0.3.0/24");
	assert_int_equal(design("external: {isp1: {asn: 64500, attach: [leaf1], announces: "
				"[0.0.0.0/0], announces-file: isp1.txt}}\n",
				 &told),
		-EINVAL);
	assert_string_equal(told,
		"heddle: error: isp1.txt:2: '192.0.2.1/24': expected a prefix, as in "
		"'192.0.2.0/24', with no bits set beyond its length\n"
		"heddle: error: isp1.txt:3: '192.0.2.0/24 192.0.3.0/24': expected a prefix, as in "
		"'192.0.2.0/24', with no bits set beyond its length\n"
		"heddle: error: intent.yaml:1: 'isp1.txt': expected a file with a prefix a line\n");
	free(told);
}

/* Without BFD, who dies in silence would be taken for one who restarts. */
static void graceful_restart_goes_with_bfd(void **state) {
	static const struct {
		const char *text;
		uint32_t restart;
		bool is_warned;
	} rows[] = {{"", 120000, false}, {"timers: {bfd: 0}\n", 0, false},
		{"timers: {bfd: 0, restart: 60s}\n", 60000, true},
		{"timers: {bfd: 50ms, restart: 60s}\n", 60000, false}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct designed designed;
		struct state *kept;

		assert_int_equal(state_open(NULL, &kept), 0);
		fixture_design(&designed, rows[i].text, kept);
		assert_int_equal(designed.intent.timers.restart, rows[i].restart);
		assert_int_equal(report_warning(designed.fabric) != NULL, rows[i].is_warned);
		fixture_free(&designed);
		state_close(kept);
	}
}

/* What is shown as the defaults is an intent, and means what an empty one does. */
static void the_defaults_are_an_intent(void **state) {
	struct designed empty, shown;
	struct state *kept;
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	intent_print_defaults(to);
	fclose(to);
	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&empty, "", kept);
	fixture_design(&shown, text, kept);
	assert_int_equal(empty.fabric->node_count, shown.fabric->node_count);
	assert_int_equal(empty.fabric->link_count, shown.fabric->link_count);
	assert_memory_equal(
		&empty.intent.timers, &shown.intent.timers, sizeof(shown.intent.timers));
	assert_memory_equal(
		empty.intent.devices, shown.intent.devices, sizeof(shown.intent.devices));
	fixture_free(&empty);
	fixture_free(&shown);
	state_close(kept);
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_told_in_its_place),
		cmocka_unit_test(all_mistakes_are_told_at_once),
		cmocka_unit_test(mistakes_of_all_kinds_are_told_at_once),
		cmocka_unit_test(nothing_is_concluded_from_what_is_wrong),
		cmocka_unit_test(what_cannot_be_designed_is_told),
		cmocka_unit_test(mistakes_of_applications_are_told),
		cmocka_unit_test(a_host_may_be_at_both_ends_with_another),
		cmocka_unit_test(prefixes_come_from_a_file_beside_the_intent),
		cmocka_unit_test(graceful_restart_goes_with_bfd),
		cmocka_unit_test(the_defaults_are_an_intent),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
