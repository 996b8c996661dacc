/* fib_change: see fib_change.h. */
#include "fabric/fib_change.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One node's table in one of the sets. */
struct side {
	const struct fib_set *set;
	uint32_t *groups; /* by prefix */
	size_t count, at;
};

static int open_side(struct side *side, const struct fib_set *set) {
	*side = (struct side){.set = set, .count = fib_set_prefix_count(set)};
	side->groups = calloc(side->count + 1, sizeof(*side->groups));
	return side->groups ? 0 : -ENOMEM;
}

/* Groups are numbered by each set for itself; what they are is the same. */
static bool is_same_group(const struct side *one, const struct side *other) {
	uint32_t a = one->groups[one->at], b = other->groups[other->at];
	size_t count, others;
	const uint32_t *ports, *other_ports;

	if (a == (uint32_t)FIB_ABSENT || b == (uint32_t)FIB_ABSENT || a < FIB_VERDICTS ||
		b < FIB_VERDICTS)
		return a == b;
	ports = fib_set_ports(one->set, a, &count);
	other_ports = fib_set_ports(other->set, b, &others);
	return count == others && memcmp(ports, other_ports, count * sizeof(*ports)) == 0;
}

static bool is_there(const struct side *side) {
	return side->groups[side->at] != (uint32_t)FIB_ABSENT;
}

/* Both are in order; what only one has counts if the node has it. */
static size_t count_node(struct side *one, struct side *other) {
	size_t changed = 0;

	one->at = other->at = 0;
	while (one->at < one->count || other->at < other->count) {
		int order = one->at == one->count ? 1
			    : other->at == other->count
				    ? -1
				    : prefix_compare(fib_set_prefix(one->set, one->at),
					      fib_set_prefix(other->set, other->at));

		if (order == 0)
			changed += !is_same_group(one, other);
		else
			changed += is_there(order < 0 ? one : other);
		one->at += order <= 0;
		other->at += order >= 0;
	}
	return changed;
}

static int count_all(
	struct side *one, struct side *other, size_t node_count, struct fib_change *change) {
	int error = 0;

	for (uint32_t node = 0; node < node_count && !error; node++) {
		size_t changed = 0;

		error = fib_set_column(one->set, node, one->groups);
		if (!error)
			error = fib_set_column(other->set, node, other->groups);
		if (!error)
			changed = count_node(one, other);
		change->entries += changed;
		change->nodes += changed > 0;
	}
	return error;
}

int fib_change_count(const struct fib_set *before, const struct fib_set *after, size_t node_count,
	struct fib_change *change) {
	struct side one, other = {0};
	int error = open_side(&one, before);

	*change = (struct fib_change){0};
	if (!error)
		error = open_side(&other, after);
	if (!error)
		error = count_all(&one, &other, node_count, change);
	free(one.groups);
	free(other.groups);
	return error;
}
