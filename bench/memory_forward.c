/*
 * memory_forward: the stages of the driver path in user space, over frames in memory: what can be
 * shown of Heddle where root, namespaces or BPF are denied. The same code decides and rewrites,
 * with the same tables (on ordinary memory) and the same ledger; only no device is there. One
 * thread, 64-byte frames to random destinations within the prefixes, a few of them not in order.
 *
 *   memory_forward FILE      FILE has a prefix a line ("-" for standard input)
 *
 * Exit status 1 if a frame is not accounted for.
 */
#include "datapath/userpath.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/grace.h"
#include "table/nexthops.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/transport.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	FRAMES = 1 << 20,
	FRAME_BYTES = 64,
	RUNS = 5,
	FIB4_NODES = 16 * 1024, /* as the daemon's */
	FIB6_NODES = 64 * 1024,
	LEAVES = 1024 * 1024,
	NEXTHOP_IDS = 1024,
	BUCKETS = 4096,
	PORTS = 4, /* out of 1 to 4, in by 5 */
	INGRESS = PORTS + 1,
	MTU = 1500,
};

struct prefix {
	uint8_t address[16]; /* IPv4 in the first four */
	unsigned int len;
	bool is_ipv6;
};

struct prefixes {
	struct prefix *all;
	size_t count;
};

/* All that a router has. */
struct router {
	struct tables tables;
	struct fib4 *fib4;
	struct fib6 *fib6;
	struct nexthops *nexthops;
	uint32_t adjacencies[PORTS];
	struct port port;
};

struct run {
	double seconds;
	struct ledger_entry ledger;
};

static const uint8_t router_mac[6] = {2, 0, 0, 0, 0, INGRESS};
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint32_t random_word(void) {
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * 0x2545f4914f6cdd1du >> 32);
}

static double now(void) {
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Reader and writer are one thread: nothing to wait for. */
static void no_wait(struct grace *grace) {
	(void)grace;
}

static struct grace no_grace = {no_wait};

static void *memory(size_t bytes) {
	void *at = aligned_alloc(64, (bytes + 63) & ~(size_t)63);

	if (!at)
		abort();
	return memset(at, 0, bytes);
}

static void create_tables(struct router *router) {
	struct tables *tables = &router->tables;

	tables->fib4 = (struct fib4_memory){
		.roots = memory(FIB4_ROOTS * sizeof(uint64_t)),
		.nodes = memory((size_t)FIB4_NODES * NODE_WORDS * sizeof(uint64_t)),
		.leaves = memory(LEAVES * sizeof(uint32_t)),
		.node_count = FIB4_NODES,
		.leaf_count = LEAVES,
	};
	tables->fib6 = (struct fib6_memory){
		.roots = memory(FIB6_ROOTS * sizeof(uint32_t)),
		.nodes = memory((size_t)FIB6_NODES * NODE_WORDS * sizeof(uint64_t)),
		.leaves = memory(LEAVES * sizeof(uint32_t)),
		.node_count = FIB6_NODES,
		.leaf_count = LEAVES,
	};
	tables->nexthop = (struct nexthop_memory){
		.nexthops = memory(NEXTHOP_IDS * sizeof(struct nexthop)),
		.buckets = memory(BUCKETS * sizeof(uint32_t)),
		.nexthop_count = NEXTHOP_IDS,
		.bucket_count = BUCKETS,
	};
	tables->local_filter = memory(LOCAL_FILTER_WORDS * sizeof(uint64_t));
	router->fib4 = fib4_create(&tables->fib4, &no_grace);
	router->fib6 = fib6_create(&tables->fib6, &no_grace);
	router->nexthops = nexthops_create(&tables->nexthop, &no_grace);
	if (!router->fib4 || !router->fib6 || !router->nexthops)
		abort();
}

/* A neighbour on each of the ports out. */
static void create_adjacencies(struct router *router) {
	for (unsigned int i = 0; i < PORTS; i++) {
		uint8_t slot = (uint8_t)(i + 1);
		struct adjacency adjacency = {
			.ifindex = slot,
			.mtu = MTU,
			.port = slot,
			.destination_mac = {2, 0, 0, 0, 1, slot},
			.source_mac = {2, 0, 0, 0, 0, slot},
		};

		if (nexthops_allocate(router->nexthops, &router->adjacencies[i]))
			abort();
		nexthops_set_adjacency(router->nexthops, router->adjacencies[i], &adjacency);
	}
	router->port.ifindex = INGRESS;
	router->port.slot = INGRESS;
	memcpy(router->port.mac, router_mac, sizeof(router_mac));
}

static uint32_t host(const uint8_t *address) {
	uint32_t word;

	memcpy(&word, address, sizeof(word));
	return ntohl(word);
}

static int load(struct router *router, const struct prefixes *prefixes) {
	fib4_begin(router->fib4);
	fib6_begin(router->fib6);
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->all[i];
		uint32_t nexthop = router->adjacencies[random_word() % PORTS];

		if (prefix->is_ipv6)
			fib6_insert(router->fib6, prefix->address, prefix->len, nexthop);
		else
			fib4_insert(router->fib4, host(prefix->address), prefix->len, nexthop);
	}
	return fib4_commit(router->fib4) || fib6_commit(router->fib6);
}

