/*
 * table_bench: what the forwarding tables cost, on a table of prefixes given as a file (one a line,
 * "-" for standard input) or, without one, on as many at random with the lengths that the
 * Internet's table has. Every figure is the median of RUNS runs; one thread.
 */
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/grace.h"
#include "table/reason.h"
#include "table/tables.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RUNS = 5,
	LOOKUPS = 1 << 22,
	UPDATES = 1 << 17,
	NODES = 1 << 17,
	LEAVES = 1 << 21,
	NEXTHOPS = 1024,
	SYNTHETIC4 = 900000,
	SYNTHETIC6 = 200000,
};

struct prefix {
	uint8_t address[16]; /* IPv4 in the first four */
	unsigned int len;
};

struct prefixes {
	struct prefix *all;
	size_t count;
};

/* What is done with a table, for either family. */
struct family {
	const char *name;
	void *(*create)(void);
	void (*destroy)(void *fib);
	int (*insert)(void *fib, const struct prefix *prefix, uint32_t nexthop);
	int (*remove)(void *fib, const struct prefix *prefix);
	void (*begin)(void *fib);
	int (*commit)(void *fib);
	uint32_t (*look_up_each)(void *fib, const uint8_t (*addresses)[16]);
	uint32_t (*look_up_batches)(void *fib, const uint8_t (*addresses)[16]);
	void (*usage)(void *fib, size_t *routes, double *words_mib, double *rib_mib);
};

struct figures {
	size_t routes;
	double build_seconds, words_mib, rib_mib;
	double single_uniform, batch_uniform, single_inside, batch_inside; /* million a second */
	double updates;                                                    /* a second */
	double default_ms; /* a change of the default route */
};

static uint64_t random_state = 0x9e3779b97f4a7c15u;
static volatile uint32_t sink;

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

/* No readers run while the writer works here: nothing to wait for. */
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

static uint32_t host(const uint8_t *address) {
	uint32_t word;

	memcpy(&word, address, sizeof(word));
	return ntohl(word);
}

static struct fib4_memory memory4;
static struct fib6_memory memory6;
static uint32_t addresses4[LOOKUPS], nexthops[LOOKUPS];

static void *create4(void) {
	memory4 = (struct fib4_memory){
		.roots = memory(FIB4_ROOTS * sizeof(uint64_t)),
		.nodes = memory((size_t)NODES * NODE_WORDS * sizeof(uint64_t)),
		.leaves = memory(LEAVES * sizeof(uint32_t)),
		.node_count = NODES,
		.leaf_count = LEAVES,
	};
	return fib4_create(&memory4, &no_grace);
}

static void destroy4(void *fib) {
	fib4_destroy(fib);
	free(memory4.roots);
	free(memory4.nodes);
	free(memory4.leaves);
}

static int insert4(void *fib, const struct prefix *prefix, uint32_t nexthop) {
	return fib4_insert(fib, host(prefix->address), prefix->len, nexthop);
}

static int remove4(void *fib, const struct prefix *prefix) {
	return fib4_remove(fib, host(prefix->address), prefix->len);
}

static void begin4(void *fib) {
	fib4_begin(fib);
}

static int commit4(void *fib) {
	return fib4_commit(fib);
}

static uint32_t look_up_each4(void *fib, const uint8_t (*addresses)[16]) {
	uint32_t sum = 0;

	(void)addresses;
	for (size_t i = 0; i < LOOKUPS; i++)
		sum += fib4_lookup(fib, addresses4[i]);
	return sum;
}

static uint32_t look_up_batches4(void *fib, const uint8_t (*addresses)[16]) {
	(void)addresses;
	for (size_t i = 0; i < LOOKUPS; i += 256)
		fib4_lookup_batch(fib, addresses4 + i, nexthops, 256);
	return nexthops[0];
}

static void usage4(void *fib, size_t *routes, double *words_mib, double *rib_mib) {
	struct fib4_usage usage = fib4_usage(fib);

	*routes = usage.routes;
	*words_mib = (double)usage.word_bytes / (1 << 20);
	*rib_mib = (double)usage.rib_bytes / (1 << 20);
}

