/*
 * classes: see classes.h.
 *
 * Prefixes are walked in order, so that those that hold an address form a stack; opening one writes
 * its entries over the vector of all nodes' groups, closing it puts back what was there. A hash of
 * the vector is kept by exclusive or, entry by entry (Zobrist, 1970), so that a vector seen before
 * is known without being looked at; 128 bits make a collision less likely than a fault of memory.
 */
#include "fabric/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

typedef unsigned __int128 address_number;

struct vector_hash {
	uint64_t words[2];
};

/* An end of the stack of prefixes that hold the address. */
struct open_prefix {
	size_t place;        /* in the set */
	address_number next; /* the first address that no inner prefix has taken yet */
	address_number last; /* of the prefix */
	bool has_own;        /* some address is left between inner prefixes */
	address_number own;  /* the first such address */
	bool is_full;        /* `next` would be beyond the last of all */
	size_t saved;        /* where what it wrote over begins in `saved` */
};

struct seen_class {
	struct vector_hash hash;
	uint8_t *outcomes;
	uint32_t *paths, *hops, *ends;
	size_t end_count;
	bool loops;
	UT_hash_handle hh;
};

/* A node whose ways are being followed. */
struct frame {
	uint32_t node;
	uint32_t port; /* the next of its group */
};

struct walk {
	const struct fib_set *set;
	const struct topology *topology;
	uint32_t *groups;
	struct vector_hash hash;
	struct open_prefix stack[130];
	size_t depth;
	struct fib_entry *saved;
	size_t saved_count, saved_room;
	struct seen_class *classes;
	struct frame *frames;
	uint8_t *states;
	int (*told)(void *owner, const struct class_result *result);
	void *owner;
};

enum { STATE_NEW, STATE_OPEN, STATE_DONE };

static uint64_t mix(uint64_t word) {
	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9; /* splitmix64 (Steele et al., 2014) */
	word = (word ^ word >> 27) * 0x94d049bb133111eb;
	return word ^ word >> 31;
}

static void toggle(struct vector_hash *hash, uint32_t node, uint32_t group) {
	uint64_t word = (uint64_t)node << 32 | group;

	hash->words[0] ^= mix(word + 0x9e3779b97f4a7c15);
	hash->words[1] ^= mix(word + 0x3c6ef372fe94f82a);
}

static void set_group(struct walk *walk, uint32_t node, uint32_t group) {
	toggle(&walk->hash, node, walk->groups[node]);
	walk->groups[node] = group;
	toggle(&walk->hash, node, group);
}

static address_number number_of(const struct prefix *prefix) {
	address_number number = 0;

	for (unsigned int i = 0; i < prefix_bits(prefix->family) / 8; i++)
		number = number << 8 | prefix->address[i];
	return number;
}

static address_number last_of(const struct prefix *prefix) {
	unsigned int free_bits = prefix_bits(prefix->family) - prefix->length;
	address_number ones =
		free_bits == 128 ? ~(address_number)0 : ((address_number)1 << free_bits) - 1;

	return number_of(prefix) | ones;
}

/* --- one graph --- */

static uint32_t add_paths(uint32_t one, uint32_t other) {
	return one > UINT32_MAX - other ? UINT32_MAX : one + other;
}

static bool is_dead(const struct walk *walk, uint32_t port) {
	return walk->topology->port_is_dead && walk->topology->port_is_dead[port];
}

/* What a port leads to, if that is known without following; false if a node is to be followed. */
static bool ends_at_port(
	const struct walk *walk, struct seen_class *class, uint32_t node, uint32_t port) {
	if (is_dead(walk, port)) {
		class->outcomes[node] |= OUTCOME_DEAD;
		return true;
	}
	if (walk->topology->far_node[port] != TOPOLOGY_OUTSIDE)
		return false;
	class->outcomes[node] |= OUTCOME_LEFT;
	class->paths[node] = add_paths(class->paths[node], 1);
	if (class->hops[node] < 1)
		class->hops[node] = 1;
	return true;
}

static void inherit(struct seen_class *class, uint32_t node, uint32_t from) {
	class->outcomes[node] |= class->outcomes[from];
	class->paths[node] = add_paths(class->paths[node], class->paths[from]);
	if (class->hops[from] + 1 > class->hops[node])
		class->hops[node] = class->hops[from] + 1;
}

