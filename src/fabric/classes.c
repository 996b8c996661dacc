/*
 * classes: see classes.h.
 *
 * Prefixes are walked in order, so that those that hold an address form a stack. What a prefix has
 * by itself depends on its row and on what encloses it, its context: most are known by those two
 * numbers, without being looked at. For a context that is new, the entries of the stack are written
 * over the vector of all nodes' groups, from the outermost in. A hash of the vector is kept by
 * exclusive or, entry by entry (Zobrist, 1970), so that other contexts of the same vector are known
 * too; of n contexts, two that differ are taken for one with a chance below n^2 / 2^129.
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

/* A row within another context. */
struct context {
	struct {
		uint32_t outer, row;
	} key;
	uint32_t number; /* from 1; 0 is the empty table's */
	uint32_t class;  /* UNKNOWN: nothing asked yet */
	UT_hash_handle hh;
};

/* A prefix of the stack of those that hold the address. */
struct open_prefix {
	size_t place;        /* in the set */
	address_number next; /* the first address that no inner prefix has taken yet */
	address_number last; /* of the prefix */
	bool has_own;        /* some address is left between inner prefixes */
	address_number own;  /* the first such address */
	bool is_full;        /* `next` would be beyond the last of all */
	struct context *context;
	size_t saved; /* where what it wrote over begins in `saved`, once it is written */
};

struct seen_class {
	struct vector_hash hash;
	uint32_t number;
	UT_hash_handle hh;
};

/* The graph that was followed last. */
struct graph {
	uint8_t *outcomes;
	uint32_t *paths, *hops, *ends;
	size_t end_count;
	bool loops;
};

/* A node whose ways are being followed. */
struct frame {
	uint32_t node;
	uint32_t port; /* the next of its group */
};

enum { UNKNOWN = UINT32_MAX, DEPTH_MAX = 130 };

