/* config_test: a file taken whole, and each mistake named with its place. */
#include "../base/capture.h"

#include "agent/config.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

static struct config config;

static int start(void **state) {
	config_init(&config);
	return 0;
}

/* Reads a text as a file; what is said about it, for free(), with "FILE" for its name. */
static char *read_text(const char *yaml, int expected) {
	int fd = memfd_create("config", 0);
	struct capture capture;
	char path[64], *said, *at;

	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	capture = capture_begin(stderr);
	expected -= config_read(&config, path);
	said = capture_end(&capture);
	assert_int_equal(expected, 0);
	close(fd);
	while ((at = strstr(said, path))) {
		memcpy(at, "FILE", 4);
		memmove(at + 4, at + strlen(path), strlen(at + strlen(path)) + 1);
	}
	return said;
}

static void a_good_file_is_taken(void **state) {
	char *said = read_text("# heddle.yaml\n"
			       "ports: [eth1, eth2, eth1]\n"
			       "bypass:\n"
			       "  - netfilter\n"
			       "  - rule\n"
			       "mode: native\n"
			       "socket: /run/other.sock\n"
			       "flow-seed: 0xffffffffffffffff\n"
			       "capacity:\n"
			       "  fib4-nodes: 2048\n"
			       "  buckets: 16777216\n",
		0);

	assert_string_equal(said, "");
	free(said);
	assert_int_equal(config.port_count, 2);
	assert_string_equal(config.ports[0], "eth1");
	assert_string_equal(config.ports[1], "eth2");
	assert_false(config.all_ports);
	assert_true(config.bypass[HOLD_NETFILTER]);
	assert_true(config.bypass[HOLD_RULE]);
	assert_false(config.bypass[HOLD_XFRM]);
	assert_true(config.native_only);
	assert_string_equal(config.socket_path, "/run/other.sock");
	assert_true(config.flow_seed == UINT64_MAX);
	assert_int_equal(config.fib4_nodes, 2048);
	assert_int_equal(config.fib4_leaves, 0);
	assert_int_equal(config.buckets, 1 << 24);
}

static void a_file_adds_to_the_command_line(void **state) {
	assert_int_equal(config_add_port(&config, "eth0"), 0);
	free(read_text("ports: all\n", 0));
	assert_true(config.all_ports);
	assert_int_equal(config.port_count, 1);
	free(read_text("ports: [eth1]\nmode: auto\n", 0));
	assert_int_equal(config.port_count, 2);
}

static void a_name_may_be_any_text(void **state) {
	free(read_text("ports: [\xc3\xa9th\xc3\xa9]\r\nsocket: /\xe2\x82\xac\r\n", 0));
	assert_string_equal(config.ports[0], "\xc3\xa9th\xc3\xa9");
	assert_string_equal(config.socket_path, "/\xe2\x82\xac");
}

static void an_empty_file_changes_nothing(void **state) {
	struct config before = config;

	free(read_text("", 0));
	free(read_text("# nothing\n", 0));
	free(read_text("{}\n", 0));
	assert_memory_equal(&config, &before, sizeof(config));
}

