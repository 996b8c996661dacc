/* optics_plans: see optics_plans.h. */
#include "optics_plans.h"

#include "optics/plan.h"
#include "optics/plan_write.h"
#include "optics_world.h"

#include <assert.h>

enum { SERVICES_MOST = 24 };

/* What risks and lit spectrum are planned around. */
static const char known_services[] =
	"{\"path-request\": ["
	"{\"request-id\": \"1\", \"source\": \"A\", \"destination\": \"C\", \"path-constraints\": "
	"{\"te-bandwidth\": {\"trx_type\": \"t\", \"spacing\": 50e9, \"path_bandwidth\": 1e11}}},"
	"{\"request-id\": \"2\", \"source\": \"C\", \"destination\": \"A\", \"path-constraints\": "
	"{\"te-bandwidth\": {\"trx_type\": \"t\", \"spacing\": 75e9, \"path_bandwidth\": 1e11}}},"
	"{\"request-id\": \"3\", \"source\": \"C\", \"destination\": \"A\", \"path-constraints\": "
	"{\"te-bandwidth\": {\"trx_type\": \"t\", \"spacing\": 50e9, \"path_bandwidth\": 1e11}}}],"
	"\"synchronization\": [{\"synchronization-id\": \"1\", \"svec\": {\"disjointness\": "
	"\"node srlg\", \"relaxable\": true, \"request-id-number\": [\"2\", \"3\"]}}]}";

/* A plan, and what it is made of. */
struct made {
	struct sections sections;
	struct services services;
	struct sim_params sim;
	struct plan_options options;
	struct plan plan;
};

static void begin(struct made *made, unsigned int how) {
	*made = (struct made){0};
	sim_params_defaults(&made->sim);
	made->sim.compat = how & 1;
	made->options = (struct plan_options){.equipment = world_library(),
		.sim = &made->sim,
		.choice = how & 2 ? SLOT_LEAST_BROKEN : SLOT_FIRST_FIT,
		.alternatives = 3,
		.both_ways = how & 4,
		.real_load = how & 8};
	world_sections(&made->sections);
}

static void end(struct made *made) {
	plan_free(&made->plan);
	services_free(&made->services);
	sections_free(&made->sections);
}

/* What is carried is lit, and no part of it twice. */
static void check_spectrum(struct made *made) {
	struct occupancy *occupancy = &made->plan.occupancy;

	for (size_t i = 0; i < made->plan.count; i++) {
		const struct carried *carried = &made->plan.list[i];
		const struct route *route = &carried->routing.route;

		assert(!carried->blocking || !carried->slot_count);
		for (size_t k = 0; k < carried->slot_count; k++) {
			const struct slot *slot = &carried->slots[k];

			for (size_t s = 0; s < route->count; s++)
				for (int n = slot->n - slot->m; n < slot->n + slot->m; n++)
					assert(occupancy_is_lit(occupancy, route->sections[s], n));
			occupancy_set(occupancy, route, slot, false);
		}
	}
}

static void check_words(const struct made *made) {
	struct arena arena = {0};

	json_decref(plan_results_json(&made->plan));
	json_decref(plan_response_json(&made->plan));
	for (size_t i = 0; i < made->plan.count; i++)
		assert(!plan_why(&made->plan, &made->plan.list[i], 0, &arena) ==
			!made->plan.list[i].blocking);
	arena_free(&arena);
}

static void plan(struct made *made) {
	services_aggregate(&made->services);
	assert(plan_make(&made->plan, &made->services, &made->options) == 0);
	check_words(made);
	check_spectrum(made);
}

static void read_known(struct made *made) {
	static struct world_file file;

	assert(services_read(&made->services, made->sections.network, world_library(),
		       world_fill(&file, known_services, sizeof(known_services) - 1)) == 0);
}

void plans_try_services(const char *path, unsigned int how) {
	struct made made;

	begin(&made, how);
	if (services_read(&made.services, made.sections.network, world_library(), path) == 0 &&
		made.services.count <= SERVICES_MOST) {
		assert(plan_begin(&made.plan, &made.sections, &made.options) == 0);
		plan(&made);
	}
	end(&made);
}

void plans_try_risks(const char *path, unsigned int how) {
	struct made made;

	begin(&made, how);
	if (sections_read_risks(&made.sections, path) == 0) {
		read_known(&made);
		assert(plan_begin(&made.plan, &made.sections, &made.options) == 0);
		plan(&made);
	}
	end(&made);
}

void plans_try_lit(const char *path, unsigned int how) {
	struct made made;

	begin(&made, how);
	assert(plan_begin(&made.plan, &made.sections, &made.options) == 0);
	if (plan_read_lit(&made.plan, path) == 0) {
		read_known(&made);
		plan(&made);
	}
	end(&made);
}
