/*
 * buckets: deals the buckets of a group to its members by weight, moving as few as it can. Only
 * arithmetic: no memory of its own. Private to the room.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	BUCKETS_MIN = 64,
	BUCKETS_MAX = 8192,
	BUCKET_VACANT = 0xffffffff, /* in no member's hands yet */
};

/* What one member is to have; `held` is the dealer's. */
struct share {
	uint32_t nexthop;
	uint32_t weight;
	uint32_t held;
};

/* Log2 of the number of buckets with which every one of these shares, each of one bucket more or
 * less, is within two hundredths of its weight; if none is that fine, of BUCKETS_MAX. */
unsigned int buckets_shift(const struct share *shares, size_t count);

/* Joins shares of the same next hop and sorts them, as buckets_deal wants them; returns how many
 * are left. */
size_t buckets_join(struct share *shares, size_t count);

/* Deals 1 << shift buckets, in which there are next hops that had them before, or BUCKET_VACANT.
 * Who is still a member keeps what is his by weight; all others are dealt anew. */
void buckets_deal(struct share *shares, size_t count, uint32_t *buckets, unsigned int shift);
