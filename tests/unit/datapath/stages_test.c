/*
 * stages_test: the BPF program beside the same stages in user space: on the same tables, the
 * same frames come to the same end. Needs BPF and network namespaces, and is skipped without.
 */
#include "crafted.h"

#include "datapath/datapath.h"
#include "../../net/frames.h"
#include "table/fib6.h"

#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FRAMES = 100000, BATCHES = 8, CHANGES = 20000 };

struct driver {
	struct datapath *datapath;
	struct mirror_tables tables;
	struct router router;
	uint32_t ifindex[ROUTER_PORTS + 1];
	struct frames frames;
};

static bool run(const char *command) {
	return system(command) == 0;
}

/* Ports r1 .. r3, each a veth whose other end lies in the same namespace, which goes with us.
 * Without IPv6 of its own the kernel sends nothing that the ledger would count. */
static bool make_ports(struct driver *driver) {
	if (unshare(CLONE_NEWNET) < 0 || !run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1"))
		return false;
	for (uint8_t slot = 1; slot <= ROUTER_PORTS; slot++) {
		char command[200], name[IFNAMSIZ];

		snprintf(command, sizeof(command),
			"ip link add r%u type veth peer name h%u 2>/dev/null && ip link set r%u up "
			"&& "
			"ip link set h%u up",
			slot, slot, slot, slot);
		if (!run(command))
			return false;
		snprintf(name, sizeof(name), "r%u", slot);
		driver->ifindex[slot] = if_nametoindex(name);
	}
	return true;
}

static void set_ports(struct driver *driver, const struct port *like) {
	for (uint8_t slot = 1; slot <= ROUTER_PORTS; slot++) {
		struct port port = router_port(slot, driver->ifindex[slot]);

		port.flags = like->flags;
		port.reverse_path = like->reverse_path;
		port.hold4 = like->hold4;
		port.hold6 = like->hold6;
		assert_int_equal(datapath_set_port(driver->datapath, &port), 0);
	}
}

static bool attach_ports(struct driver *driver) {
	for (uint8_t slot = 1; slot <= ROUTER_PORTS; slot++) {
		enum datapath_mode mode;
		char error[128] = "";

		if (datapath_attach(driver->datapath, slot, false, &mode, error, sizeof(error)))
			return false;
	}
	return true;
}

static void fill_tables(struct driver *driver) {
	const struct tables *tables = datapath_tables(driver->datapath);
	struct grace *grace = datapath_grace(driver->datapath);

	driver->tables.fib4 = fib4_create(&tables->fib4, grace);
	driver->tables.fib6 = fib6_create(&tables->fib6, grace);
	driver->tables.nexthops = nexthops_create(&tables->nexthop, grace);
	driver->tables.local_filter = tables->local_filter;
	router_fill(&driver->router, &driver->tables);
}

static void seed(struct frames *frames) {
	const char *given = getenv("TEST_SEED");

	frames->random = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 2654435761u | 1;
	print_message("TEST_SEED=0x%llx\n", (unsigned long long)frames->random);
	router_mac(1, frames->router_mac);
	router_host_mac(1, frames->host_mac);
}

static int close_driver(void **state) {
	struct driver *driver = *state;

	if (driver->datapath) {
		fib4_destroy(driver->tables.fib4);
		fib6_destroy(driver->tables.fib6);
		nexthops_destroy(driver->tables.nexthops);
		datapath_close(driver->datapath);
	}
	free(driver);
	return 0;
}

static const char *why; /* there is no datapath */

/* Where the machine denies what it needs the state has no datapath, and the tests skip. */
static int open_driver(void **state) {
	const struct datapath_options options = {.fib4_nodes = 4096,
		.fib4_leaves = 1 << 16,
		.fib6_nodes = 4096,
		.fib6_leaves = 1 << 16,
		.nexthops = 1024,
		.buckets = 4096,
		.flow_seed = 0x123456789abcdef};
	const struct port plain = {.ifindex = 0};
	struct driver *driver = calloc(1, sizeof(*driver));
	int error;

	assert_non_null(driver);
	*state = driver;
	seed(&driver->frames);
	if (!make_ports(driver)) {
		why = "network namespaces are denied here";
		return 0;
	}
	error = datapath_open(&options, &driver->datapath);
	if (error == -EPERM || error == -ENOSYS) {
		why = "BPF is denied here";
		driver->datapath = NULL;
		return 0;
	}
	assert_int_equal(error, 0);
	fill_tables(driver);
	set_ports(driver, &plain);
	assert_true(attach_ports(driver));
	return 0;
}

static struct driver *need(void **state) {
	struct driver *driver = *state;

	if (!driver->datapath) {
		print_message("skipped: %s\n", why);
		skip();
	}
	return driver;
}

/* What the program made of a frame, by a reason's fate. */
static void assert_same_end(enum reason reason, uint32_t action) {
	if (reason == REASON_FORWARDED)
		assert_int_equal(action, XDP_REDIRECT);
	else if (reason == REASON_BLACKHOLE)
		assert_int_equal(action, XDP_DROP);
	else
		assert_int_equal(action, XDP_PASS);
}

/* One frame through both: the same action, the same bytes. */
static enum reason compare(struct driver *driver, uint8_t *bytes, uint32_t size, uint8_t slot,
	struct ledger_entry *entry) {
	struct frame frame = {bytes, bytes + size, size};
	uint32_t action = 0, out_size = FRAME_BYTES_MAX + 256;
	uint8_t out[FRAME_BYTES_MAX + 256];
	struct decision decision;
	enum reason reason;

	assert_int_equal(datapath_run_once(driver->datapath, driver->ifindex[slot], bytes, size,
				 out, &out_size, &action),
		0);
	reason = userpath_forward(datapath_tables(driver->datapath),
		datapath_port(driver->datapath, slot), &frame, datapath_seed(driver->datapath),
		entry, &decision);
	assert_same_end(reason, action);
	assert_int_equal(out_size, frame.length);
	assert_memory_equal(out, bytes, frame.length);
	return reason;
}

static void assert_same_ledger(
	const struct driver *driver, uint8_t slot, const struct ledger_entry *expected) {
	struct ledger_entry entry;

	datapath_read_ledger(driver->datapath, slot, &entry);
	assert_int_equal(entry.received.packets, expected->received.packets);
	assert_int_equal(entry.received.bytes, expected->received.bytes);
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		if (entry.reasons[reason].packets != expected->reasons[reason].packets)
			print_error("%s\n", reason_name(reason));
		assert_int_equal(entry.reasons[reason].packets, expected->reasons[reason].packets);
		assert_int_equal(entry.reasons[reason].bytes, expected->reasons[reason].bytes);
	}
}

