/* traffic: see traffic.h. */
#include "fabric/traffic.h"

#include "base/nearest.h"
#include "base/yaml_file.h"
#include "fabric/speed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 4 << 20, EXPECTED_BYTES = 160 };

struct reading {
	struct traffic *traffic;
	const struct fabric *fabric;
	struct yaml_file file;
	struct mistakes mistakes;
	size_t room;
	bool no_memory;
};

/* The nodes that a word stands for. */
struct place {
	int *nodes;
	size_t count;
};

static bool hangs_below(const struct fabric *fabric, int host, int leaf) {
	const struct fabric_node *node = &fabric->nodes[host];

	for (size_t n = 0; n < node->port_count; n++)
		if (fabric_neighbour(fabric, node->ports[n]) == &fabric->nodes[leaf])
			return true;
	return false;
}

/* Whether a node is of the place that a word names: itself, or a host of a leaf or tenant. */
static bool is_of_place(const struct fabric *fabric, int id, const char *word, int named) {
	const struct fabric_node *node = &fabric->nodes[id];

	if (id == named)
		return node->role == ROLE_HOST || node->role == ROLE_EXTERNAL;
	if (node->role != ROLE_HOST)
		return false;
	if (strcmp(word, "all") == 0 || (named != FABRIC_NONE && hangs_below(fabric, id, named)))
		return true;
	return node->tenant >= 0 && strcmp(fabric->intent->tenants[node->tenant].name, word) == 0;
}

/* All that may be said, NULL at the end; to be freed. */
static const char **list_places(const struct fabric *fabric) {
	const struct intent *intent = fabric->intent;
	const char **names = calloc(fabric->node_count + intent->tenant_count + 2, sizeof(*names));
	size_t count = 0;

	if (!names)
		return NULL;
	names[count++] = "all";
	for (size_t i = 0; i < intent->tenant_count; i++)
		names[count++] = intent->tenants[i].name;
	for (size_t i = 0; i < fabric->node_count; i++)
		if (fabric->nodes[i].role != ROLE_SPINE &&
			fabric->nodes[i].role != ROLE_SUPER_SPINE)
			names[count++] = fabric->nodes[i].name;
	return names;
}

static void expect_place(struct reading *reading, const yaml_node_t *value) {
	const char **names = list_places(reading->fabric);
	const char *nearest = names ? nearest_word(yaml_text(value), names) : NULL;
	char expected[EXPECTED_BYTES];

	snprintf(expected, sizeof(expected),
		"%s%s%sa host, an external router, a leaf with hosts, a tenant with hosts, or all",
		nearest ? "'" : "", nearest ? nearest : "", nearest ? "'? Or " : "");
	yaml_mistake(&reading->file, value, expected);
	free(names);
}

static void take_place(struct reading *reading, const yaml_node_t *value, struct place *place) {
	const struct fabric *fabric = reading->fabric;
	const char *word = yaml_text(value);
	int named = fabric_find(fabric, word);

	free(place->nodes);
	place->count = 0;
	place->nodes = calloc(fabric->node_count + 1, sizeof(*place->nodes));
	if (!place->nodes) {
		reading->no_memory = true;
		return;
	}
	for (int id = 0; id < (int)fabric->node_count; id++)
		if (is_of_place(fabric, id, word, named))
			place->nodes[place->count++] = id;
	if (!place->count)
		expect_place(reading, value);
}

static void add_demand(struct reading *reading, int from, int to, double mbps) {
	struct traffic *traffic = reading->traffic;

	if (traffic->count == reading->room) {
		size_t room = reading->room ? 2 * reading->room : 64;
		struct demand *more = realloc(traffic->demands, room * sizeof(*more));

		if (!more) {
			reading->no_memory = true;
			return;
		}
		traffic->demands = more;
		reading->room = room;
	}
	traffic->demands[traffic->count++] = (struct demand){from, to, mbps};
}

