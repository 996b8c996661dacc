/* design_nodes: nodes with their AS numbers and loopbacks, and the numbers of tenants (design.h).
 */
#include "fabric/design.h"

#include "fabric/intent_nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t ASN_LAST = 4294967294; /* RFC 7300: the one after it is reserved */

static int tenant_named(const struct intent *intent, const char *name) {
	for (size_t i = 0; i < intent->tenant_count; i++)
		if (strcmp(intent->tenants[i].name, name) == 0)
			return (int)i;
	return FABRIC_NONE;
}

/* The n-th AS number from the base on. */
static uint32_t asn_at(struct design *design, uint32_t n) {
	const struct intent *intent = design->fabric.intent;

	if (n <= ASN_LAST - intent->asn_base)
		return intent->asn_base + n;
	design_mistake(design, intent_line(intent, "asn-base"),
		"'asn-base' %u leaves no number for all switches: expected a lower one",
		intent->asn_base);
	return 0;
}

/* What the spines of a pod are one number for: a site by its name, as another may come before it.
 */
static uint32_t spines_number(struct design *design, uint32_t pod) {
	const struct intent *intent = design->fabric.intent;

	if (intent->shape == SHAPE_SITES && pod)
		return design_take(design, "asn", "%s spines", intent->sites.names[pod - 1]);
	return design_take(design, "asn", "pod%u spines", pod);
}

/* Those above the leaves share a number within their tier and pod, and leaves have one each
 * (RFC 7938, section 5.2.1): a path down and up again would meet a number twice, and is dropped. */
static uint32_t choose_asn(struct design *design, const struct fabric_node *node) {
	const struct intent *intent = design->fabric.intent;
	const struct intent_external *external;

	switch (node->role) {
	case ROLE_HOST:
		return 0;
	case ROLE_EXTERNAL:
		external = intent_external_of(intent, node->name);
		return external ? external->asn : intent->asn_base - 1;
	case ROLE_SUPER_SPINE:
		return asn_at(design, design_take(design, "asn", "super-spines"));
	case ROLE_SPINE:
		return asn_at(design, spines_number(design, node->pod));
	default:
		return asn_at(design, design_take(design, "asn", "%s", node->name));
	}
}

static int add_node(void *owner, const struct wanted_node *wanted) {
	struct design *design = owner;
	struct fabric *fabric = &design->fabric;
	struct fabric_node *node =
		design_append(design, &fabric->nodes, &fabric->node_count, sizeof(*fabric->nodes));

	if (!node)
		return -ENOMEM;
	memcpy(node->name, wanted->name, sizeof(node->name));
	node->role = wanted->role;
	node->pod = wanted->pod;
	node->line = wanted->at ? wanted->at->line : 0;
	node->tenant = wanted->role == ROLE_HOST ? tenant_named(fabric->intent, wanted->tenant)
						 : FABRIC_NONE;
	return 0;
}

static int index_nodes(struct design *design) {
	struct fabric *fabric = &design->fabric;

	for (size_t i = 0; i < fabric->node_count; i++) {
		struct name_entry *entry = calloc(1, sizeof(*entry));

		if (!entry)
			return -ENOMEM;
		entry->name = fabric->nodes[i].name;
		entry->node = (int)i;
		HASH_ADD_KEYPTR(hh, design->names, entry->name, strlen(entry->name), entry);
	}
	return 0;
}

static void number_tenants(struct design *design) {
	const struct intent *intent = design->fabric.intent;
	uint32_t *numbers = calloc(intent->tenant_count + 1, sizeof(*numbers));

	if (!numbers)
		design->no_memory = true;
	for (size_t i = 0; i < intent->tenant_count && numbers; i++)
		numbers[i] = design_take(design, "tenant", "%s", intent->tenants[i].name) + 1;
	design->fabric.tenant_numbers = numbers;
}

static void number_nodes(struct design *design) {
	struct fabric *fabric = &design->fabric;
	const struct intent *intent = fabric->intent;

	for (size_t i = 0; i < fabric->node_count; i++) {
		struct fabric_node *node = &fabric->nodes[i];
		uint32_t number;

		node->asn = choose_asn(design, node);
		if (node->role == ROLE_HOST)
			continue;
		number = design_take(design, "loopback", "%s", node->name) + 1;
		node->loopback4 = design_part_of(design,
			(struct pool){&intent->loopbacks4, intent_line(intent, "loopbacks-ipv4")},
			32, number, "one more loopback");
		node->loopback6 = design_part_of(design,
			(struct pool){&intent->loopbacks6, intent_line(intent, "loopbacks-ipv6")},
			128, number, "one more loopback");
	}
}

/* BGP drops what has its own number in the path: no switch has that of an external router. */
static void check_asns(struct design *design) {
	const struct fabric *fabric = &design->fabric;

	for (size_t i = 0; i < fabric->node_count; i++) {
		const struct fabric_node *external = &fabric->nodes[i];

		for (size_t j = 0; external->role == ROLE_EXTERNAL && j < fabric->node_count; j++)
			if (fabric_is_switch(&fabric->nodes[j]) &&
				fabric->nodes[j].asn == external->asn) {
				design_mistake(design, external->line,
					"'%s' has the AS number %u of %s: expected another, or "
					"another "
					"'asn-base'",
					external->name, external->asn, fabric->nodes[j].name);
				break;
			}
	}
}

void design_nodes(struct design *design) {
	if (intent_each_node(design->fabric.intent, add_node, design) || index_nodes(design)) {
		design->no_memory = true;
		return;
	}
	number_tenants(design);
	number_nodes(design);
	check_asns(design);
}
