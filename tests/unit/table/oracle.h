/*
 * oracle: longest-prefix match the obvious way: a list, scanned from end to end. Addresses of any
 * family are 16 bytes, those of IPv4 in the first four.
 */
#pragma once

#include "support.h"

#include <stdbool.h>

enum { ORACLE_MAX = 4096 };

struct route {
	uint8_t prefix[16];
	unsigned int prefix_len;
	uint32_t value;
};

struct oracle {
	struct route routes[ORACLE_MAX];
	size_t count;
};

static inline bool oracle_covers(const struct route *route, const uint8_t *address) {
	unsigned int bytes = route->prefix_len / 8, bits = route->prefix_len % 8;

	return !memcmp(route->prefix, address, bytes) &&
	       (!bits || !((route->prefix[bytes] ^ address[bytes]) >> (8 - bits)));
}

static inline struct route *oracle_find(
	struct oracle *oracle, const uint8_t *prefix, unsigned int prefix_len) {
	for (size_t i = 0; i < oracle->count; i++) {
		if (oracle->routes[i].prefix_len == prefix_len &&
			!memcmp(oracle->routes[i].prefix, prefix, 16))
			return &oracle->routes[i];
	}
	return NULL;
}

static inline const struct route *oracle_match(
	const struct oracle *oracle, const uint8_t *address, unsigned int longest) {
	const struct route *best = NULL;

	for (size_t i = 0; i < oracle->count; i++) {
		const struct route *route = &oracle->routes[i];

		if (route->prefix_len <= longest && oracle_covers(route, address) &&
			(!best || route->prefix_len > best->prefix_len))
			best = route;
	}
	return best;
}

static inline void oracle_set(
	struct oracle *oracle, const uint8_t *prefix, unsigned int prefix_len, uint32_t value) {
	struct route *route = oracle_find(oracle, prefix, prefix_len);

	if (!route) {
		assert_true(oracle->count < ORACLE_MAX);
		route = &oracle->routes[oracle->count++];
		memcpy(route->prefix, prefix, 16);
		route->prefix_len = prefix_len;
	}
	route->value = value;
}

static inline bool oracle_remove(
	struct oracle *oracle, const uint8_t *prefix, unsigned int prefix_len) {
	struct route *route = oracle_find(oracle, prefix, prefix_len);

	if (route)
		*route = oracle->routes[--oracle->count];
	return route;
}

static inline int route_compare(const void *one, const void *other) {
	const struct route *a = one, *b = other;
	int order = memcmp(a->prefix, b->prefix, 16);

	return order ? order : (a->prefix_len > b->prefix_len) - (a->prefix_len < b->prefix_len);
}

static inline void oracle_sort(struct oracle *oracle) {
	qsort(oracle->routes, oracle->count, sizeof(oracle->routes[0]), route_compare);
}

/* Addresses that lie close together, so that prefixes of all lengths nest: each bit is mostly the
 * one of a fixed address, the later ones more often not. */
static inline void clustered_address(uint8_t address[16], unsigned int bits) {
	static const uint8_t center[16] = {0x0a, 0x25, 0x4b, 0x81, 0x33, 0x10, 0, 0xff, 0x5a};

	memset(address, 0, 16);
	memcpy(address, center, bits / 8);
	for (unsigned int flips = random_below(4); flips; flips--) {
		unsigned int bit = random_below(bits);

		address[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	}
}

static inline void clear_below(uint8_t address[16], unsigned int prefix_len) {
	for (unsigned int bit = prefix_len; bit < 128; bit++)
		address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

/* Short prefixes are rare, as they are in the world: each rewrites much of the table. */
static inline void random_prefix(uint8_t prefix[16], unsigned int *prefix_len, unsigned int bits) {
	unsigned int least = random_below(40) ? 15 : 0;

	*prefix_len = least + random_below(bits + 1 - least);
	clustered_address(prefix, bits);
	clear_below(prefix, *prefix_len);
}

/* An address where something may be wrong after a change of this prefix: in it or beside it. */
static inline void address_near(
	uint8_t address[16], const uint8_t prefix[16], unsigned int prefix_len, unsigned int bits) {
	memcpy(address, prefix, 16);
	for (unsigned int bit = prefix_len; bit < bits; bit++) {
		if (random_below(2))
			address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	if (random_below(3) == 0) {
		unsigned int bit = random_below(bits);

		address[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	}
}