struct walk {
	const struct fib_set *set;
	const struct topology *topology;
	uint32_t *groups;
	struct vector_hash hash;
	struct open_prefix stack[DEPTH_MAX];
	size_t depth, written; /* of the stack; how many of it are in the vector */
	struct fib_entry *saved;
	size_t saved_count, saved_room;
	struct context *contexts;
	struct seen_class *classes;
	struct graph graph;
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
static bool ends_at_port(struct walk *walk, uint32_t node, uint32_t port) {
	struct graph *graph = &walk->graph;

	if (is_dead(walk, port)) {
		graph->outcomes[node] |= OUTCOME_DEAD;
		return true;
	}
	if (walk->topology->far_node[port] != TOPOLOGY_OUTSIDE)
		return false;
	graph->outcomes[node] |= OUTCOME_LEFT;
	graph->paths[node] = add_paths(graph->paths[node], 1);
	if (graph->hops[node] < 1)
		graph->hops[node] = 1;
	return true;
}

static void inherit(struct graph *graph, uint32_t node, uint32_t from) {
	graph->outcomes[node] |= graph->outcomes[from];
	graph->paths[node] = add_paths(graph->paths[node], graph->paths[from]);
	if (graph->hops[from] + 1 > graph->hops[node])
		graph->hops[node] = graph->hops[from] + 1;
}

static void begin(struct walk *walk, uint32_t node) {
	static const uint8_t outcomes[FIB_VERDICTS] = {[FIB_NO_ROUTE] = OUTCOME_NO_ROUTE,
		[FIB_DROP] = OUTCOME_DROPPED,
		[FIB_LOCAL] = OUTCOME_DELIVERED};
	uint32_t group = walk->groups[node];

	walk->states[node] = STATE_OPEN;
	if (group >= FIB_VERDICTS)
		return;
	walk->graph.outcomes[node] = outcomes[group];
	walk->graph.paths[node] = group == FIB_LOCAL;
}

/* Depth first, without recursion: fabrics may be deep. An open node met again closes a loop, and
 * all that lead there inherit it. */
static void follow(struct walk *walk, uint32_t start) {
	struct graph *graph = &walk->graph;
	size_t depth = 0;

	walk->frames[depth++] = (struct frame){.node = start};
	begin(walk, start);
	while (depth) {
		struct frame *frame = &walk->frames[depth - 1];
		size_t count;
		const uint32_t *ports = fib_set_ports(walk->set, walk->groups[frame->node], &count);
		uint32_t next;

		if (frame->port == count) {
			walk->states[frame->node] = STATE_DONE;
			if (--depth)
				inherit(graph, walk->frames[depth - 1].node, frame->node);
			continue;
		}
		if (ends_at_port(walk, frame->node, ports[frame->port++]))
			continue;
		next = walk->topology->far_node[ports[frame->port - 1]];
		if (walk->states[next] == STATE_OPEN) {
			graph->outcomes[frame->node] |= OUTCOME_LOOP;
			graph->loops = true;
		} else if (walk->states[next] == STATE_DONE) {
			inherit(graph, frame->node, next);
		} else {
			begin(walk, next);
			walk->frames[depth++] = (struct frame){.node = next};
		}
	}
}

/* Within a loop, a node was told of another before all was known of that one: so again, until
 * nothing more is learnt. Rare, and soon over. */
static void settle_loops(struct walk *walk) {
	uint8_t *outcomes = walk->graph.outcomes;
	bool changed = true;

	while (changed) {
		changed = false;
		for (uint32_t node = 0; node < walk->topology->node_count; node++) {
			uint8_t before = outcomes[node];
			size_t count;
			const uint32_t *ports =
				fib_set_ports(walk->set, walk->groups[node], &count);

			for (size_t i = 0; i < count; i++) {
				uint32_t far = walk->topology->far_node[ports[i]];

				if (far != TOPOLOGY_OUTSIDE && !is_dead(walk, ports[i]))
					outcomes[node] |= outcomes[far];
			}
			changed |= outcomes[node] != before;
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

static void study(struct walk *walk) {
	uint32_t nodes = walk->topology->node_count;
	struct graph *graph = &walk->graph;

	memset(graph->outcomes, 0, nodes * sizeof(*graph->outcomes));
	memset(graph->paths, 0, nodes * sizeof(*graph->paths));
	memset(graph->hops, 0, nodes * sizeof(*graph->hops));
	memset(walk->states, STATE_NEW, nodes);
	graph->end_count = 0;
	graph->loops = false;
	for (uint32_t node = 0; node < nodes; node++) {
		if (walk->states[node] == STATE_NEW)
			follow(walk, node);
		if (ends_here(walk, node))
			graph->ends[graph->end_count++] = node;
	}
	if (graph->loops)
		settle_loops(walk);
}

/* --- the vector of groups --- */

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

/* Brings the whole stack into the vector. */
static int write_stack(struct walk *walk) {
	for (; walk->written < walk->depth; walk->written++) {
		struct open_prefix *open = &walk->stack[walk->written];
		size_t count;
		const struct fib_entry *entries = fib_set_entries(walk->set, open->place, &count);

		open->saved = walk->saved_count;
		for (size_t i = 0; i < count; i++) {
			if (save(walk, entries[i].node))
				return -ENOMEM;
			set_group(walk, entries[i].node, entries[i].group);
		}
	}
	return 0;
}

/* Takes the innermost out of the vector, if it is in it. */
static void erase(struct walk *walk, const struct open_prefix *open) {
	if (walk->written < walk->depth)
		return;
	while (walk->saved_count > open->saved) {
		const struct fib_entry *entry = &walk->saved[--walk->saved_count];

		set_group(walk, entry->node, entry->group);
	}
	walk->written--;
}

/* --- contexts and classes --- */

static struct context *find_context(struct walk *walk, uint32_t outer, uint32_t row) {
	struct context *context, wanted;

	memset(&wanted.key, 0, sizeof(wanted.key));
	wanted.key.outer = outer;
	wanted.key.row = row;
	HASH_FIND(hh, walk->contexts, &wanted.key, sizeof(wanted.key), context);
	if (context)
		return context;
	context = calloc(1, sizeof(*context));
	if (!context)
		return NULL;
	context->key = wanted.key;
	context->number = HASH_COUNT(walk->contexts) + 1;
	context->class = UNKNOWN;
	HASH_ADD(hh, walk->contexts, key, sizeof(context->key), context);
	return context;
}

/* The class of the vector; `result` gets its graph if it is new. */
static int classify(struct walk *walk, struct class_result *result) {
	struct seen_class *class;
	int error = write_stack(walk);

	if (error)
		return error;
	HASH_FIND(hh, walk->classes, &walk->hash, sizeof(walk->hash), class);
	result->is_new = !class;
	if (!class) {
		class = calloc(1, sizeof(*class));
		if (!class)
			return -ENOMEM;
		class->hash = walk->hash;
		class->number = HASH_COUNT(walk->classes);
		HASH_ADD(hh, walk->classes, hash, sizeof(class->hash), class);
		study(walk);
		result->groups = walk->groups;
		result->outcomes = walk->graph.outcomes;
		result->paths = walk->graph.paths;
		result->hops = walk->graph.hops;
		result->ends = walk->graph.ends;
		result->end_count = walk->graph.end_count;
	}
	result->number = class->number;
	return 0;
}

static struct prefix host_of(address_number number, sa_family_t family) {
	struct prefix host = {.family = family, .length = (uint8_t)prefix_bits(family)};

	for (unsigned int i = prefix_bits(family) / 8; i-- > 0; number >>= 8)
		host.address[i] = (uint8_t)number;
	return host;
}

/* Tells of what the innermost prefix has by itself. */
static int tell(struct walk *walk, struct context *context) {
	const struct open_prefix *open = &walk->stack[walk->depth - 1];
	const struct prefix *prefix = fib_set_prefix(walk->set, open->place);
	struct class_result result = {.prefix = *prefix,
		.address = host_of(open->has_own ? open->own : open->next, prefix->family),
		.number = context->class};

	if (context->class == UNKNOWN) {
		int error = classify(walk, &result);

		if (error)
			return error;
		context->class = result.number;
	}
	return walk->told(walk->owner, &result);
}

/* --- all prefixes --- */

static int open_prefix(struct walk *walk, size_t place) {
	const struct prefix *prefix = fib_set_prefix(walk->set, place);
	const struct context *outer = walk->depth ? walk->stack[walk->depth - 1].context : NULL;
	struct context *context =
		find_context(walk, outer ? outer->number : 0, fib_set_row(walk->set, place));

	if (!context)
		return -ENOMEM;
	walk->stack[walk->depth++] = (struct open_prefix){.place = place,
		.next = number_of(prefix),
		.last = last_of(prefix),
		.context = context};
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
	int stop = open->has_own || !open->is_full ? tell(walk, open->context) : 0;

	erase(walk, open);
	walk->depth--;
	take_from_outer(walk, fib_set_prefix(walk->set, open->place));
	return stop;
}

static int walk_prefixes(struct walk *walk) {
	size_t count = fib_set_prefix_count(walk->set);
	int stop = 0;

	for (size_t i = 0; i < count && !stop; i++) {
		const struct prefix *prefix = fib_set_prefix(walk->set, i);

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

static void forget(struct walk *walk) {
	struct seen_class *class, *next_class;
	struct context *context, *next_context;

	HASH_ITER(hh, walk->classes, class, next_class) {
		HASH_DEL(walk->classes, class);
		free(class);
	}
	HASH_ITER(hh, walk->contexts, context, next_context) {
		HASH_DEL(walk->contexts, context);
		free(context);
	}
	free(walk->groups);
	free(walk->frames);
	free(walk->states);
	free(walk->saved);
	free(walk->graph.outcomes);
	free(walk->graph.paths);
	free(walk->graph.hops);
	free(walk->graph.ends);
}

int classes_walk(const struct fib_set *set, const struct topology *topology,
	int (*told)(void *owner, const struct class_result *result), void *owner) {
	struct walk walk = {.set = set, .topology = topology, .told = told, .owner = owner};
	size_t nodes = topology->node_count;
	int stop = -ENOMEM;

	walk.groups = calloc(nodes, sizeof(*walk.groups));
	walk.frames = calloc(nodes, sizeof(*walk.frames));
	walk.states = calloc(nodes, sizeof(*walk.states));
	walk.graph.outcomes = calloc(nodes, sizeof(*walk.graph.outcomes));
	walk.graph.paths = calloc(nodes, sizeof(*walk.graph.paths));
	walk.graph.hops = calloc(nodes, sizeof(*walk.graph.hops));
	walk.graph.ends = calloc(nodes, sizeof(*walk.graph.ends));
	if (walk.groups && walk.frames && walk.states && walk.graph.outcomes && walk.graph.paths &&
		walk.graph.hops && walk.graph.ends)
		stop = walk_prefixes(&walk);
	forget(&walk);
	return stop;
}
