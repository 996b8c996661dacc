/* compare: see compare.h. */
#include "fabric/compare.h"

#include "fabric/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct comparison {
	const struct fabric *fabric;
	const struct fib_set *set;
	char *where;
	size_t where_size;
	int differences;
};

static void append(char *text, size_t size, const char *word) {
	size_t used = strlen(text);

	if (used < size)
		snprintf(text + used, size - used, "%s%s", used && text[used - 1] != ' ' ? " " : "",
			word);
}

/* A group in words: "swp63 swp64", "unreachable" … */
static void describe(const struct comparison *comparison, uint32_t group, char *text, size_t size) {
	static const char *const verdicts[FIB_VERDICTS] = {
		[FIB_NO_ROUTE] = "no route", [FIB_DROP] = "unreachable", [FIB_LOCAL] = "itself"};
	size_t count;
	const uint32_t *ports = fib_set_ports(comparison->set, group, &count);

	text[0] = '\0';
	if (group < FIB_VERDICTS)
		append(text, size, verdicts[group]);
	for (size_t i = 0; i < count; i++)
		append(text, size,
			ports[i] < comparison->fabric->port_count
				? comparison->fabric->ports[ports[i]].name
				: "another interface");
}

static int compare_class(void *owner, const struct class_result *result) {
	struct comparison *comparison = owner;
	size_t nodes = comparison->fabric->node_count;

	for (size_t id = 0; id < nodes; id++) {
		char prefix[PREFIX_TEXT_MAX], wanted[96], found[96];

		if (result->groups[id] == result->groups[nodes + id] ||
			!fabric_is_switch(&comparison->fabric->nodes[id]))
			continue;
		if (comparison->differences++ == 0) {
			describe(comparison, result->groups[id], wanted, sizeof(wanted));
			describe(comparison, result->groups[nodes + id], found, sizeof(found));
			snprintf(comparison->where, comparison->where_size,
				"%s at %s: by %s, not %s", prefix_text(&result->prefix, prefix),
				comparison->fabric->nodes[id].name, found, wanted);
		}
		return 0;
	}
	return 0;
}

int compare_tables(
	const struct fabric *fabric, struct fib_set *set, char *where, size_t where_size) {
	struct comparison comparison = {
		.fabric = fabric, .set = set, .where = where, .where_size = where_size};
	uint32_t ports = (uint32_t)fabric->port_count + 1, nodes = 2 * (uint32_t)fabric->node_count;
	uint32_t *far_node = malloc(ports * sizeof(*far_node));
	struct topology topology = {.node_count = nodes, .port_count = ports, .far_node = far_node};
	int error = far_node ? fib_set_finish(set) : -ENOMEM;

	/* Only the vectors are compared: that packets leave at once saves following them. */
	for (uint32_t port = 0; port < ports && far_node; port++)
		far_node[port] = TOPOLOGY_OUTSIDE;
	if (!error)
		error = classes_walk(set, &topology, AF_INET, compare_class, &comparison);
	if (!error)
		error = classes_walk(set, &topology, AF_INET6, compare_class, &comparison);
	free(far_node);
	return error ? error : comparison.differences;
}
