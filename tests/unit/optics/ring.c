/* ring: see ring.h. */
#include "ring.h"

#include "optics/design.h"

#include <stdio.h>
#include <string.h>

struct ring ring;

int ring_open(void **state) {
	const struct design_options how = {.sim = &ring.sim};

	sim_params_defaults(&ring.sim);
	if (equipment_read(&ring.equipment, GOLDEN_FOLDER "/equipment.json") < 0 ||
		network_read(&ring.network, &ring.equipment, GOLDEN_FOLDER "/ring.json") < 0 ||
		design_network(&ring.network, &ring.equipment, &how) < 0)
		return -1;
	sections_build(&ring.sections, &ring.network);
	return 0;
}

int ring_close(void **state) {
	sections_free(&ring.sections);
	network_free(&ring.network);
	sim_params_free(&ring.sim);
	equipment_free(&ring.equipment);
	return 0;
}

const char *ring_services(const char *requests, const char *groups) {
	static char text[32768];

	snprintf(text, sizeof(text), "{\"path-request\": [\n%s],\n\"synchronization\": [\n%s]}\n",
		requests, groups);
	return fixture_file("services.json", text);
}

void ring_plan(struct made *made, const char *requests, const char *groups, bool compat) {
	ring.sim.compat = compat;
	assert_int_equal(services_read(&made->services, &ring.network, &ring.equipment,
				 ring_services(requests, groups)),
		0);
	services_aggregate(&made->services);
	made->options = (struct plan_options){.equipment = &ring.equipment,
		.sim = &ring.sim,
		.alternatives = compat ? 1 : ALTERNATIVES_DEFAULT};
	assert_int_equal(plan_begin(&made->plan, &ring.sections, &made->options), 0);
	assert_int_equal(plan_make(&made->plan, &made->services, &made->options), 0);
}

void ring_drop(struct made *made) {
	plan_free(&made->plan);
	services_free(&made->services);
	ring.sim.compat = false;
}

const char *ring_sites(const struct carried *carried) {
	static char word[16];
	size_t count = 0;

	for (size_t i = 0; i < carried->ways.there_count; i++) {
		const struct element *element = ring.network.elements[carried->ways.there[i]];

		if (element->kind == ELEMENT_ROADM)
			word[count++] = element->name[strlen("roadm ")];
	}
	word[count] = 0;
	return word;
}