static void add_row(struct reading *reading, const struct place *from, const struct place *to,
	uint64_t mbps, bool is_each) {
	size_t pairs = 0;

	for (size_t i = 0; i < from->count; i++)
		for (size_t j = 0; j < to->count; j++)
			pairs += from->nodes[i] != to->nodes[j];
	for (size_t i = 0; i < from->count; i++)
		for (size_t j = 0; j < to->count && !reading->no_memory; j++)
			if (from->nodes[i] != to->nodes[j])
				add_demand(reading, from->nodes[i], to->nodes[j],
					is_each ? (double)mbps : (double)mbps / (double)pairs);
}

static void take_row(struct reading *reading, const yaml_node_t *row) {
	struct place from = {0}, to = {0};
	yaml_node_t *name, *value;
	size_t before = reading->mistakes.count;
	uint64_t mbps = 0;
	bool is_each = false;

	if (!yaml_is_mapping(row)) {
		yaml_mistake(&reading->file, row, "{from: PLACE, to: PLACE, rate: RATE}");
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, row, n, &name, &value); n++) {
		const char *key = yaml_text(name);

		if (strcmp(key, "from") == 0)
			take_place(reading, value, &from);
		else if (strcmp(key, "to") == 0)
			take_place(reading, value, &to);
		else if (strcmp(key, "rate") != 0 && strcmp(key, "each") != 0)
			yaml_mistake(&reading->file, name, "one of from, to, rate, each");
		else if (mbps)
			yaml_mistake(&reading->file, name, "either rate or each");
		else if (!speed_parse(yaml_text(value), &mbps))
			yaml_mistake(&reading->file, value, "a rate such as 400M or 2.5G");
		else
			is_each = strcmp(key, "each") == 0;
	}
	if (reading->mistakes.count == before && (!from.count || !to.count || !mbps))
		yaml_mistake(&reading->file, row, "all of from, to, and rate or each");
	else if (reading->mistakes.count == before)
		add_row(reading, &from, &to, mbps, is_each);
	free(from.nodes);
	free(to.nodes);
}

static void take_rows(struct reading *reading) {
	yaml_node_t *root = yaml_root(&reading->file), *name, *rows, *row;

	if (!yaml_is_mapping(root) || !yaml_pair(&reading->file, root, 0, &name, &rows) ||
		strcmp(yaml_text(name), "traffic") != 0 || !yaml_is_sequence(rows)) {
		yaml_mistake(&reading->file, root, "'traffic:' and a list of rows");
		return;
	}
	if (yaml_pair(&reading->file, root, 1, &name, &row))
		yaml_mistake(&reading->file, name, "nothing but 'traffic:'");
	for (size_t n = 0; (row = yaml_item(&reading->file, rows, n)); n++)
		take_row(reading, row);
}

static int compare_demands(const void *one, const void *other) {
	const struct demand *a = one, *b = other;

	return a->from != b->from ? (a->from > b->from) - (a->from < b->from)
				  : (a->to > b->to) - (a->to < b->to);
}

/* Rows that name the same pair add up. */
static void merge(struct traffic *traffic) {
	size_t count = 0;

	if (!traffic->count)
		return;
	qsort(traffic->demands, traffic->count, sizeof(*traffic->demands), compare_demands);
	for (size_t i = 1; i < traffic->count; i++)
		if (compare_demands(&traffic->demands[i], &traffic->demands[count]) == 0)
			traffic->demands[count].mbps += traffic->demands[i].mbps;
		else
			traffic->demands[++count] = traffic->demands[i];
	traffic->count = count + 1;
}

int traffic_read(struct traffic *traffic, const struct fabric *fabric, const char *path) {
	struct reading reading = {.traffic = traffic, .fabric = fabric, .mistakes = {.path = path}};
	int error = yaml_file_read(&reading.file, &reading.mistakes, FILE_BYTES_MAX);

	*traffic = (struct traffic){0};
	if (error)
		return error;
	take_rows(&reading);
	yaml_file_free(&reading.file);
	error = mistakes_tell(&reading.mistakes);
	if (reading.no_memory)
		error = -ENOMEM;
	if (error)
		traffic_free(traffic);
	else
		merge(traffic);
	return error;
}

void traffic_free(struct traffic *traffic) {
	free(traffic->demands);
	*traffic = (struct traffic){0};
}