static void *create6(void) {
	memory6 = (struct fib6_memory){
		.roots = memory(FIB6_ROOTS * sizeof(uint32_t)),
		.nodes = memory((size_t)NODES * NODE_WORDS * sizeof(uint64_t)),
		.leaves = memory(LEAVES * sizeof(uint32_t)),
		.node_count = NODES,
		.leaf_count = LEAVES,
	};
	return fib6_create(&memory6, &no_grace);
}

static void destroy6(void *fib) {
	fib6_destroy(fib);
	free(memory6.roots);
	free(memory6.nodes);
	free(memory6.leaves);
}

static int insert6(void *fib, const struct prefix *prefix, uint32_t nexthop) {
	return fib6_insert(fib, prefix->address, prefix->len, nexthop);
}

static int remove6(void *fib, const struct prefix *prefix) {
	return fib6_remove(fib, prefix->address, prefix->len);
}

static void begin6(void *fib) {
	fib6_begin(fib);
}

static int commit6(void *fib) {
	return fib6_commit(fib);
}

static uint32_t look_up_each6(void *fib, const uint8_t (*addresses)[16]) {
	uint32_t sum = 0;

	for (size_t i = 0; i < LOOKUPS; i++)
		sum += fib6_lookup(fib, addresses[i]);
	return sum;
}

static uint32_t look_up_batches6(void *fib, const uint8_t (*addresses)[16]) {
	for (size_t i = 0; i < LOOKUPS; i += 256)
		fib6_lookup_batch(fib, addresses + i, nexthops, 256);
	return nexthops[0];
}

static void usage6(void *fib, size_t *routes, double *words_mib, double *rib_mib) {
	struct fib6_usage usage = fib6_usage(fib);

	*routes = usage.routes;
	*words_mib = (double)usage.word_bytes / (1 << 20);
	*rib_mib = (double)usage.rib_bytes / (1 << 20);
}

static const struct family families[] = {
	{"IPv4", create4, destroy4, insert4, remove4, begin4, commit4, look_up_each4,
		look_up_batches4, usage4},
	{"IPv6", create6, destroy6, insert6, remove6, begin6, commit6, look_up_each6,
		look_up_batches6, usage6},
};

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

static int read_prefixes(const char *path, struct prefixes prefixes[2]) {
	FILE *file = strcmp(path, "-") ? fopen(path, "r") : stdin;
	struct prefix prefix;
	char text[64];

	if (!file) {
		perror(path);
		return -1;
	}
	while (fscanf(file, "%63[^/]/%u\n", text, &prefix.len) == 2) {
		memset(prefix.address, 0, 16);
		if (inet_pton(AF_INET, text, prefix.address) == 1 && prefix.len <= 32)
			add(&prefixes[0], prefix);
		else if (inet_pton(AF_INET6, text, prefix.address) == 1 && prefix.len <= 128)
			add(&prefixes[1], prefix);
	}
	fclose(file);
	return 0;
}

/* Per mille of the Internet's prefixes by length, as the CIDR report and Potaroo publish them. */
static unsigned int length_at_random(const unsigned int shares[][2]) {
	unsigned int rank = random_word() % 1000;

	while (rank >= shares[0][1]) {
		rank -= shares[0][1];
		shares++;
	}
	return shares[0][0];
}

static void make_prefixes(struct prefixes prefixes[2]) {
	static const unsigned int shares4[][2] = {{24, 600}, {23, 107}, {22, 120}, {21, 56},
		{20, 47}, {19, 27}, {18, 15}, {17, 9}, {16, 15}, {14, 2}, {12, 1}, {32, 1}};
	static const unsigned int shares6[][2] = {{48, 471}, {44, 90}, {40, 84}, {36, 37},
		{32, 141}, {29, 27}, {46, 19}, {47, 20}, {42, 14}, {33, 18}, {34, 16}, {38, 10},
		{28, 1}, {45, 52}};

	for (size_t i = 0; i < SYNTHETIC4; i++) {
		struct prefix prefix = {.len = length_at_random(shares4)};
		/* Routes crowd: in every fourth /19 of two thirds of the space below 224/3. */
		uint32_t address = htonl((0x01000000 + random_word() % 0x95000000u) & ~0x6000u);

		memcpy(prefix.address, &address, sizeof(address));
		add(&prefixes[0], prefix);
	}
	for (size_t i = 0; i < SYNTHETIC6; i++) {
		struct prefix prefix = {.len = length_at_random(shares6)};

		/* Twelve thousand allocations (/32) of the registries, with their parts. */
		prefix.address[0] = (uint8_t)(0x20 + 2 * (random_word() % 6));
		prefix.address[1] = random_word() & 0x0f;
		prefix.address[2] = random_word() & 0x3f;
		prefix.address[3] = random_word() & 0x80;
		prefix.address[4] = random_word() & 0x01;
		prefix.address[5] = (uint8_t)random_word();
		add(&prefixes[1], prefix);
	}
}

