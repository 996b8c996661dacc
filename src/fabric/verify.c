/* verify: see verify.h. Nodes and ports of layer k are those of the design, moved by k times their
 * number, so that one walk follows all layers. */
#include "fabric/verify.h"

#include "fabric/classes.h"
#include "fabric/witness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* What is wrong with a class in a layer; one node speaks for it. */
struct finding {
	struct {
		uint32_t layer, node, found, wanted; /* groups */
		uint32_t kind;
	} key;
	int sender; /* whose packets go wrong; or FABRIC_NONE */
	char *way;
};

/* Findings with one key, as they are told merged. */
struct merged {
	uint32_t key[5];
	struct prefix prefix; /* that stands for all */
	bool is_told;
	struct violation violation;
	UT_hash_handle hh;
};

struct verify {
	const struct fabric *fabric;
	const struct verify_layer *layers;
	size_t layer_count;
	uint32_t nodes, ports; /* of one layer; ports with one more for strange interfaces */
	struct fib_set *set;
	uint32_t *node_of_port, *far_node;
	bool *port_is_dead;
	uint32_t *model_group; /* by group: the same of layer 0, UINT32_MAX: not known yet */
	size_t model_group_room;
	struct finding **findings; /* by class and layer above 0; NULL: nothing is wrong */
	size_t finding_room;
	struct merged *merged;
	uint8_t *turns; /* by node of all layers: of the class that is looked at */
	const struct verify_telling *telling;
	struct verify_summary *summary;
	bool no_memory;
};

const char *violation_name(enum violation_kind kind) {
	static const char *const names[VIOLATION_KINDS] = {[VIOLATION_ENTRY] = "entry",
		[VIOLATION_LOOP] = "loop",
		[VIOLATION_BLACKHOLE] = "blackhole",
		[VIOLATION_LEAK] = "leak",
		[VIOLATION_DEAD] = "dead-neighbour",
		[VIOLATION_PATHS] = "paths",
		[VIOLATION_VALLEY] = "valley",
		[VIOLATION_SHARES] = "shares",
		[VIOLATION_NEIGHBOUR] = "neighbour",
		[VIOLATION_RULE] = "rule",
		[VIOLATION_UNREAD] = "unread"};

	return names[kind];
}

static uint32_t far_of(const struct verify *verify, size_t layer, uint32_t port) {
	const struct fabric *fabric = verify->fabric;
	int node;

	if (port >= fabric->port_count)
		return TOPOLOGY_OUTSIDE;
	node = fabric->ports[fabric->ports[port].other].node;
	return fabric_is_switch(&fabric->nodes[node])
		       ? (uint32_t)(layer * verify->nodes) + (uint32_t)node
		       : TOPOLOGY_OUTSIDE;
}

static void lay_out(struct verify *verify) {
	const struct fabric *fabric = verify->fabric;

	for (size_t layer = 0; layer < verify->layer_count; layer++)
		for (uint32_t port = 0; port < verify->ports; port++) {
			size_t place = layer * verify->ports + port;

			verify->far_node[place] = far_of(verify, layer, port);
			if (port >= fabric->port_count)
				continue;
			verify->node_of_port[place] = (uint32_t)(layer * verify->nodes) +
						      (uint32_t)fabric->ports[port].node;
			verify->port_is_dead[place] = verify->layers[layer].port_is_dead &&
						      verify->layers[layer].port_is_dead[port];
		}
}

struct verify *verify_create(
	const struct fabric *fabric, const struct verify_layer *layers, size_t count) {
	struct verify *verify = calloc(1, sizeof(*verify));
	size_t ports = (fabric->port_count + 1) * count;

	if (!verify)
		return NULL;
	verify->fabric = fabric;
	verify->layers = layers;
	verify->layer_count = count;
	verify->nodes = (uint32_t)fabric->node_count;
	verify->ports = (uint32_t)fabric->port_count + 1;
	verify->set = fib_set_create();
	verify->node_of_port = calloc(ports, sizeof(*verify->node_of_port));
	verify->far_node = calloc(ports, sizeof(*verify->far_node));
	verify->port_is_dead = calloc(ports, sizeof(*verify->port_is_dead));
	verify->turns = calloc(fabric->node_count * count + 1, sizeof(*verify->turns));
	if (!verify->set || !verify->node_of_port || !verify->far_node || !verify->port_is_dead ||
		!verify->turns) {
		verify_destroy(verify);
		return NULL;
	}
	lay_out(verify);
	return verify;
}

static void forget_findings(struct verify *verify) {
	struct merged *merged, *next;

	for (size_t i = 0; i < verify->finding_room; i++)
		if (verify->findings[i]) {
			free(verify->findings[i]->way);
			free(verify->findings[i]);
		}
	free(verify->findings);
	HASH_ITER(hh, verify->merged, merged, next) {
		HASH_DEL(verify->merged, merged);
		free(merged);
	}
}

