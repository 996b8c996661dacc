/*
 * buckets: deals the buckets of a group to its members; see buckets.h.
 *
 * A member's fair part, buckets * weight / all weights, is seldom whole: it holds that rounded down
 * or up. As others leave, fair parts only grow, so that nobody gives up what he holds; when one
 * returns, all others hold too much, and what they give up is his.
 */
#include "table/buckets.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
	BUCKETS_PER_MEMBER = 16,
	TOLERANCE = 50, /* one part in that many */
};

static uint64_t weigh(const struct share *shares, size_t count) {
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += shares[i].weight;
	return total;
}

static bool is_fine(const struct share *shares, size_t count, uint64_t total, uint64_t buckets) {
	for (size_t i = 0; i < count; i++) {
		uint64_t fair = buckets * shares[i].weight;
		uint64_t above = fair % total ? total - fair % total : 0;

		if (fair % total * TOLERANCE > fair || above * TOLERANCE > fair)
			return false;
	}
	return true;
}

static int compare(const void *one, const void *other) {
	uint32_t a = ((const struct share *)one)->nexthop;
	uint32_t b = ((const struct share *)other)->nexthop;

	return (a > b) - (a < b);
}

static struct share *share_of(struct share *shares, size_t count, uint32_t nexthop) {
	struct share key = {.nexthop = nexthop};

	return bsearch(&key, shares, count, sizeof(key), compare);
}

/* How much a share lacks of its fair part, times the sum of weights; negative if it has more. */
static int64_t lack(const struct share *share, uint64_t total, uint64_t buckets) {
	return (int64_t)(buckets * share->weight) - (int64_t)(share->held * total);
}

static struct share *neediest(
	struct share *shares, size_t count, uint64_t total, uint64_t buckets) {
	struct share *found = shares;

	for (size_t i = 1; i < count; i++) {
		if (lack(&shares[i], total, buckets) > lack(found, total, buckets))
			found = &shares[i];
	}
	return found;
}

static struct share *richest(struct share *shares, size_t count, uint64_t total, uint64_t buckets) {
	struct share *found = shares;

	for (size_t i = 1; i < count; i++) {
		if (lack(&shares[i], total, buckets) < lack(found, total, buckets))
			found = &shares[i];
	}
	return found;
}

/* Leaves each member what is his, rounded up at most, and vacates the rest. */
static void keep(struct share *shares, size_t count, uint32_t *buckets, size_t bucket_count,
	uint64_t total) {
	for (size_t i = 0; i < bucket_count; i++) {
		struct share *share = share_of(shares, count, buckets[i]);

		if (share && lack(share, total, bucket_count) > 0)
			share->held++;
		else
			buckets[i] = BUCKET_VACANT;
	}
}

static void fill(struct share *shares, size_t count, uint32_t *buckets, size_t bucket_count,
	uint64_t total) {
	for (size_t i = 0; i < bucket_count; i++) {
		struct share *share;

		if (buckets[i] != BUCKET_VACANT)
			continue;
		share = neediest(shares, count, total, bucket_count);
		buckets[i] = share->nexthop;
		share->held++;
	}
}

/* All others may have rounded up at the cost of one: he gets what he lacks of a whole bucket. */
static void level(struct share *shares, size_t count, uint32_t *buckets, size_t bucket_count,
	uint64_t total) {
	for (;;) {
		struct share *poor = neediest(shares, count, total, bucket_count);
		struct share *rich = richest(shares, count, total, bucket_count);
		size_t i = 0;

		if (lack(poor, total, bucket_count) < (int64_t)total || !rich->held)
			return;
		while (buckets[i] != rich->nexthop)
			i++;
		buckets[i] = poor->nexthop;
		poor->held++;
		rich->held--;
	}
}

unsigned int buckets_shift(const struct share *shares, size_t count) {
	uint64_t total = weigh(shares, count);
	uint64_t buckets = BUCKETS_MIN;

	while (buckets < BUCKETS_MAX &&
		(buckets < BUCKETS_PER_MEMBER * count || !is_fine(shares, count, total, buckets)))
		buckets *= 2;
	return (unsigned int)__builtin_ctzll(buckets);
}

size_t buckets_join(struct share *shares, size_t count) {
	size_t last = 0;

	qsort(shares, count, sizeof(*shares), compare);
	for (size_t i = 1; i < count; i++) {
		if (shares[i].nexthop == shares[last].nexthop)
			shares[last].weight += shares[i].weight;
		else
			shares[++last] = shares[i];
	}
	return count ? last + 1 : 0;
}

void buckets_deal(struct share *shares, size_t count, uint32_t *buckets, unsigned int shift) {
	size_t bucket_count = (size_t)1 << shift;
	uint64_t total = weigh(shares, count);

	for (size_t i = 0; i < count; i++)
		shares[i].held = 0;
	keep(shares, count, buckets, bucket_count, total);
	fill(shares, count, buckets, bucket_count, total);
	level(shares, count, buckets, bucket_count, total);
}
