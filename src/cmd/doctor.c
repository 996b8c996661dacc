/*
 * doctor: what keeps this machine, or an interface, from being forwarded by Heddle at full rate:
 * each finding a verdict and the command that mends it. It looks by a mirror of its own, so that it
 * works whether or not a daemon runs, and changes nothing.
 */
#include "base/columns.h"
#include "base/local_socket.h"
#include "base/log.h"
#include "agent/config.h"
#include "agent/client.h"
#include "cmd/command.h"
#include "mirror/mirror.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/grace.h"
#include "table/nexthops.h"
#include "table/tables.h"

#include <bpf/libbpf.h>
#include <getopt.h>
#include <jansson.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char usage[] =
	"usage: heddle doctor [OPTION]...\n"
	"\n"
	"Says what keeps this machine from forwarding at full rate, and what mends it.\n"
	"Exit status 1 if something keeps Heddle from running or a port from working.\n"
	"\n"
	"  -j, --json           JSON instead of a table\n"
	"      --socket PATH    of the daemon (default: that of this network namespace)\n"
	"  -h, --help           this text\n";

enum { OPTION_SOCKET = 256 };

static const struct option options[] = {
	{"json", no_argument, NULL, 'j'},
	{"socket", required_argument, NULL, OPTION_SOCKET},
	{"help", no_argument, NULL, 'h'},
	{0},
};

enum verdict { VERDICT_OK, VERDICT_SLOW, VERDICT_BAD };

static const char *const verdict_names[] = {"ok", "slow", "bad"};

struct diagnosis {
	json_t *findings;
	bool bad;
};

/* `mend` is a command or a sentence; "" if nothing is to be mended. */
static void find(struct diagnosis *diagnosis, enum verdict verdict, const char *subject,
	const char *what, const char *mend) {
	json_array_append_new(diagnosis->findings,
		json_pack("{s:s, s:s, s:s, s:s}", "verdict", verdict_names[verdict], "subject",
			subject, "finding", what, "mend", mend));
	diagnosis->bad |= verdict == VERDICT_BAD;
}

static bool read_line(const char *path, char *line, size_t size) {
	FILE *file = fopen(path, "re");
	bool found = file && fgets(line, (int)size, file);

	if (file)
		fclose(file);
	if (found)
		line[strcspn(line, "\n")] = '\0';
	return found;
}

static void examine_kernel(struct diagnosis *diagnosis) {
	struct utsname name;
	int major = 0, minor = 0;
	bool is_enough;
	char jit[16] = "";

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	is_enough = major > 5 || (major == 5 && minor >= 18);
	find(diagnosis, is_enough ? VERDICT_OK : VERDICT_BAD, "kernel", name.release,
		is_enough ? "" : "Linux 5.18 or later is needed");
	if (major < 6 || (major == 6 && minor < 3))
		find(diagnosis, VERDICT_SLOW, "kernel", "does not tell xdp-features (6.3 does)",
			"a device that takes no redirected frames is known when it refuses some");
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
		find(diagnosis, VERDICT_SLOW, "BTF",
			"/sys/kernel/btf/vmlinux is missing: refused frames cannot be counted",
			"a kernel with CONFIG_DEBUG_INFO_BTF");
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL) > 0)
		find(diagnosis, VERDICT_OK, "BPF", "XDP programs can be loaded", "");
	else
		find(diagnosis, VERDICT_BAD, "BPF", "XDP programs cannot be loaded",
			"run as root, where bpf(2) is allowed");
	if (!read_line("/proc/sys/net/core/bpf_jit_enable", jit, sizeof(jit)))
		find(diagnosis, VERDICT_OK, "BPF JIT", "always on", "");
	else if (jit[0] == '0')
		find(diagnosis, VERDICT_SLOW, "BPF JIT", "off: programs are interpreted",
			"sysctl -w net.core.bpf_jit_enable=1");
	else
		find(diagnosis, VERDICT_OK, "BPF JIT", "on", "");
}