static void add(struct prefixes *prefixes, struct prefix prefix) {
	if (!(prefixes->count & (prefixes->count - 1)))
		prefixes->all =
			realloc(prefixes->all, (2 * prefixes->count + 1) * sizeof(*prefixes->all));
	if (!prefixes->all)
		abort();
	for (unsigned int bit = prefix.len; bit < 128; bit++)
		prefix.address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	prefixes->all[prefixes->count++] = prefix;
}

static int read_prefixes(const char *path, struct prefixes *prefixes) {
	FILE *file = strcmp(path, "-") ? fopen(path, "r") : stdin;
	char text[64];
	unsigned int len;

	if (!file) {
		perror(path);
		return -1;
	}
	while (fscanf(file, "%63[^/]/%u\n", text, &len) == 2) {
		struct prefix prefix = {.len = len};

		if (inet_pton(AF_INET, text, prefix.address) == 1 && len <= 32) {
			add(prefixes, prefix);
		} else if (inet_pton(AF_INET6, text, prefix.address) == 1 && len <= 128) {
			prefix.is_ipv6 = true;
			add(prefixes, prefix);
		}
	}
	fclose(file);
	if (prefixes->count == 0)
		fprintf(stderr, "%s: no prefix in it\n", path);
	return prefixes->count ? 0 : -1;
}

static void take_address(const struct prefix *prefix, uint8_t *address, size_t bytes) {
	for (size_t i = 0; i < bytes; i++) {
		unsigned int fixed = prefix->len > 8 * i ? prefix->len - 8 * (unsigned int)i : 0;
		uint8_t free_bits = fixed >= 8 ? 0 : (uint8_t)(0xff >> fixed);

		address[i] = (uint8_t)(prefix->address[i] | (random_word() & free_bits));
	}
}

static void make_ipv4(uint8_t *frame, const struct prefix *prefix) {
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;

	store16(frame + ETHERNET_TYPE, NET16(ETHERTYPE_IPV4));
	ip[0] = IPV4_VERSION_4_IHL_5;
	store16(ip + IPV4_TOTAL_LENGTH, NET16(FRAME_BYTES - ETHERNET_HEADER_BYTES));
	ip[IPV4_TTL] = 64;
	ip[IPV4_PROTOCOL] = PROTOCOL_UDP;
	memcpy(ip + IPV4_SOURCE, (const uint8_t[]){198, 18, 0, 1}, 4);
	take_address(prefix, ip + IPV4_DESTINATION, 4);
	store16(ip + IPV4_CHECKSUM, (uint16_t)~checksum_fold(ipv4_header_sum(ip)));
}

static void make_ipv6(uint8_t *frame, const struct prefix *prefix) {
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;

	store16(frame + ETHERNET_TYPE, NET16(ETHERTYPE_IPV6));
	ip[0] = 0x60;
	store16(ip + IPV6_PAYLOAD_LENGTH,
		NET16(FRAME_BYTES - ETHERNET_HEADER_BYTES - IPV6_HEADER_BYTES));
	ip[IPV6_NEXT_HEADER] = PROTOCOL_UDP;
	ip[IPV6_HOP_LIMIT] = 64;
	memcpy(ip + IPV6_SOURCE, (const uint8_t[]){0x20, 0x01, 0x0d, 0xb8}, 4);
	ip[IPV6_SOURCE + 15] = 1;
	take_address(prefix, ip + IPV6_DESTINATION, 16);
}

/* One frame in sixteen is not in order; what is wrong goes round. */
static void spoil(uint8_t *frame, size_t index) {
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;
	bool is_ipv4 = ip[0] >> 4 == 4;

	switch (index / 16 % 6) {
	case 0: /* TTL used up, or with a checksum that no longer fits */
		ip[is_ipv4 ? IPV4_TTL : IPV6_HOP_LIMIT] = 1;
		break;
	case 1:
		ip[0] = is_ipv4 ? 0x46 : 0x50; /* options; a bad version */
		break;
	case 2:
		store16(frame + ETHERNET_TYPE, NET16(0x0806)); /* ARP */
		break;
	case 3:
		frame[ETHERNET_DESTINATION + 5] ^= 0x40; /* somebody else's */
		break;
	case 4:
		store16(ip + (is_ipv4 ? IPV4_TOTAL_LENGTH : IPV6_PAYLOAD_LENGTH), NET16(9000));
		break;
	default:
		ip[is_ipv4 ? IPV4_SOURCE : IPV6_SOURCE] = is_ipv4 ? 127 : 0xff;
	}
}

