/* spread: see spread.h. A breadth-first walk: a node's distance is the length of its AS path, and
 * its ways are the neighbours one nearer that tell it, and whose path it takes. */
#include "fabric/spread.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 16 };

/* What one node knows of the way to an origin. */
struct way {
	bool from_external;       /* the path begins beyond the fabric */
	bool is_across;           /* it came in from another site here */
	bool has_crossed;         /* or somewhere on its way */
	uint32_t path[PATH_MOST]; /* AS numbers, nearest first, of one of the equal paths */
};

struct spread {
	const struct fabric *fabric;
	const struct model_failures *failures;
	int tenant;
	uint8_t *lengths; /* of the AS paths */
	struct way *ways;
	int *order; /* as they are reached */
	size_t count;
};

struct spread *spread_create(const struct fabric *fabric) {
	struct spread *spread = calloc(1, sizeof(*spread));

	if (!spread)
		return NULL;
	spread->fabric = fabric;
	spread->lengths = calloc(fabric->node_count + 1, sizeof(*spread->lengths));
	spread->ways = calloc(fabric->node_count + 1, sizeof(*spread->ways));
	spread->order = calloc(fabric->node_count + 1, sizeof(*spread->order));
	if (spread->lengths && spread->ways && spread->order)
		return spread;
	spread_destroy(spread);
	return NULL;
}

void spread_destroy(struct spread *spread) {
	if (!spread)
		return;
	free(spread->lengths);
	free(spread->ways);
	free(spread->order);
	free(spread);
}

bool spread_node_is_up(const struct model_failures *failures, int node) {
	return !failures || !failures->node_is_down || !failures->node_is_down[node];
}

bool spread_port_is_up(
	const struct fabric *fabric, const struct model_failures *failures, int port) {
	if (failures && failures->link_is_down && failures->link_is_down[fabric->ports[port].link])
		return false;
	return spread_node_is_up(failures, fabric->ports[port].node) &&
	       spread_node_is_up(failures, fabric->ports[fabric->ports[port].other].node);
}

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

/* Whether a node tells a neighbour of the way that it has. */
static bool tells(const struct spread *spread, int from, int to) {
	const struct fabric_node *teller = &spread->fabric->nodes[from],
				 *hearer = &spread->fabric->nodes[to];
	const struct way *way = &spread->ways[from];
	uint8_t length = spread->lengths[from];

	if (hearer->role == ROLE_HOST)
		return false;
	if (hearer->role == ROLE_EXTERNAL)
		return spread->tenant >= 0 &&
		       !fabric_denies(spread->fabric, spread->tenant, TENANT_EXTERNAL);
	if (teller->role == ROLE_EXTERNAL)
		return length == 0;
	if (fabric_are_across(teller, hearer))
		return !way->has_crossed;
	/* A leaf tells upwards what is its own, its external routers', or another site's. */
	return !is_leaf(teller) || length == 0 || (way->from_external && length == 1) ||
	       way->is_across;
}

static bool takes(const struct spread *spread, int from, int to) {
	const struct fabric_node *node = &spread->fabric->nodes[to];
	const struct way *way = &spread->ways[from];
	uint8_t length = spread->lengths[from];

	if (spread->fabric->nodes[from].asn == node->asn || length + 1 >= PATH_MOST)
		return false;
	for (int i = 0; i < length; i++)
		if (way->path[i] == node->asn)
			return false;
	return !is_leaf(node) || spread->tenant == FABRIC_NONE ||
	       fabric_node_knows(spread->fabric, to, spread->tenant);
}

static void reach(struct spread *spread, int from, int to) {
	const struct way *way = &spread->ways[from];
	struct way *other = &spread->ways[to];

	spread->lengths[to] = (uint8_t)(spread->lengths[from] + 1);
	other->from_external = way->from_external;
	other->is_across =
		fabric_are_across(&spread->fabric->nodes[from], &spread->fabric->nodes[to]);
	other->has_crossed = way->has_crossed || other->is_across;
	other->path[0] = spread->fabric->nodes[from].asn;
	memcpy(other->path + 1, way->path, spread->lengths[from] * sizeof(*way->path));
	spread->order[spread->count++] = to;
}

void spread_from(struct spread *spread, const struct model_failures *failures, const int *origins,
	size_t count, int tenant) {
	const struct fabric *fabric = spread->fabric;

	spread->failures = failures;
	spread->tenant = tenant;
	spread->count = 0;
	memset(spread->lengths, SPREAD_FAR, fabric->node_count);
	for (size_t i = 0; i < count; i++) {
		if (!spread_node_is_up(failures, origins[i]) || spread->lengths[origins[i]] == 0)
			continue;
		spread->lengths[origins[i]] = 0;
		spread->ways[origins[i]] = (struct way){
			.from_external = fabric->nodes[origins[i]].role == ROLE_EXTERNAL};
		spread->order[spread->count++] = origins[i];
	}
	for (size_t head = 0; head < spread->count; head++) {
		int from = spread->order[head];
		const struct fabric_node *node = &fabric->nodes[from];

		for (size_t n = 0; n < node->port_count; n++) {
			int to = fabric->ports[fabric->ports[node->ports[n]].other].node;

			if (spread->lengths[to] == SPREAD_FAR &&
				spread_port_is_up(fabric, failures, node->ports[n]) &&
				tells(spread, from, to) && takes(spread, from, to))
				reach(spread, from, to);
		}
	}
}

uint8_t spread_length(const struct spread *spread, int node) {
	return spread->lengths[node];
}

size_t spread_ways(const struct spread *spread, int to, uint32_t *ports) {
	const struct fabric *fabric = spread->fabric;
	const struct fabric_node *node = &fabric->nodes[to];
	size_t count = 0;

	if (spread->lengths[to] == 0 || spread->lengths[to] == SPREAD_FAR)
		return 0;
	for (size_t n = 0; n < node->port_count; n++) {
		int from = fabric->ports[fabric->ports[node->ports[n]].other].node;

		if (spread->lengths[from] + 1 == spread->lengths[to] &&
			spread_port_is_up(fabric, spread->failures, node->ports[n]) &&
			tells(spread, from, to) && takes(spread, from, to))
			ports[count++] = (uint32_t)node->ports[n];
	}
	return count;
}

const int *spread_order(const struct spread *spread, size_t *count) {
	*count = spread->count;
	return spread->order;
}
