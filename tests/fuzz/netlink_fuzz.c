/*
 * netlink_fuzz: bytes as netlink messages, into a mirror without sockets. The first byte chooses
 * who reads them: notifications, or one of the dumps that holds are read from; and with FULL_DUMP
 * they make up a dump of all there is.
 */
#include "memory.h"

#include "mirror/mirror_private.h"
#include "mirror/netfilter.h"
#include "mirror/netfilter_hook.h"
#include "mirror/traffic_control.h"
#include "mirror/xdp_features.h"
#include "mirror/xfrm.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/nexthops.h"

#include <assert.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct memory memory;
static struct mirror *mirror;

static void (*const readers[])(struct mirror *, const struct nlmsghdr *) = {mirror_handle,
	rule_dumped, qdisc_dumped, netfilter_dumped, xfrm_dumped, xdp_features_handle,
	netfilter_hook_dumped};

enum { READERS = sizeof(readers) / sizeof(*readers), SOME_FAMILY = 0x20, FULL_DUMP = 0x80 };

static void read_all(const uint8_t *bytes, size_t size,
	void (*reader)(struct mirror *, const struct nlmsghdr *)) {
	const struct nlmsghdr *message;
	const void *at = bytes;

	while ((message = netlink_next(&at, &size)))
		reader(mirror, message);
}

/* A dump that shows nothing removes everything: from the mirror, and from the tables. */
static void empty(void) {
	mirror_dump_begin(mirror);
	mirror_dump_end(mirror);
	assert(!fib4_usage(memory.mirror.fib4).routes);
	assert(!fib6_usage(memory.mirror.fib6).routes);
	assert(!nexthops_usage(memory.mirror.nexthops).nexthops);
}

/*
 * One mirror for all runs, brought back to its beginnings after each: far faster than a new one.
 * The tables are for ever being loaded: what they hold is kept, but their words, half a million of
 * which a default route would change, are not written; tests of their own see to those.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
	memory_create(&memory, 4096);
	fib4_begin(memory.mirror.fib4);
	fib6_begin(memory.mirror.fib6);
	mirror = mirror_create_detached(&memory.mirror, NULL);
	assert(mirror);
	mirror->netdev_family = SOME_FAMILY;
	return 0;
}

static void forget(void) {
	empty();
	hold_begin(mirror);
	hold_end(mirror, SOURCE_RULES);
	mirror_settle(mirror);
	memset(mirror->reread_due_ns, 0, sizeof(mirror->reread_due_ns));
	mirror->generation = 0;
	mirror->told = 0;
	mirror->lost = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	uint8_t *aligned;

	if (size < 2 || size > 1 << 16)
		return 0;
	aligned = malloc(size - 1); /* of the exact size, so that reading beyond is seen */
	if (!aligned)
		return 0;
	memcpy(aligned, bytes + 1, size - 1);

	if (bytes[0] & FULL_DUMP)
		mirror_dump_begin(mirror);
	hold_begin(mirror);
	read_all(aligned, size - 1, readers[(bytes[0] & ~FULL_DUMP) % READERS]);
	hold_end(mirror, SOURCE_RULES);
	for (uint32_t after = 0; mirror_next_link(mirror, after);
		after = mirror_next_link(mirror, after)->ifindex)
		mirror_set_port(mirror, after, 1, REASON_FORWARDED);
	if (bytes[0] & FULL_DUMP)
		mirror_dump_end(mirror);

	forget();
	free(aligned);
	return 0;
}