static void make_frames(const struct prefixes *prefixes, uint8_t *frames, bool some_bad) {
	for (size_t i = 0; i < FRAMES; i++) {
		uint8_t *frame = frames + i * FRAME_BYTES;
		const struct prefix *prefix = &prefixes->all[random_word() % prefixes->count];

		memset(frame, 0, FRAME_BYTES);
		memcpy(frame + ETHERNET_DESTINATION, router_mac, sizeof(router_mac));
		memcpy(frame + ETHERNET_SOURCE, (const uint8_t[]){2, 0, 0, 0, 1, INGRESS}, 6);
		(prefix->is_ipv6 ? make_ipv6 : make_ipv4)(frame, prefix);
		if (some_bad && i % 16 == 0)
			spoil(frame, i);
	}
}

static struct run forward_all(struct router *router, uint8_t *frames) {
	struct run run = {0};
	double start = now();

	for (size_t i = 0; i < FRAMES; i++) {
		uint8_t *at = frames + i * FRAME_BYTES;
		struct frame frame = {at, at + FRAME_BYTES, FRAME_BYTES};
		struct decision decision;

		userpath_forward(&router->tables, &router->port, &frame, 0, &run.ledger, &decision);
	}
	run.seconds = now() - start;
	return run;
}

static int compare(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

/* Million frames a second over frames that are all in order: the median. */
static double measure(struct router *router, const struct prefixes *prefixes, uint8_t *frames) {
	double rates[RUNS];

	for (size_t run = 0; run < RUNS; run++) {
		make_frames(prefixes, frames, false);
		rates[run] = FRAMES / forward_all(router, frames).seconds / 1e6;
	}
	qsort(rates, RUNS, sizeof(*rates), compare);
	return rates[RUNS / 2];
}

static void print_table(const struct router *router, double seconds) {
	struct fib4_usage four = fib4_usage(router->fib4);
	struct fib6_usage six = fib6_usage(router->fib6);

	printf("table                %zu IPv4 and %zu IPv6 prefixes, loaded in %.2f s\n",
		four.routes, six.routes, seconds);
	printf("memory               %.1f MiB for IPv4, %.1f MiB for IPv6; the writer's %.0f MiB\n",
		(double)four.word_bytes / (1 << 20), (double)six.word_bytes / (1 << 20),
		(double)(four.rib_bytes + six.rib_bytes) / (1 << 20));
}

/* Whether received = sent + left to the kernel + dropped. */
static bool print_ledger(const struct ledger_entry *ledger) {
	static const char *const fates[] = {"sent", "kernel", "dropped"};
	uint64_t sums[3] = {0};

	printf("\n%-9s %-20s %10s  %s\n", "fate", "reason", "packets", "what it means");
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		uint64_t packets = ledger->reasons[reason].packets;

		sums[reason_fate(reason)] += packets;
		if (packets)
			printf("%-9s %-20s %10llu  %s\n", fates[reason_fate(reason)],
				reason_name(reason), (unsigned long long)packets,
				reason_text(reason));
	}
	printf("received %llu = sent %llu + left to the kernel %llu + dropped %llu\n",
		(unsigned long long)ledger->received.packets, (unsigned long long)sums[FATE_SENT],
		(unsigned long long)sums[FATE_KERNEL], (unsigned long long)sums[FATE_DROPPED]);
	return ledger->received.packets == FRAMES &&
	       sums[FATE_SENT] + sums[FATE_KERNEL] + sums[FATE_DROPPED] == FRAMES;
}

int main(int argc, char **argv) {
	static struct router router;
	struct prefixes prefixes = {0};
	uint8_t *frames = memory((size_t)FRAMES * FRAME_BYTES);
	double start, rate;
	struct run mixed;

	if (argc != 2) {
		fputs("usage: memory_forward FILE\n", stderr);
		return 2;
	}
	if (read_prefixes(argv[1], &prefixes))
		return 1;
	create_tables(&router);
	create_adjacencies(&router);
	start = now();
	if (load(&router, &prefixes))
		puts("the tables are full: some routes would be left to the kernel");
	print_table(&router, now() - start);
	rate = measure(&router, &prefixes, frames);
	printf("forwarded            %.1f million 64-byte frames/s, %.0f ns each: one thread, "
	       "both families,\n                     destinations at random in the prefixes, "
	       "median of %d runs\n",
		rate, 1e3 / rate, RUNS);
	make_frames(&prefixes, frames, true);
	mixed = forward_all(&router, frames);
	if (!print_ledger(&mixed.ledger)) {
		puts("a frame is not accounted for");
		return 1;
	}
	return 0;
}