static void each_mistake_is_named_and_nothing_is_taken(void **state) {
	static const struct {
		const char *yaml, *said;
	} mistakes[] = {
		{"mode: native\nports: eth1\n",
			"FILE:2: 'eth1': expected 'all' or a list of interfaces"},
		{"ports: {eth1: 1}\n", "FILE:1: a mapping: expected 'all' or a list of interfaces"},
		{"mode: auto\n\nports:\n", "FILE:3: '': expected 'all' or a list of interfaces"},
		{"ports:\n  - eth1\n  - eth/2\n",
			"FILE:3: 'eth/2': expected an interface name, at most 255 of them"},
		{"ports:\n  - a-name-of-sixteen\n",
			"FILE:2: 'a-name-of-sixteen': expected an interface name, at most 255 of "
			"them"},
		{"ports: [eth1]\nbypass: rule\n", "FILE:2: 'rule': expected a list"},
		{"ports: [eth1]\nbypass: [rule,\n  nat]\n",
			"FILE:3: 'nat': expected netfilter, traffic-control, xfrm, rule"},
		{"mode: fast\n", "FILE:1: 'fast': expected 'auto' or 'native'"},
		{"socket: run.sock\n",
			"FILE:1: 'run.sock': expected an absolute path of at most 107 characters"},
		{"flow-seed: -1\n", "FILE:1: '-1': expected a number of at most 64 bits"},
		{"flow-seed: ' -1'\n", "FILE:1: ' -1': expected a number of at most 64 bits"},
		{"flow-seed: 0x10000000000000000\n",
			"FILE:1: '0x10000000000000000': expected a number of at most 64 bits"},
		{"flow-seed: 12x\n", "FILE:1: '12x': expected a number of at most 64 bits"},
		{"capacity: 5\n", "FILE:1: '5': expected sizes, as in 'nexthops: 16384'"},
		{"capacity: [nexthops]\n",
			"FILE:1: a list: expected sizes, as in 'nexthops: 16384'"},
		{"mode: native\ncapacity:\n  nexthops: 1023\n",
			"FILE:3: '1023': expected a number from 1024"},
		{"capacity:\n  buckets: 16777217\n",
			"FILE:2: '16777217': expected a number from 1024"},
		{"capacity:\n  routes: 5000\n",
			"FILE:2: 'routes': expected fib4-nodes, fib4-leaves, fib6-nodes, "
			"fib6-leaves, nexthops or buckets"},
		{"mode: native\nport: [eth1]\n",
			"FILE:2: 'port': expected ports, bypass, mode, socket, http, flow-seed or "
			"capacity"},
		{"eth1\n", "FILE:1: 'eth1': expected keys with values, as in 'ports: [eth1, "
			   "eth2]'"},
		{"mode: auto\n%\xe3 x\n",
			"FILE:2: not text (invalid trailing UTF-8 octet): expected UTF-8 without "
			"control characters"},
		{"mode: \x01\n", "FILE:1: not text (control characters are not allowed): "},
		{"mode: auto\n---\nmode: native\n",
			"FILE:2: more than one YAML document: expected one"},
		{"mode: auto\nmode: native\n", "FILE:2: 'mode': expected each key once"},
		{"mode: auto\n? [mode]\n: native\n", "FILE:2: a list: expected a name for a key"},
		{"socket: \"/run/a\\0b\"\n", "FILE:1: '': expected an absolute path"},
		{"mode: native\nports: [eth1\n", "FILE:3: not valid YAML: "},
	};
	struct config before = config;

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		char *said = read_text(mistakes[i].yaml, -EINVAL);

		if (!strstr(said, mistakes[i].said))
			print_error("%s", said);
		assert_non_null(strstr(said, mistakes[i].said));
		free(said);
		assert_memory_equal(&config, &before, sizeof(config));
	}
}

static void all_mistakes_are_told_at_once(void **state) {
	char *said = read_text("mode: fast\nbypass: [nat, xfrm]\nsocket: x\n", -EINVAL);

	assert_non_null(strstr(said, "FILE:1: "));
	assert_non_null(strstr(said, "FILE:2: "));
	assert_non_null(strstr(said, "FILE:3: "));
	free(said);
}

static void ports_beyond_255_are_refused(void **state) {
	char name[IFNAMSIZ];

	for (int i = 0; i < CONFIG_PORTS_MAX; i++) {
		snprintf(name, sizeof(name), "eth%d", i);
		assert_int_equal(config_add_port(&config, name), 0);
	}
	assert_int_equal(config_add_port(&config, "eth0"), 0);
	assert_int_equal(config_add_port(&config, "one-more"), -EINVAL);
	assert_int_equal(config.port_count, CONFIG_PORTS_MAX);
}

static void a_file_that_is_not_there_is_told(void **state) {
	struct capture capture = capture_begin(stderr);
	int error = config_read(&config, "/nowhere/heddle.yaml");
	char *said = capture_end(&capture);

	assert_int_equal(error, -ENOENT);
	assert_non_null(strstr(said, "/nowhere/heddle.yaml: No such file"));
	free(said);
	capture = capture_begin(stderr);
	error = config_read(&config, "/proc");
	said = capture_end(&capture);
	assert_int_equal(error, -EISDIR);
	assert_non_null(strstr(said, "/proc: Is a directory"));
	free(said);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_file_is_taken, start),
		cmocka_unit_test_setup(a_file_adds_to_the_command_line, start),
		cmocka_unit_test_setup(a_name_may_be_any_text, start),
		cmocka_unit_test_setup(an_empty_file_changes_nothing, start),
		cmocka_unit_test_setup(each_mistake_is_named_and_nothing_is_taken, start),
		cmocka_unit_test_setup(all_mistakes_are_told_at_once, start),
		cmocka_unit_test_setup(ports_beyond_255_are_refused, start),
		cmocka_unit_test_setup(a_file_that_is_not_there_is_told, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