static void begin(const struct walk *walk, struct seen_class *class, uint32_t node) {
	static const uint8_t outcomes[FIB_VERDICTS] = {[FIB_NO_ROUTE] = OUTCOME_NO_ROUTE,
		[FIB_DROP] = OUTCOME_DROPPED,
		[FIB_LOCAL] = OUTCOME_DELIVERED};
	uint32_t group = walk->groups[node];

	walk->states[node] = STATE_OPEN;
	if (group >= FIB_VERDICTS)
		return;
	class->outcomes[node] = outcomes[group];
	class->paths[node] = group == FIB_LOCAL;
}

/* Depth first, without recursion: fabrics may be deep. An open node met again closes a loop, and
 * all that lead there inherit it. */
static void follow(struct walk *walk, struct seen_class *class, uint32_t start) {
	size_t depth = 0;

	walk->frames[depth++] = (struct frame){.node = start};
	begin(walk, class, start);
	while (depth) {
		struct frame *frame = &walk->frames[depth - 1];
		size_t count;
		const uint32_t *ports = fib_set_ports(walk->set, walk->groups[frame->node], &count);
		uint32_t next;

		if (frame->port == count) {
			walk->states[frame->node] = STATE_DONE;
			if (--depth)
				inherit(class, walk->frames[depth - 1].node, frame->node);
			continue;
		}
		if (ends_at_port(walk, class, frame->node, ports[frame->port++]))
			continue;
		next = walk->topology->far_node[ports[frame->port - 1]];
		if (walk->states[next] == STATE_OPEN) {
			class->outcomes[frame->node] |= OUTCOME_LOOP;
			class->loops = true;
		} else if (walk->states[next] == STATE_DONE) {
			inherit(class, frame->node, next);
		} else {
			begin(walk, class, next);
			walk->frames[depth++] = (struct frame){.node = next};
		}
	}
}

/* Within a loop, a node was told of another before all was known of that one: so again, until
 * nothing more is learnt. Rare, and soon over. */
static void settle_loops(const struct walk *walk, struct seen_class *class) {
	bool changed = true;

	while (changed) {
		changed = false;
		for (uint32_t node = 0; node < walk->topology->node_count; node++) {
			uint8_t before = class->outcomes[node];
			size_t count;
			const uint32_t *ports =
				fib_set_ports(walk->set, walk->groups[node], &count);

			for (size_t i = 0; i < count; i++) {
				uint32_t far = walk->topology->far_node[ports[i]];

				if (far != TOPOLOGY_OUTSIDE && !is_dead(walk, ports[i]))
					class->outcomes[node] |= class->outcomes[far];
			}
			changed |= class->outcomes[node] != before;
		}
	}
}

static bool ends_here(const struct walk *walk, uint32_t node) {
	size_t count;
	const uint32_t *ports = fib_set_ports(walk->set, walk->groups[node], &count);

	if (walk->groups[node] == FIB_LOCAL)
		return true;
	for (size_t i = 0; i < count; i++)
		if (walk->topology->far_node[ports[i]] == TOPOLOGY_OUTSIDE)
			return true;
	return false;
}

static struct seen_class *study(struct walk *walk) {
	uint32_t nodes = walk->topology->node_count;
	struct seen_class *class = calloc(1, sizeof(*class));

	if (!class)
		return NULL;
	class->hash = walk->hash;
	class->outcomes = calloc(nodes, sizeof(*class->outcomes));
	class->paths = calloc(nodes, sizeof(*class->paths));
	class->hops = calloc(nodes, sizeof(*class->hops));
	class->ends = malloc(nodes * sizeof(*class->ends));
	HASH_ADD(hh, walk->classes, hash, sizeof(class->hash), class);
	if (!class->outcomes || !class->paths || !class->hops || !class->ends)
		return NULL;
	memset(walk->states, STATE_NEW, nodes);
	for (uint32_t node = 0; node < nodes; node++) {
		if (walk->states[node] == STATE_NEW)
			follow(walk, class, node);
		if (ends_here(walk, node))
			class->ends[class->end_count++] = node;
	}
	if (class->loops)
		settle_loops(walk, class);
	class->ends = realloc(class->ends, (class->end_count + 1) * sizeof(*class->ends));
	return class->ends ? class : NULL;
}

static struct prefix host_of(address_number number, sa_family_t family) {
	struct prefix host = {.family = family, .length = (uint8_t)prefix_bits(family)};

	for (unsigned int i = prefix_bits(family) / 8; i-- > 0; number >>= 8)
		host.address[i] = (uint8_t)number;
	return host;
}

