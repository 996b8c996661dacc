/* prefix: an IPv4 or IPv6 prefix, as people write it, and its parts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { PREFIX_TEXT_MAX = 50 };

struct prefix {
	uint8_t address[16]; /* as on the wire; IPv4 in the first four; bits beyond `length` zero */
	uint8_t length;
	sa_family_t family; /* AF_UNSPEC: none */
};

/* "10.1.0.0/16" or "fd00:1::/48"; without a length, a host. 0, or -EINVAL; also for bits set beyond
 * the length, which are a mistake more often than not. */
int prefix_parse(const char *text, struct prefix *prefix);
int prefix_parse_bytes(const char *text, size_t size, struct prefix *prefix); /* without a NUL */

/* The text of a prefix, or of its address alone. `text` holds PREFIX_TEXT_MAX; returns it. */
char *prefix_text(const struct prefix *prefix, char *text);
char *prefix_address_text(const struct prefix *prefix, char *text);

unsigned int prefix_bits(sa_family_t family); /* 32 or 128 */

/* The n-th part of that length; 0, or -ERANGE if there is none. */
int prefix_part(const struct prefix *whole, unsigned int length, uint64_t n, struct prefix *part);

/* How many parts of that length there are; UINT64_MAX if more. */
uint64_t prefix_parts(const struct prefix *whole, unsigned int length);

bool prefix_contains(const struct prefix *outer, const struct prefix *inner);
bool prefix_overlaps(const struct prefix *one, const struct prefix *other);

/* Link-local, multicast and loopback: no fabric's to forward, nor to prove. */
bool prefix_is_apart(const struct prefix *prefix);

/* By family, address, then length: for sorting. */
int prefix_compare(const struct prefix *one, const struct prefix *other);