void verify_destroy(struct verify *verify) {
	if (!verify)
		return;
	fib_set_destroy(verify->set);
	free(verify->node_of_port);
	free(verify->far_node);
	free(verify->port_is_dead);
	free(verify->model_group);
	free(verify->turns);
	forget_findings(verify);
	free(verify);
}

struct verify_place verify_place(struct verify *verify, size_t layer, int node) {
	return (struct verify_place){.set = verify->set,
		.node = (uint32_t)layer * verify->nodes + (uint32_t)node,
		.first_port = (uint32_t)layer * verify->ports,
		.strange_port = (uint32_t)(layer + 1) * verify->ports - 1};
}

void verify_mark_dead(struct verify *verify, size_t layer, int port) {
	verify->port_is_dead[layer * verify->ports + (size_t)port] = true;
}

/* --- groups of other layers, in the model's numbers --- */

static uint32_t translate(struct verify *verify, size_t layer, uint32_t group) {
	size_t count;
	const uint32_t *ports = fib_set_ports(verify->set, group, &count);
	uint32_t *moved = malloc((count + 1) * sizeof(*moved)), translated = UINT32_MAX;

	for (size_t i = 0; moved && i < count; i++)
		moved[i] = ports[i] - (uint32_t)layer * verify->ports;
	if (moved)
		translated = fib_set_group(verify->set, moved, count);
	free(moved);
	return translated;
}

static uint32_t in_model(struct verify *verify, size_t layer, uint32_t group) {
	if (group < FIB_VERDICTS || layer == 0)
		return group;
	if (group >= verify->model_group_room) {
		size_t room = 2 * (fib_set_group_count(verify->set) + group);
		uint32_t *more = realloc(verify->model_group, room * sizeof(*more));

		if (!more) {
			verify->no_memory = true;
			return group;
		}
		memset(more + verify->model_group_room, 0xff,
			(room - verify->model_group_room) * sizeof(*more));
		verify->model_group = more;
		verify->model_group_room = room;
	}
	if (verify->model_group[group] == UINT32_MAX)
		verify->model_group[group] = translate(verify, layer, group);
	return verify->model_group[group];
}

/* --- one class --- */

/* Where the tables agree, so do the ways; but a port may be down all the same. */
static bool goes_to_the_dead(const struct look *look, uint32_t node) {
	size_t count;
	const uint32_t *ports = fib_set_ports(look->set, look_group(look, node), &count);

	for (size_t i = 0; i < count; i++)
		if (look->port_is_dead[ports[i]])
			return true;
	return false;
}

static bool is_wrong(struct verify *verify, const struct look *look, uint32_t node) {
	return in_model(verify, look->layer, look_group(look, node)) !=
		       look->result->groups[node] ||
	       goes_to_the_dead(look, node);
}

/* The node that speaks for the class: the first whose entry is wrong; if none is, and packets come
 * to where they were all the same, the first of those. FABRIC_NONE if all is well. */
static int find_speaker(struct verify *verify, const struct look *look) {
	int looping = FABRIC_NONE;

	for (int id = 0; id < (int)verify->nodes; id++) {
		if (!fabric_is_switch(&verify->fabric->nodes[id]))
			continue;
		if (is_wrong(verify, look, (uint32_t)id))
			return id;
		if (looping == FABRIC_NONE && look_outcome(look, (uint32_t)id) & OUTCOME_LOOP)
			looping = id;
	}
	return looping;
}

static struct finding *find(struct verify *verify, const struct look *look, uint32_t node) {
	struct finding *finding = calloc(1, sizeof(*finding));
	char way[VERIFY_TEXT_MAX] = "";
	enum violation_kind kind;

	if (!finding)
		return NULL;
	for (size_t layer = 0; layer <= look->layer; layer += look->layer) {
		struct look each = *look;

		each.layer = layer;
		witness_turns(&each, verify->turns);
	}
	finding->sender = witness_sender(look, &kind);
	if (finding->sender != FABRIC_NONE)
		witness_way(look, finding->sender, kind, way, sizeof(way));
	finding->key.layer = (uint32_t)look->layer;
	finding->key.node = node;
	finding->key.found = look_group(look, node);
	finding->key.wanted = look->result->groups[node];
	finding->key.kind = kind;
	finding->way = strdup(way);
	if (finding->way)
		return finding;
	free(finding);
	return NULL;
}

static void look_at(struct verify *verify, const struct look *look, struct finding **place) {
	int speaker = find_speaker(verify, look);

	if (speaker == FABRIC_NONE)
		return;
	*place = find(verify, look, (uint32_t)speaker);
	verify->no_memory |= !*place;
}

static struct finding **findings_of(struct verify *verify, uint32_t class) {
	return verify->findings + class * (verify->layer_count - 1);
}

static bool make_finding_room(struct verify *verify, uint32_t class) {
	size_t count = ((size_t) class + 1) * (verify->layer_count - 1), room = 2 * count + 64;
	struct finding **more;

	if (count <= verify->finding_room)
		return true;
	more = realloc(verify->findings, room * sizeof(*more));
	if (!more)
		return false;
	memset(more + verify->finding_room, 0, (room - verify->finding_room) * sizeof(*more));
	verify->findings = more;
	verify->finding_room = room;
	return true;
}

