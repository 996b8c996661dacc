/*
 * rib: prefixes and a 32-bit value each, in a path-compressed binary trie over an array; for
 * addresses of 4 or 16 bytes, in network byte order. What fib4 and fib6 keep to compute updates
 * from, and what the mirror keeps routes and neighbours in. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rib;

/* address_bytes is 4 or 16. NULL and errno ENOMEM. */
struct rib *rib_create(size_t address_bytes);
void rib_destroy(struct rib *rib);

/* Sets the value of a prefix (bits below prefix_len must be zero): 0, or -ENOMEM. */
int rib_set(struct rib *rib, const uint8_t *prefix, unsigned int prefix_len, uint32_t value);

/* 0, or -ENOENT; *value may be NULL, and is the value removed. */
int rib_remove(struct rib *rib, const uint8_t *prefix, unsigned int prefix_len, uint32_t *value);

/* The value of exactly this prefix: 0 or -ENOENT. */
int rib_get(const struct rib *rib, const uint8_t *prefix, unsigned int prefix_len, uint32_t *value);

/* The longest prefix no longer than `longest` bits that covers the address: 0 or -ENOENT.
 * prefix and prefix_len may be NULL. */
int rib_match(const struct rib *rib, const uint8_t *address, unsigned int longest, uint8_t *prefix,
	unsigned int *prefix_len, uint32_t *value);

/* The next prefix after (prefix, *prefix_len) in order (by bits, shorter first), both overwritten;
 * *prefix_len = RIB_START for the first. -ENOENT at the end. Valid over changes in between. */
#define RIB_START (~0u)
int rib_next(const struct rib *rib, uint8_t *prefix, unsigned int *prefix_len, uint32_t *value);

/* The same, within the prefix `within` only (itself included). */
int rib_next_within(const struct rib *rib, const uint8_t *within, unsigned int within_len,
	uint8_t *prefix, unsigned int *prefix_len, uint32_t *value);

/* Whether there are prefixes within this one that are longer than it. */
bool rib_has_longer(const struct rib *rib, const uint8_t *within, unsigned int within_len);

/*
 * The same order as rib_next_within, much faster, while the RIB does not change: start, then as
 * long as rib_walk_next is true, `prefix` (in the RIB), `prefix_len` and `value` are the next one.
 * rib_walk_skip leaves out what is within the one just returned.
 */
enum { RIB_WALK_DEPTH = 130 }; /* a node a bit, and what waits beside it */

struct rib_walk {
	const uint8_t *prefix;
	unsigned int prefix_len;
	uint32_t value;

	const struct rib *rib;
	unsigned int pending;
	unsigned int pending_before;
	uint32_t stack[RIB_WALK_DEPTH];
};

void rib_walk_start(struct rib_walk *walk, const struct rib *rib, const uint8_t *within,
	unsigned int within_len);
bool rib_walk_next(struct rib_walk *walk);
void rib_walk_skip(struct rib_walk *walk);

size_t rib_count(const struct rib *rib);
size_t rib_bytes(const struct rib *rib);