static bool ask_ethtool(const char *name, void *command) {
	struct ifreq request = {.ifr_data = command};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool answered;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	answered = fd >= 0 && ioctl(fd, SIOCETHTOOL, &request) == 0;
	if (fd >= 0)
		close(fd);
	return answered;
}

/* Of ETHTOOL_GFEATURES, whose bits need string sets, the old flags are enough for what matters. */
static uint32_t offload_flags(const char *name) {
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};

	return ask_ethtool(name, &flags) ? flags.data : 0;
}

static const char *driver_of(const char *name, struct ethtool_drvinfo *driver) {
	*driver = (struct ethtool_drvinfo){.cmd = ETHTOOL_GDRVINFO};
	return ask_ethtool(name, driver) && driver->driver[0] ? driver->driver : "unknown";
}

static void examine_sysctls(struct diagnosis *diagnosis, const struct mirror_link *link) {
	char mend[160];

	snprintf(mend, sizeof(mend), "sysctl -w net.ipv4.conf.%s.forwarding=1", link->name);
	if (!link->forwarding4)
		find(diagnosis, VERDICT_SLOW, link->name, "IPv4 forwarding is off", mend);
	if (!link->forwarding6)
		find(diagnosis, VERDICT_SLOW, link->name, "IPv6 forwarding is off",
			"sysctl -w net.ipv6.conf.all.forwarding=1");
}

static void examine_features(struct diagnosis *diagnosis, const struct mirror_link *link) {
	enum { BASIC = 1 << 0, REDIRECT = 1 << 1, TRANSMIT = 1 << 2 }; /* NETDEV_XDP_ACT_* */

	if (!link->xdp_features_known)
		return;
	if (!(link->xdp_features & BASIC))
		find(diagnosis, VERDICT_SLOW, link->name,
			"the driver has no native XDP: generic mode, no faster than the kernel",
			"");
	else if (!(link->xdp_features & TRANSMIT))
		find(diagnosis, VERDICT_SLOW, link->name, "takes no redirected frames",
			strcmp(link->kind, "veth") == 0
				? "at the far end of the veth: ethtool -K DEVICE gro on"
				: "a driver with NDO_XMIT, or XDP attached to enable it");
}

static void examine_offloads(struct diagnosis *diagnosis, const struct mirror_link *link) {
	uint32_t flags = offload_flags(link->name);
	char mend[160];

	if (link->has_uppers) {
		find(diagnosis, VERDICT_SLOW, link->name,
			"VLAN, macvlan or ipvlan devices lie on it: all that arrives is left to "
			"the kernel",
			"");
	} else if (flags & ETH_FLAG_RXVLAN && strcmp(link->kind, "veth") != 0) {
		snprintf(mend, sizeof(mend), "ethtool -K %s rxvlan off", link->name);
		find(diagnosis, VERDICT_SLOW, link->name,
			"may strip VLAN tags before Heddle sees them", mend);
	}
	if (flags & ETH_FLAG_LRO) {
		snprintf(mend, sizeof(mend), "ethtool -K %s lro off", link->name);
		find(diagnosis, VERDICT_SLOW, link->name,
			"merges what it receives (LRO): drivers refuse native XDP then", mend);
	}
}

static void examine_link(struct diagnosis *diagnosis, const struct mirror_link *link) {
	size_t before = json_array_size(diagnosis->findings);
	struct ethtool_drvinfo driver;
	char text[128];

	if (link->type != ARPHRD_ETHER)
		return;
	if (link->master) {
		find(diagnosis, VERDICT_SLOW, link->name, "belongs to a bridge, bond or VRF",
			"its traffic is the kernel's");
		return;
	}
	examine_sysctls(diagnosis, link);
	examine_features(diagnosis, link);
	examine_offloads(diagnosis, link);
	if (json_array_size(diagnosis->findings) != before)
		return;
	snprintf(text, sizeof(text), "can be a port (driver %s, %s; forwarding on)",
		driver_of(link->name, &driver),
		link->xdp_features_known ? "native XDP" : "its XDP features are not told");
	find(diagnosis, VERDICT_OK, link->name, text, "");
}

