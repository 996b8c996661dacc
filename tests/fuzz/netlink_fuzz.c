/*
 * netlink_fuzz: bytes as netlink messages, into a mirror without sockets. The first byte chooses
 * who reads them: notifications, a full dump, or one of the dumps that holds are read from.
 */
#include "memory.h"

#include "mirror/mirror_private.h"
#include "mirror/netfilter.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void (*const readers[])(struct mirror *, const struct nlmsghdr *) = {mirror_handle,
	rule_dumped, qdisc_dumped, netfilter_dumped, xfrm_dumped, xdp_features_handle};

enum { READERS = sizeof(readers) / sizeof(*readers), SOME_FAMILY = 0x20 };

static void read_all(struct mirror *mirror, const uint8_t *bytes, size_t size,
	void (*reader)(struct mirror *, const struct nlmsghdr *)) {
	const struct nlmsghdr *message;
	const void *at = bytes;

	while ((message = netlink_next(&at, &size)))
		reader(mirror, message);
}

/* A dump that shows nothing removes everything: from the mirror, and from the tables. */
static void empty(struct mirror *mirror, const struct memory *memory) {
	mirror_dump_begin(mirror);
	mirror_dump_end(mirror);
	assert(!fib4_usage(memory->mirror.fib4).routes);
	assert(!fib6_usage(memory->mirror.fib6).routes);
	assert(!nexthops_usage(memory->mirror.nexthops).nexthops);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static struct memory memory;
	struct mirror *mirror;
	uint8_t *aligned;

	if (size < 2 || size > 1 << 16)
		return 0;
	if (!memory.mirror.fib4)
		memory_create(&memory, 4096);
	aligned = malloc(size - 1); /* of the exact size, so that reading beyond is seen */
	if (!aligned)
		return 0;
	memcpy(aligned, bytes + 1, size - 1);
	mirror = mirror_create_detached(&memory.mirror, NULL);
	mirror->netdev_family = SOME_FAMILY;

	if (bytes[0] & 0x80)
		mirror_dump_begin(mirror);
	hold_begin(mirror);
	read_all(mirror, aligned, size - 1, readers[bytes[0] % READERS]);
	hold_end(mirror, SOURCE_RULES);
	for (uint32_t after = 0; mirror_next_link(mirror, after);
		after = mirror_next_link(mirror, after)->ifindex)
		mirror_set_port(mirror, after, 1, REASON_FORWARDED);
	if (bytes[0] & 0x80)
		mirror_dump_end(mirror);

	empty(mirror, &memory);
	mirror_close(mirror);
	free(aligned);
	return 0;
}