/* How the ports are set in one batch of frames. */
static const struct port settings[BATCHES] = {
	{.flags = 0},
	{.flags = PORT_PARTIAL_CHECKSUMS},
	{.flags = PORT_SENDS_REDIRECTS, .reverse_path = REVERSE_PATH_LOOSE},
	{.reverse_path = REVERSE_PATH_STRICT},
	{.flags = PORT_PARTIAL_CHECKSUMS | PORT_SENDS_REDIRECTS},
	{.hold4 = REASON_NETFILTER},
	{.hold6 = REASON_XFRM, .reverse_path = REVERSE_PATH_STRICT},
	{.flags = PORT_SENDS_REDIRECTS},
};

static void the_program_and_user_space_decide_the_same(void **state) {
	struct driver *driver = need(state);
	struct ledger_entry entry = {0};
	size_t forwarded_count = 0;

	datapath_reset_ledger(driver->datapath, 1);
	for (unsigned int i = 0; i < FRAMES; i++) {
		uint8_t bytes[FRAME_BYTES_MAX + 256];
		size_t size;

		if (i % (FRAMES / BATCHES) == 0)
			set_ports(driver, &settings[i / (FRAMES / BATCHES)]);
		size = frames_make(&driver->frames, i % frames_class_count(), bytes);
		if (size < ETHERNET_HEADER_BYTES)
			continue;
		forwarded_count +=
			compare(driver, bytes, (uint32_t)size, 1, &entry) == REASON_FORWARDED;
	}
	assert_same_ledger(driver, 1, &entry);
	assert_true(forwarded_count > FRAMES / 10);
	print_message("%zu of %d frames forwarded by both\n", forwarded_count, FRAMES);
}

static void every_verdict_comes_out_of_both(void **state) {
	static struct bench bench;
	const struct port plain = {.ifindex = 0};
	struct driver *driver = need(state);
	struct ledger_entry entry = {0};
	char there[64];

	set_ports(driver, &plain);
	datapath_reset_ledger(driver->datapath, 1);
	for (enum reason reason = REASON_FORWARDED + 1; reason < REASON_COUNT; reason++) {
		if (reason == REASON_REDIRECT_FAILED)
			continue; /* counted by tracepoints, and taken off what was forwarded */
		snprintf(there, sizeof(there), "100.%d.1.2", reason);
		craft(&bench, there, 50);
		assert_reason(compare(driver, bench.bytes, bench.frame.length, 1, &entry), reason);
		snprintf(there, sizeof(there), "2001:db8:100:%d::9", reason);
		craft(&bench, there, 50);
		assert_reason(compare(driver, bench.bytes, bench.frame.length, 1, &entry), reason);
	}
	assert_same_ledger(driver, 1, &entry);
}

