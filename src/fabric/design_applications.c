/* design_applications: whether the hosts that applications have are enough, and may reach each other
 * (fabric.h, design.h). */
#include "fabric/design.h"

/* Hosts that names stand for, or all of the fabric if there are none. */
struct party {
	bool is_of[INTENT_TENANTS_MAX];
	size_t count;
	int last;
};

static void take_host(const struct fabric *fabric, int id, struct party *party) {
	if (id == FABRIC_NONE || fabric->nodes[id].role != ROLE_HOST || fabric->nodes[id].tenant < 0)
		return;
	party->is_of[fabric->nodes[id].tenant] = true;
	party->count++;
	party->last = id;
}

static void find_party(
	const struct fabric *fabric, const struct intent_names *names, struct party *party) {
	*party = (struct party){.last = FABRIC_NONE};
	for (size_t i = 0; i < names->count; i++)
		take_host(fabric, fabric_find(fabric, names->names[i]), party);
	for (int id = 0; id < (int)fabric->node_count && names->count == 0; id++)
		take_host(fabric, id, party);
}

static void check_policies(struct design *design, const struct intent_application *application,
	const struct party *from, const struct party *to) {
	const struct intent *intent = design->fabric.intent;

	for (int one = 0; one < (int)intent->tenant_count; one++)
		for (int other = 0; other < (int)intent->tenant_count; other++)
			if (from->is_of[one] && to->is_of[other] &&
				fabric_denies(&design->fabric, one, other)) {
				design_mistake(design, application->at.line,
					"'%s': a policy keeps its hosts of '%s' from those of "
					"'%s'",
					application->name, intent->tenants[one].name,
					intent->tenants[other].name);
				return;
			}
}

static void check_application(
	struct design *design, const struct intent_application *application) {
	bool reduces = application->class == APPLICATION_AI;
	struct party from, to;

	find_party(&design->fabric, reduces ? &application->hosts : &application->from, &from);
	find_party(&design->fabric, reduces ? &application->hosts : &application->to, &to);
	if (from.count == 0 || to.count == 0 ||
		(from.count == 1 && to.count == 1 && from.last == to.last))
		design_mistake(design, application->at.line,
			"'%s': expected two hosts; 'hosts' of the fabric says how many there are",
			application->name);
	check_policies(design, application, &from, &to);
}

void design_check_applications(struct design *design) {
	const struct intent *intent = design->fabric.intent;

	for (size_t i = 0; i < intent->application_count; i++)
		check_application(design, &intent->applications[i]);
}