static void examine_holds(struct diagnosis *diagnosis, const struct mirror *mirror) {
	size_t count;
	const struct mirror_hold *holds = mirror_holds(mirror, &count);

	for (size_t i = 0; i < count; i++) {
		const struct mirror_link *link = mirror_link(mirror, holds[i].ifindex);
		char mend[96];

		snprintf(mend, sizeof(mend), "heddle run --bypass %s, if it may be passed over",
			hold_kind_name(holds[i].kind));
		find(diagnosis, VERDICT_SLOW, link ? link->name : "firewall", holds[i].text, mend);
	}
	if (count == 0)
		find(diagnosis, VERDICT_OK, "firewall", "nothing but routes decides", "");
}

static void no_wait(struct grace *grace) {
}

/* Tables on ordinary memory, as small as they get: the mirror wants some, the doctor does not. */
struct small_tables {
	struct tables memory;
	struct grace grace;
	struct mirror_tables tables;
};

static bool make_tables(struct small_tables *small) {
	enum { WORDS = 4096, BUCKETS = 16384 };
	struct tables *memory = &small->memory;

	memset(small, 0, sizeof(*small));
	small->grace.wait = no_wait;
	memory->fib4.roots = calloc(FIB4_ROOTS, sizeof(uint64_t));
	memory->fib4.nodes = aligned_alloc(64, 64 * sizeof(uint64_t) * NODE_WORDS);
	memory->fib4.leaves = calloc(WORDS, sizeof(uint32_t));
	memory->fib6.roots = calloc(FIB6_ROOTS, sizeof(uint32_t));
	memory->fib6.nodes = aligned_alloc(64, 64 * sizeof(uint64_t) * NODE_WORDS);
	memory->fib6.leaves = calloc(WORDS, sizeof(uint32_t));
	memory->nexthop.nexthops = aligned_alloc(64, WORDS * sizeof(struct nexthop));
	memory->nexthop.buckets = calloc(BUCKETS, sizeof(uint32_t));
	memory->local_filter = calloc(LOCAL_FILTER_WORDS, sizeof(uint64_t));
	if (!memory->fib4.roots || !memory->fib4.nodes || !memory->fib4.leaves ||
		!memory->fib6.roots || !memory->fib6.nodes || !memory->fib6.leaves ||
		!memory->nexthop.nexthops || !memory->nexthop.buckets || !memory->local_filter)
		return false;
	memset(memory->fib4.nodes, 0, 64 * sizeof(uint64_t) * NODE_WORDS);
	memset(memory->fib6.nodes, 0, 64 * sizeof(uint64_t) * NODE_WORDS);
	memset(memory->nexthop.nexthops, 0, WORDS * sizeof(struct nexthop));
	memory->fib4.node_count = memory->fib6.node_count = 64;
	memory->fib4.leaf_count = memory->fib6.leaf_count = WORDS;
	memory->nexthop.nexthop_count = WORDS;
	memory->nexthop.bucket_count = BUCKETS;
	small->tables.fib4 = fib4_create(&memory->fib4, &small->grace);
	small->tables.fib6 = fib6_create(&memory->fib6, &small->grace);
	small->tables.nexthops = nexthops_create(&memory->nexthop, &small->grace);
	small->tables.local_filter = memory->local_filter;
	return small->tables.fib4 && small->tables.fib6 && small->tables.nexthops;
}

static void free_tables(struct small_tables *small) {
	struct tables *memory = &small->memory;

	nexthops_destroy(small->tables.nexthops);
	fib6_destroy(small->tables.fib6);
	fib4_destroy(small->tables.fib4);
	free(memory->local_filter);
	free(memory->nexthop.buckets);
	free(memory->nexthop.nexthops);
	free(memory->fib6.leaves);
	free(memory->fib6.nodes);
	free(memory->fib6.roots);
	free(memory->fib4.leaves);
	free(memory->fib4.nodes);
	free(memory->fib4.roots);
}