static void look_at_class(struct verify *verify, const struct class_result *result) {
	struct look look = {.fabric = verify->fabric,
		.set = verify->set,
		.nodes = verify->nodes,
		.ports = verify->ports,
		.far_node = verify->far_node,
		.port_is_dead = verify->port_is_dead,
		.result = result,
		.turns = verify->turns};

	for (look.layer = 1; look.layer < verify->layer_count; look.layer++)
		look_at(verify, &look, &findings_of(verify, result->number)[look.layer - 1]);
}

/* --- telling --- */

static void describe(const struct verify *verify, const struct finding *finding,
	const struct class_result *result, struct violation *violation) {
	*violation = (struct violation){.kind = (enum violation_kind)finding->key.kind,
		.layer = verify->layers[finding->key.layer].name,
		.node = verify->fabric->nodes[finding->key.node].name};
	prefix_text(&result->prefix, violation->destination);
	witness_group(verify->fabric, verify->set, finding->key.layer * verify->ports,
		finding->key.found, violation->found, sizeof(violation->found));
	witness_group(verify->fabric, verify->set, 0, finding->key.wanted, violation->wanted,
		sizeof(violation->wanted));
	if (finding->sender == FABRIC_NONE)
		return;
	witness_packet(verify->fabric, finding->sender, &result->address, violation->packet,
		sizeof(violation->packet));
	strcpy(violation->way, finding->way);
}

/* Whether a destination says better than another what the wrong entry is for: the wider one. */
static bool is_wider(const struct prefix *one, const struct prefix *other) {
	return one->family == other->family && one->length < other->length;
}

/* Keeps one destination of each key, and counts the others. */
static void merge(
	struct verify *verify, const struct finding *finding, const struct class_result *result) {
	struct merged *merged;
	size_t more;

	_Static_assert(sizeof(finding->key) == sizeof(merged->key), "the same key");
	HASH_FIND(hh, verify->merged, &finding->key, sizeof(finding->key), merged);
	if (!merged) {
		merged = calloc(1, sizeof(*merged));
		if (!merged) {
			verify->no_memory = true;
			return;
		}
		memcpy(merged->key, &finding->key, sizeof(merged->key));
		HASH_ADD(hh, verify->merged, key, sizeof(merged->key), merged);
		merged->is_told = verify->summary->merged++ < verify->telling->most;
	} else {
		merged->violation.more++;
		if (!is_wider(&result->prefix, &merged->prefix))
			return;
	}
	merged->prefix = result->prefix;
	more = merged->violation.more;
	if (merged->is_told)
		describe(verify, finding, result, &merged->violation);
	merged->violation.more = more;
}

void verify_tell(
	const struct verify_telling *telling, size_t *count, const struct violation *violation) {
	if ((*count)++ < telling->most)
		telling->told(telling->owner, violation);
}

static void tell(
	struct verify *verify, const struct finding *finding, const struct class_result *result) {
	const struct verify_telling *telling = verify->telling;
	struct violation violation;

	if (telling->manner == VERIFY_MERGED) {
		verify->summary->violations++;
		merge(verify, finding, result);
		return;
	}
	if (verify->summary->violations < telling->most)
		describe(verify, finding, result, &violation);
	verify_tell(telling, &verify->summary->violations, &violation);
}

static void tell_merged(const struct verify *verify) {
	size_t left = verify->telling->most;

	for (const struct merged *merged = verify->merged; merged && left;
		merged = merged->hh.next, left--)
		verify->telling->told(verify->telling->owner, &merged->violation);
}

static int check_class(void *owner, const struct class_result *result) {
	struct verify *verify = owner;
	struct finding **findings;

	verify->summary->prefixes++;
	verify->summary->classes += result->is_new;
	if (!make_finding_room(verify, result->number))
		return -ENOMEM;
	if (result->is_new)
		look_at_class(verify, result);
	findings = findings_of(verify, result->number);
	for (size_t i = 0; i + 1 < verify->layer_count; i++)
		if (findings[i])
			tell(verify, findings[i], result);
	return verify->no_memory ? -ENOMEM : 0;
}

int verify_run(struct verify *verify, const struct verify_telling *telling,
	struct verify_summary *summary) {
	const struct topology topology = {
		.node_count = verify->nodes * (uint32_t)verify->layer_count,
		.port_count = verify->ports * (uint32_t)verify->layer_count,
		.node_of_port = verify->node_of_port,
		.far_node = verify->far_node,
		.port_is_dead = verify->port_is_dead};
	int error = fib_set_finish(verify->set);

	*summary = (struct verify_summary){.entries = fib_set_entry_count(verify->set)};
	verify->telling = telling;
	verify->summary = summary;
	if (!error)
		error = classes_walk(verify->set, &topology, check_class, verify);
	if (!error)
		tell_merged(verify);
	return error;
}