/* At random, and the same each time: every prefix differs from its neighbours, the worst case. */
static uint32_t nexthop_of(const struct prefix *prefix, unsigned int spread) {
	uint64_t hash = prefix->len;

	for (size_t word = 0; word < 4; word++)
		hash = (hash ^ host(prefix->address + 4 * word)) * 0x9e3779b97f4a7c15u;
	return REASON_COUNT + (uint32_t)((hash >> 32) * spread >> 32);
}

/* Addresses of the whole space, or each in a prefix chosen at random. */
static void make_addresses(const struct prefixes *inside, uint8_t (*addresses)[16]) {
	for (size_t i = 0; i < LOOKUPS; i++) {
		for (size_t word = 0; word < 4; word++) {
			uint32_t bits = random_word();

			memcpy(addresses[i] + 4 * word, &bits, sizeof(bits));
		}
		if (inside) {
			const struct prefix *prefix = &inside->all[random_word() % inside->count];
			unsigned int byte = prefix->len / 8;

			memcpy(addresses[i], prefix->address, byte);
			if (byte < 16)
				addresses[i][byte] =
					(uint8_t)(prefix->address[byte] |
						  (addresses[i][byte] & 0xff >> prefix->len % 8));
		}
		addresses4[i] = host(addresses[i]);
	}
}

static double look_ups_per_us(
	uint32_t (*look_up)(void *, const uint8_t (*)[16]), void *fib, uint8_t (*addresses)[16]) {
	double start = now();

	sink = look_up(fib, (const uint8_t(*)[16])addresses);
	return LOOKUPS / (now() - start) / 1e6;
}

static void build(const struct family *family, void *fib, const struct prefixes *prefixes,
	unsigned int spread) {
	family->begin(fib);
	for (size_t i = 0; i < prefixes->count; i++)
		family->insert(fib, &prefixes->all[i], nexthop_of(&prefixes->all[i], spread));
	if (family->commit(fib))
		fprintf(stderr, "%s: the words are full\n", family->name);
}

/* Routes flap: a prefix at random goes and comes back. */
static double updates_per_second(const struct family *family, void *fib,
	const struct prefixes *prefixes, unsigned int spread) {
	double start = now();

	for (size_t i = 0; i < UPDATES / 2; i++) {
		const struct prefix *prefix = &prefixes->all[random_word() % prefixes->count];

		family->remove(fib, prefix);
		family->insert(fib, prefix, nexthop_of(prefix, spread));
	}
	return UPDATES / (now() - start);
}

static double default_change_ms(const struct family *family, void *fib) {
	struct prefix everything = {.len = 0};
	double start = now();

	family->insert(fib, &everything, REASON_COUNT + NEXTHOPS);
	family->remove(fib, &everything);
	return 1e3 * (now() - start) / 2;
}

static struct figures measure(const struct family *family, const struct prefixes *prefixes,
	unsigned int spread, uint8_t (*addresses)[16]) {
	struct figures figures = {0};
	void *fib = family->create();
	double start = now();

	build(family, fib, prefixes, spread);
	figures.build_seconds = now() - start;
	family->usage(fib, &figures.routes, &figures.words_mib, &figures.rib_mib);
	make_addresses(NULL, addresses);
	figures.single_uniform = look_ups_per_us(family->look_up_each, fib, addresses);
	figures.batch_uniform = look_ups_per_us(family->look_up_batches, fib, addresses);
	make_addresses(prefixes, addresses);
	figures.single_inside = look_ups_per_us(family->look_up_each, fib, addresses);
	figures.batch_inside = look_ups_per_us(family->look_up_batches, fib, addresses);
	figures.updates = updates_per_second(family, fib, prefixes, spread);
	figures.default_ms = default_change_ms(family, fib);
	family->destroy(fib);
	return figures;
}