static void flows_take_the_same_member_in_both(void **state) {
	static struct bench bench;
	const struct port plain = {.ifindex = 0};
	struct driver *driver = need(state);

	set_ports(driver, &plain);
	for (uint16_t port = 1; port < 2000; port++) {
		craft(&bench, port % 2 ? "40.1.1.1" : "2001:db8:2:ffff::1", 50);
		store16(bench.transport, NET16(port));
		assert_reason(compare(driver, bench.bytes, bench.frame.length, 1, NULL),
			REASON_FORWARDED);
	}
}

static void what_comes_by_no_port_is_left_and_counted(void **state) {
	static struct bench bench;
	struct driver *driver = need(state);
	struct ledger_entry before, after;
	uint32_t action, out_size = sizeof(bench.bytes);
	static uint8_t out[sizeof(bench.bytes)];

	craft(&bench, "20.1.3.4", 50);
	datapath_read_ledger(driver->datapath, 0, &before);
	assert_int_equal(datapath_run_once(driver->datapath, if_nametoindex("h1"), bench.bytes,
				 bench.frame.length, out, &out_size, &action),
		0);
	assert_int_equal(action, XDP_PASS);
	datapath_read_ledger(driver->datapath, 0, &after);
	assert_int_equal(after.reasons[REASON_NOT_A_HEDDLE_PORT].packets,
		before.reasons[REASON_NOT_A_HEDDLE_PORT].packets + 1);
}

static void ifindexes_that_agree_below_cannot_both_be_ports(void **state) {
	struct driver *driver = need(state);
	struct port port = router_port(9, driver->ifindex[1] + 65536);

	assert_int_equal(datapath_set_port(driver->datapath, &port), -EEXIST);
	assert_int_equal(datapath_port(driver->datapath, 9)->ifindex, 0);
}

/* Words are reused after real grace periods, since the room is small: 20,000 changes of routes that
 * need a node each. */
static void tables_reuse_their_words_after_real_grace_periods(void **state) {
	struct driver *driver = need(state);
	struct fib4_usage before = fib4_usage(driver->tables.fib4);
	struct timespec start, end;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (uint32_t i = 0; i < CHANGES; i++) {
		uint32_t prefix = 0x5a000000 + i % 3000 * 256 + 128;

		if (i >= 3000)
			assert_int_equal(fib4_remove(driver->tables.fib4, prefix, 26), 0);
		assert_int_equal(fib4_insert(driver->tables.fib4, prefix, 26,
					 driver->router.adjacency[2 + i % 2]),
			0);
		assert_int_equal(fib4_lookup(driver->tables.fib4, prefix + 5),
			driver->router.adjacency[2 + i % 2]);
	}
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(
			fib4_remove(driver->tables.fib4, 0x5a000000 + i * 256 + 128, 26), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	print_message("%d insertions and as many removals in %.3f s\n", CHANGES, seconds);
	assert_int_equal(fib4_usage(driver->tables.fib4).routes, before.routes);
	assert_int_equal(fib4_usage(driver->tables.fib4).unwritten, 0);
}

static void a_grace_period_is_short(void **state) {
	struct driver *driver = need(state);
	struct grace *grace = datapath_grace(driver->datapath);
	struct timespec start, end;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < 20; i++)
		grace->wait(grace);
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	print_message("a grace period takes %.2f ms\n", seconds / 20 * 1000);
	assert_true(seconds < 20);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_and_user_space_decide_the_same),
		cmocka_unit_test(every_verdict_comes_out_of_both),
		cmocka_unit_test(flows_take_the_same_member_in_both),
		cmocka_unit_test(what_comes_by_no_port_is_left_and_counted),
		cmocka_unit_test(ifindexes_that_agree_below_cannot_both_be_ports),
		cmocka_unit_test(tables_reuse_their_words_after_real_grace_periods),
		cmocka_unit_test(a_grace_period_is_short),
	};

	return cmocka_run_group_tests(tests, open_driver, close_driver);
}