static void examine_network(struct diagnosis *diagnosis) {
	const struct mirror_listener nobody = {0};
	struct small_tables small;
	struct mirror *mirror;
	const struct mirror_link *link;
	uint32_t after = 0;

	if (make_tables(&small) && mirror_open(&small.tables, &nobody, &mirror) == 0) {
		while ((link = mirror_next_link(mirror, after))) {
			after = link->ifindex;
			examine_link(diagnosis, link);
		}
		examine_holds(diagnosis, mirror);
		mirror_close(mirror);
	} else {
		find(diagnosis, VERDICT_BAD, "netlink", "cannot read the kernel's state",
			"run as root");
	}
	free_tables(&small);
}

static void take_port(void *owner, const json_t *row) {
	struct diagnosis *diagnosis = owner;
	const char *port = json_string_value(json_object_get(row, "port"));
	const char *trouble = json_string_value(json_object_get(row, "trouble"));

	if (trouble && *trouble)
		find(diagnosis,
			json_is_true(json_object_get(row, "attached")) ? VERDICT_SLOW : VERDICT_BAD,
			port, trouble, "");
}

static void take_count(void *owner, const json_t *row) {
	const char *reason = json_string_value(json_object_get(row, "reason"));
	char text[120];

	if (strcmp(reason, "partial-checksum") != 0)
		return;
	snprintf(text, sizeof(text), "%lld frames came with checksums for the kernel to finish",
		json_integer_value(json_object_get(row, "packets")));
	find(owner, VERDICT_SLOW, json_string_value(json_object_get(row, "port")), text,
		"where they are sent: ethtool -K DEVICE tx off");
}

static void examine_daemon(struct diagnosis *diagnosis, const char *socket_path) {
	char path[108];

	if (!socket_path) {
		config_default_socket(path, sizeof(path));
		socket_path = path;
	}
	if (!local_socket_answers(socket_path)) {
		find(diagnosis, VERDICT_OK, "daemon", "does not run in this network namespace",
			"heddle run --all");
		return;
	}
	find(diagnosis, VERDICT_OK, "daemon", "runs: tcpdump on its ports no longer sees transit",
		"");
	client_ask(socket_path, json_pack("{s:s}", "show", "ports"), take_port, diagnosis);
	client_ask(socket_path, json_pack("{s:s}", "show", "ledger"), take_count, diagnosis);
}

static void print_table(const json_t *findings) {
	static const struct column columns[] = {{"verdict", COLUMN_LEFT}, {"subject", COLUMN_LEFT},
		{"finding", COLUMN_LEFT}, {"what mends it", COLUMN_LEFT}};
	struct columns *table = columns_create(columns, 4);
	const json_t *finding;
	size_t i;

	if (!table)
		return;
	json_array_foreach(findings, i, finding) {
		const char *cells[4];

		json_unpack((json_t *)finding, "{s:s, s:s, s:s, s:s}", "verdict", &cells[0],
			"subject", &cells[1], "finding", &cells[2], "mend", &cells[3]);
		columns_add(table, cells);
	}
	columns_finish(table);
}

int command_doctor(int argc, char **argv) {
	struct diagnosis diagnosis = {.findings = json_array()};
	const char *socket_path = NULL;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1)
		switch (option) {
		case 'j':
			json = true;
			break;
		case OPTION_SOCKET:
			socket_path = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			json_decref(diagnosis.findings);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			json_decref(diagnosis.findings);
			return EXIT_USAGE;
		}
	log_set_level(LOG_LEVEL_ERROR);
	examine_kernel(&diagnosis);
	examine_network(&diagnosis);
	examine_daemon(&diagnosis, socket_path);
	if (json) {
		json_dumpf(diagnosis.findings, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_table(diagnosis.findings);
	}
	json_decref(diagnosis.findings);
	return diagnosis.bad ? EXIT_FAILED : EXIT_DONE;
}