static int compare(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

#define MEDIAN(member)                                                                             \
	do {                                                                                       \
		double values[RUNS];                                                               \
		for (size_t run = 0; run < RUNS; run++)                                            \
			values[run] = runs[run].member;                                            \
		qsort(values, RUNS, sizeof(*values), compare);                                     \
		median.member = values[RUNS / 2];                                                  \
	} while (0)

static struct figures measure_median(const struct family *family, const struct prefixes *prefixes,
	unsigned int spread, uint8_t (*addresses)[16]) {
	struct figures runs[RUNS], median;

	for (size_t run = 0; run < RUNS; run++)
		runs[run] = measure(family, prefixes, spread, addresses);
	median = runs[0];
	MEDIAN(build_seconds);
	MEDIAN(single_uniform);
	MEDIAN(batch_uniform);
	MEDIAN(single_inside);
	MEDIAN(batch_inside);
	MEDIAN(updates);
	MEDIAN(default_ms);
	return median;
}

static void print_table(const char *name, unsigned int spread, const struct figures *figures) {
	printf("%-6s %8zu %8u %7.2f %7.2f %7.1f %7.0f %7.0f %7.0f %7.0f %9.0f %7.1f\n", name,
		figures->routes, spread, figures->build_seconds, figures->words_mib,
		figures->rib_mib, figures->single_uniform, figures->batch_uniform,
		figures->single_inside, figures->batch_inside, figures->updates,
		figures->default_ms);
}

static void print_json(const char *name, unsigned int spread, const struct figures *figures) {
	printf("{\"family\": \"%s\", \"routes\": %zu, \"nexthops\": %u, \"build_s\": %.3f, "
	       "\"words_mib\": %.2f, \"writer_mib\": %.1f, \"single_uniform_mlps\": %.1f, "
	       "\"batch_uniform_mlps\": %.1f, \"single_inside_mlps\": %.1f, "
	       "\"batch_inside_mlps\": %.1f, \"updates_per_s\": %.0f, "
	       "\"default_change_ms\": %.2f}\n",
		name, figures->routes, spread, figures->build_seconds, figures->words_mib,
		figures->rib_mib, figures->single_uniform, figures->batch_uniform,
		figures->single_inside, figures->batch_inside, figures->updates,
		figures->default_ms);
}

int main(int argc, char **argv) {
	static const unsigned int spreads[] = {16, 256};
	struct prefixes prefixes[2] = {0};
	uint8_t(*addresses)[16] = memory((size_t)LOOKUPS * 16);
	const char *path = NULL;
	int json = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			json = 1;
		} else if (!path && (argv[i][0] != '-' || !argv[i][1])) {
			path = argv[i];
		} else {
			fprintf(stderr, "usage: table_bench [--json] [PREFIXES]\n");
			return 2;
		}
	}
	if (!path)
		make_prefixes(prefixes);
	else if (read_prefixes(path, prefixes))
		return 1;

	if (!json) {
		printf("median of %d runs; look-ups in millions a second, of the whole space and "
		       "inside the prefixes\n\n",
			RUNS);
		printf("%-6s %8s %8s %7s %7s %7s %7s %7s %7s %7s %9s %7s\n", "", "", "", "build",
			"words", "writer", "whole", "whole", "inside", "inside", "updates",
			"default");
		printf("%-6s %8s %8s %7s %7s %7s %7s %7s %7s %7s %9s %7s\n", "table", "routes",
			"nexthops", "s", "MiB", "MiB", "single", "batch", "single", "batch", "/s",
			"ms");
	}
	for (size_t i = 0; i < 4; i++) {
		const struct family *family = &families[i / 2];
		struct figures median;

		if (!prefixes[i / 2].count)
			continue;
		median = measure_median(family, &prefixes[i / 2], spreads[i % 2], addresses);
		(json ? print_json : print_table)(family->name, spreads[i % 2], &median);
	}
	free(addresses);
	free(prefixes[0].all);
	free(prefixes[1].all);
	return 0;
}
