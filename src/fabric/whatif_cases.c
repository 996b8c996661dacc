/* whatif_cases: see whatif_cases.h. */
#include "fabric/whatif_cases.h"

#include <errno.h>
#include <stdlib.h>

struct walk {
	struct whatif *whatif;
	const struct fabric *fabric;
	bool *link_is_down, *node_is_down;
	int (*told)(void *owner, const struct whatif_case *one);
	void *owner;
};

/* A link to a host that has no other. */
static bool is_last_link(const struct fabric *fabric, int link) {
	const struct fabric_node *lower =
		&fabric->nodes[fabric->ports[fabric->links[link].ports[1]].node];

	return lower->role == ROLE_HOST && lower->port_count == 1;
}

static bool can_fail(const struct fabric *fabric, int node) {
	return fabric->nodes[node].role != ROLE_HOST;
}

size_t whatif_case_count(const struct fabric *fabric, bool with_pairs) {
	size_t count = 1 + fabric->link_count, links = 0;

	for (int id = 0; id < (int)fabric->node_count; id++)
		count += can_fail(fabric, id);
	for (int link = 0; link < (int)fabric->link_count; link++)
		links += !is_last_link(fabric, link);
	return with_pairs && links ? count + links * (links - 1) / 2 : count;
}

static int evaluate(struct walk *walk, enum whatif_kind kind, int one, int other) {
	const struct model_failures failures = {
		.link_is_down = walk->link_is_down, .node_is_down = walk->node_is_down};
	struct whatif_case result = {.kind = kind, .one = one, .other = other};
	bool *first = kind == WHATIF_NODE ? walk->node_is_down : walk->link_is_down;

	if (one != FABRIC_NONE)
		first[one] = true;
	if (other != FABRIC_NONE)
		walk->link_is_down[other] = true;
	whatif_evaluate(walk->whatif, &failures, &result.result);
	if (one != FABRIC_NONE)
		first[one] = false;
	if (other != FABRIC_NONE)
		walk->link_is_down[other] = false;
	return walk->told(walk->owner, &result);
}

static int each_pair(struct walk *walk) {
	int links = (int)walk->fabric->link_count, stop = 0;

	for (int one = 0; one < links; one++)
		for (int other = one + 1; other < links && !stop; other++)
			if (!is_last_link(walk->fabric, one) && !is_last_link(walk->fabric, other))
				stop = evaluate(walk, WHATIF_PAIR, one, other);
	return stop;
}

int whatif_each_case(struct whatif *whatif, const struct fabric *fabric, bool with_pairs,
	int (*told)(void *owner, const struct whatif_case *one), void *owner) {
	struct walk walk = {.whatif = whatif,
		.fabric = fabric,
		.link_is_down = calloc(fabric->link_count + 1, sizeof(bool)),
		.node_is_down = calloc(fabric->node_count + 1, sizeof(bool)),
		.told = told,
		.owner = owner};
	int stop = -ENOMEM;

	if (walk.link_is_down && walk.node_is_down)
		stop = evaluate(&walk, WHATIF_NOTHING, FABRIC_NONE, FABRIC_NONE);
	for (int link = 0; link < (int)fabric->link_count && !stop; link++)
		stop = evaluate(&walk, WHATIF_LINK, link, FABRIC_NONE);
	for (int node = 0; node < (int)fabric->node_count && !stop; node++)
		if (can_fail(fabric, node))
			stop = evaluate(&walk, WHATIF_NODE, node, FABRIC_NONE);
	if (!stop && with_pairs)
		stop = each_pair(&walk);
	free(walk.link_is_down);
	free(walk.node_is_down);
	return stop;
}