static int tell(struct walk *walk, const struct prefix *prefix, address_number own) {
	struct seen_class *class;
	struct class_result result = {
		.prefix = *prefix, .address = host_of(own, prefix->family), .groups = walk->groups};

	HASH_FIND(hh, walk->classes, &walk->hash, sizeof(walk->hash), class);
	result.is_new = !class;
	if (!class)
		class = study(walk);
	if (!class)
		return -ENOMEM;
	result.outcomes = class->outcomes;
	result.paths = class->paths;
	result.hops = class->hops;
	result.ends = class->ends;
	result.end_count = class->end_count;
	return walk->told(walk->owner, &result);
}

/* --- all prefixes --- */

static int save(struct walk *walk, uint32_t node) {
	if (walk->saved_count == walk->saved_room) {
		size_t room = walk->saved_room ? 2 * walk->saved_room : 4096;
		struct fib_entry *saved = realloc(walk->saved, room * sizeof(*saved));

		if (!saved)
			return -ENOMEM;
		walk->saved = saved;
		walk->saved_room = room;
	}
	walk->saved[walk->saved_count++] =
		(struct fib_entry){.node = node, .group = walk->groups[node]};
	return 0;
}

static int open_prefix(struct walk *walk, size_t place) {
	const struct prefix *prefix = fib_set_prefix(walk->set, place);
	struct open_prefix *open = &walk->stack[walk->depth++];
	size_t count;
	const struct fib_entry *entries = fib_set_entries(walk->set, place, &count);

	*open = (struct open_prefix){.place = place,
		.next = number_of(prefix),
		.last = last_of(prefix),
		.saved = walk->saved_count};
	for (size_t i = 0; i < count; i++) {
		if (save(walk, entries[i].node))
			return -ENOMEM;
		set_group(walk, entries[i].node, entries[i].group);
	}
	return 0;
}

/* What lies around an inner prefix is the outer's own. */
static void take_from_outer(struct walk *walk, const struct prefix *inner) {
	struct open_prefix *outer;

	if (!walk->depth)
		return;
	outer = &walk->stack[walk->depth - 1];
	if (!outer->has_own && outer->next != number_of(inner)) {
		outer->has_own = true;
		outer->own = outer->next;
	}
	outer->is_full = last_of(inner) == outer->last;
	outer->next = last_of(inner) + 1;
}

static int close_prefix(struct walk *walk) {
	const struct open_prefix *open = &walk->stack[walk->depth - 1];
	const struct prefix *prefix = fib_set_prefix(walk->set, open->place);
	int stop = open->has_own || !open->is_full
			   ? tell(walk, prefix, open->has_own ? open->own : open->next)
			   : 0;

	while (walk->saved_count > open->saved) {
		const struct fib_entry *entry = &walk->saved[--walk->saved_count];

		set_group(walk, entry->node, entry->group);
	}
	walk->depth--;
	take_from_outer(walk, prefix);
	return stop;
}

static int walk_prefixes(struct walk *walk, sa_family_t family) {
	size_t count = fib_set_prefix_count(walk->set);
	int stop = 0;

	for (size_t i = 0; i < count && !stop; i++) {
		const struct prefix *prefix = fib_set_prefix(walk->set, i);

		if (prefix->family != family)
			continue;
		while (walk->depth && !stop &&
			!prefix_contains(
				fib_set_prefix(walk->set, walk->stack[walk->depth - 1].place),
				prefix))
			stop = close_prefix(walk);
		if (!stop)
			stop = open_prefix(walk, i);
	}
	while (walk->depth && !stop)
		stop = close_prefix(walk);
	return stop;
}

static void forget_classes(struct walk *walk) {
	struct seen_class *class, *next;

	HASH_ITER(hh, walk->classes, class, next) {
		HASH_DEL(walk->classes, class);
		free(class->outcomes);
		free(class->paths);
		free(class->hops);
		free(class->ends);
		free(class);
	}
}

int classes_walk(const struct fib_set *set, const struct topology *topology, sa_family_t family,
	int (*told)(void *owner, const struct class_result *result), void *owner) {
	struct walk walk = {.set = set, .topology = topology, .told = told, .owner = owner};
	int stop = -ENOMEM;

	walk.groups = calloc(topology->node_count, sizeof(*walk.groups));
	walk.frames = calloc(topology->node_count, sizeof(*walk.frames));
	walk.states = calloc(topology->node_count, sizeof(*walk.states));
	if (walk.groups && walk.frames && walk.states)
		stop = walk_prefixes(&walk, family);
	forget_classes(&walk);
	free(walk.groups);
	free(walk.frames);
	free(walk.states);
	free(walk.saved);
	return stop;
}
