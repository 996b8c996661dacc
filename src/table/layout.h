/*
 * layout: how the tables lie in memory, for both targets. User space writes, the BPF program and
 * user-space stages read, without locks: each change becomes visible by one aligned 8-byte store
 * (or 4-byte, for a leaf), and memory that a reader may still hold is reused only after a grace
 * period (grace.h).
 *
 * Run words. A run word covers 32 slots: the lower half is a bitmap whose bit i says that slot i
 * starts a new run (bit 0 is never set: the first run starts there anyway), the upper half is the
 * index of the first run's leaf. So the leaf of slot i is base + popcount(bitmap & bits 1..i).
 *
 * Leaves. A leaf is the id of a next hop, or, with LEAF_NODE set, the index of a node: eight run
 * words, 256 slots, for the next eight bits of the address.
 *
 * fib4: FIB4_ROOTS run words, one per /19, whose slots are /24s; one level of nodes below.
 * fib6: FIB6_ROOTS leaves, one per /16; nodes of eight bits each below, as deep as needed.
 */
#pragma once

#include "table/target.h"

#define LEAF_NODE 0x80000000u

enum {
	FIB4_ROOTS = 1 << 19,
	FIB6_ROOTS = 1 << 16,
	NODE_WORDS = 8,
	PORTS_MAX = 256, /* slot 0 stands for "no port" */
};

/* The leaf index that slot (0..31) of a run word has. */
ALWAYS_INLINE uint32_t run_leaf(uint64_t word, uint32_t slot) {
	uint32_t bitmap = (uint32_t)word;
	uint32_t base = (uint32_t)(word >> 32);

	return base + population_count(bitmap & ((2u << slot) - 1));
}

enum nexthop_kind {
	NEXTHOP_VERDICT,   /* .reason says what becomes of the frame */
	NEXTHOP_ADJACENCY, /* rewrite and send out of .port */
	NEXTHOP_GROUP,     /* buckets of other next hops, chosen by flow hash */
};

/*
 * What a leaf's id leads to: one cache line. `head` is the word that publishes; an entry whose
 * body must change while readers may hold it goes through NEXTHOP_VERDICT and a grace period.
 */
struct nexthop {
	union {
		uint64_t head;
		struct {
			uint8_t kind;   /* enum nexthop_kind */
			uint8_t reason; /* verdict: enum reason */
			uint8_t port;   /* slot of the way out, 0 if it is no port; also verdicts */
			uint8_t bucket_shift; /* group: log2 of its number of buckets */
			uint32_t argument;    /* adjacency: MTU; group: index of its first bucket */
		};
	};
	uint8_t destination_mac[6]; /* adjacency: the neighbour's */
	uint8_t source_mac[6];      /* adjacency: the egress port's */
	uint32_t ifindex;           /* the way out, 0 if none */
	uint64_t port_set[4];       /* group: the ports of all members that are up, a bit a slot */
	uint8_t used;               /* adjacency: set by readers, cleared by the writer */
	uint8_t padding[7];
};
_Static_assert(sizeof(struct nexthop) == 64, "a next hop is one cache line");

/* Ids 0 .. REASON_COUNT-1 are constant verdicts, one a reason; id NEXTHOP_NONE is "no route", and
 * so is id 0, where words that are all zero lead: REASON_FORWARDED is no verdict. */
#define NEXTHOP_NONE REASON_NO_ROUTE

/*
 * The hash that chooses a bucket is used by its high bits: bucket = hash >> (32 - shift). Where the
 * buckets are and how many is read at once, so that a change of both is never seen by half.
 */
ALWAYS_INLINE uint32_t nexthop_bucket(const struct nexthop *group, uint32_t hash) {
	struct nexthop seen = {.head = *(const volatile uint64_t *)&group->head};

	return seen.argument + (uint32_t)((uint64_t)hash >> (32 - seen.bucket_shift));
}

/*
 * A filter over this machine's own IPv4 addresses: a bit set at address_hash(address) for each. A
 * source address that hits may be our own (then it is a martian); one that misses is not. All bits
 * are set while whole networks are our own.
 */
enum { LOCAL_FILTER_BITS = 1 << 16, LOCAL_FILTER_WORDS = LOCAL_FILTER_BITS / 64 };

ALWAYS_INLINE uint32_t local_filter_bit(uint32_t address) {
	return (address * 2654435769u) >> 16;
}
