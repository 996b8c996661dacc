/* routes_pair: two routes that share nothing: a flow of two units at the least cost, in a graph
 * whose nodes are split in two so that each is passed once; see routes.h. */
#include "optics/routes_private.h"

#include <math.h>
#include <string.h>

enum { NO_ARC = -1 };

/* Arcs are paired: 2k is one, 2k + 1 what takes it back. */
struct arc {
	int to, next; /* the next that leaves the same vertex */
	int section;  /* SECTION_NONE for those within nodes */
	int room;
	double cost;
};

struct flow {
	struct arc *arcs;
	size_t arc_count, vertex_count;
	int *first; /* by vertex */
};

static int vertex_in(int node) {
	return 2 * node;
}

static int vertex_out(int node) {
	return 2 * node + 1;
}

static void put_arc(struct flow *flow, int from, int to, int section, int room, double cost) {
	flow->arcs[flow->arc_count] = (struct arc){to, flow->first[from], section, room, cost};
	flow->first[from] = (int)flow->arc_count++;
	flow->arcs[flow->arc_count] = (struct arc){from, flow->first[to], section, 0, -cost};
	flow->first[to] = (int)flow->arc_count++;
}

/* What two routes between the same ends cannot but share: the nodes that the ends are patched to.
 */
static bool *find_shared(
	struct arena *arena, const struct sections *sections, int from, const int to[2]) {
	bool *shared = arena_array(arena, sections->node_count, sizeof(*shared));

	for (size_t s = 0; s < sections->count && to[0] == to[1]; s++) {
		const struct section *section = &sections->list[s];

		if (section_is_line(section))
			continue;
		if (section->from == from)
			shared[section->to] = true;
		if (section->to == to[0])
			shared[section->from] = true;
	}
	return shared;
}

static void build(struct flow *flow, struct arena *arena, const struct sections *sections, int from,
	const int to[2], bool nodes_too, const struct route_limits *limits) {
	const bool *shared = find_shared(arena, sections, from, to);
	size_t nodes = sections->node_count;
	int sink = (int)(2 * nodes);

	flow->vertex_count = 2 * nodes + 1;
	flow->first = arena_array(arena, flow->vertex_count, sizeof(int));
	flow->arcs = arena_array(arena, 2 * (nodes + sections->count + 2), sizeof(*flow->arcs));
	for (size_t v = 0; v < flow->vertex_count; v++)
		flow->first[v] = NO_ARC;
	for (size_t n = 0; n < nodes; n++)
		if (sections_passable(sections, (int)n) && (int)n != to[0] && (int)n != to[1])
			put_arc(flow, vertex_in((int)n), vertex_out((int)n), SECTION_NONE,
				nodes_too && !shared[n] ? 1 : 2, 0);
	for (size_t s = 0; s < sections->count; s++) {
		const struct section *section = &sections->list[s];

		if (route_allows(sections, limits, (int)s))
			put_arc(flow, vertex_out(section->from), vertex_in(section->to), (int)s,
				section_is_line(section) ? 1 : 2, section->length_m);
	}
	put_arc(flow, vertex_in(to[0]), sink, SECTION_NONE, 1, 0);
	put_arc(flow, vertex_in(to[1]), sink, SECTION_NONE, 1, 0);
}

/* Bellman's and Ford's, with a queue of vertices; `came` gets the arcs. */
static bool shortest(const struct flow *flow, int from, int to, struct arena *scratch, int *came) {
	size_t size = flow->vertex_count, head = 0, waiting = 1;
	double *distance = arena_array(scratch, size, sizeof(*distance));
	bool *queued = arena_array(scratch, size, sizeof(*queued));
	int *queue = arena_array(scratch, size, sizeof(*queue));

	for (size_t v = 0; v < size; v++)
		distance[v] = INFINITY;
	distance[from] = 0;
	queue[0] = from;
	for (; waiting > 0; waiting--) {
		int at = queue[head];

		head = (head + 1) % size;
		queued[at] = false;
		for (int a = flow->first[at]; a != NO_ARC; a = flow->arcs[a].next) {
			const struct arc *arc = &flow->arcs[a];
			double far = distance[at] + arc->cost;

			if (!arc->room || far >= distance[arc->to] - 1e-9)
				continue;
			distance[arc->to] = far;
			came[arc->to] = a;
			if (!queued[arc->to])
				queue[(head + waiting++ - 1) % size] = arc->to;
			queued[arc->to] = true;
		}
	}
	return isfinite(distance[to]);
}

static bool send_one(struct flow *flow, int from) {
	struct arena scratch = {0};
	int sink = (int)flow->vertex_count - 1;
	int *came = arena_array(&scratch, flow->vertex_count, sizeof(int));
	bool found = shortest(flow, from, sink, &scratch, came);

	for (int at = sink; found && at != from; at = flow->arcs[came[at] ^ 1].to) {
		flow->arcs[came[at]].room--;
		flow->arcs[came[at] ^ 1].room++;
	}
	arena_free(&scratch);
	return found;
}

/* Takes one unit of flow away, and its sections down. */
static void take_route(struct flow *flow, struct arena *arena, const struct sections *sections,
	int from, struct route *route) {
	int sink = (int)flow->vertex_count - 1;

	*route = (struct route){0};
	for (int at = from; at != sink;) {
		int a = flow->first[at];

		while ((a & 1) || !flow->arcs[a ^ 1].room)
			a = flow->arcs[a].next;
		flow->arcs[a ^ 1].room--;
		if (flow->arcs[a].section != SECTION_NONE) {
			*(int *)arena_append(arena, &route->sections, &route->count, sizeof(int)) =
				flow->arcs[a].section;
			route->length_m += sections->list[flow->arcs[a].section].length_m;
		}
		at = flow->arcs[a].to;
	}
}

static int end_of(const struct sections *sections, const struct route *route) {
	return sections->list[route->sections[route->count - 1]].to;
}

bool route_pair(struct arena *arena, const struct sections *sections, int from, const int to[2],
	bool nodes_too, const struct route_limits *limits, struct route pair[2]) {
	struct arena scratch = {0};
	struct flow flow = {0};
	bool found;

	build(&flow, &scratch, sections, from, to, nodes_too, limits);
	found = send_one(&flow, vertex_out(from)) && send_one(&flow, vertex_out(from));
	for (int i = 0; found && i < 2; i++)
		take_route(&flow, arena, sections, vertex_out(from), &pair[i]);
	if (found && end_of(sections, &pair[0]) != to[0]) {
		struct route other = pair[0];

		pair[0] = pair[1];
		pair[1] = other;
	}
	arena_free(&scratch);
	return found;
}
