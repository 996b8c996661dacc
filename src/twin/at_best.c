/* at_best: see at_best.h. */
#include "twin/at_best.h"

#include "twin/light.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { BITS = 8 };

/* What there is between the sites. */
struct between {
	size_t links, up;
	double rate_bps;  /* of all that are up */
	double slow_bps;  /* of the slowest of them, which a flow may be sent by */
	double latency_s; /* of the longest of them */
};

static void add_light(struct between *between, const struct link_light *link, double scale) {
	double rate = link->bit_rate / scale;

	between->up++;
	between->rate_bps += rate;
	between->slow_bps = fmin(between->slow_bps, rate);
	between->latency_s = fmax(between->latency_s, link->latency_s);
}

static void look_between(
	struct between *between, const struct model_failures *failures, struct light_layer *light) {
	const struct link_light *links;
	size_t count;

	*between = (struct between){.slow_bps = INFINITY};
	if (light_look(light, &links, &count) < 0)
		return;
	between->links = count;
	for (size_t i = 0; i < count; i++)
		if (!failures->link_is_down[links[i].link])
			add_light(between, &links[i], light_scale(light));
}

/* Of a host; 0 if there is none of the name. */
static uint32_t site_of(const struct fabric *fabric, const char *name) {
	int id = fabric_find(fabric, name);
	const struct fabric_node *node = id == FABRIC_NONE ? NULL : &fabric->nodes[id];

	return node && node->port_count ? fabric_neighbour(fabric, node->ports[0])->pod : 0;
}

/* Whether an application has hosts at different sites: all hosts, unless it says which. */
static bool crosses(const struct fabric *fabric, const struct intent_application *application) {
	const struct intent_names *lists[] = {
		&application->hosts, &application->from, &application->to};
	uint32_t site = 0;
	size_t said = 0;

	for (size_t i = 0; i < 3; i++)
		for (size_t n = 0; n < lists[i]->count; n++, said++) {
			uint32_t other = site_of(fabric, lists[i]->names[n]);

			if (site && other != site)
				return true;
			site = other;
		}
	return said == 0;
}

static size_t hosts_of(const struct fabric *fabric, const struct intent_application *application) {
	size_t count = application->hosts.count;

	for (size_t id = 0; id < fabric->node_count && application->hosts.count == 0; id++)
		count += fabric->nodes[id].role == ROLE_HOST;
	return count;
}

/* A ring passes (n - 1) / n of the size on twice, in 2 (n - 1) steps one after the other (Patarasu
 * and Yuan, 2009); a tree all of it, up and down. */
static double step_s(
	const struct between *between, const struct intent_application *application, double hosts) {
	double bits = (double)application->size_bytes * BITS;
	bool is_ring = application->algorithm == REDUCE_RING;
	double passed = is_ring ? 2 * (hosts - 1) / hosts * bits : 2 * bits;
	double turns = is_ring ? 2 * (hosts - 1) : 2;

	return application->compute_ms / 1e3 + passed / between->slow_bps +
	       turns * between->latency_s;
}

/* The pose goes up, the frame comes down. */
static double frame_s(const struct between *between, const struct intent_application *application) {
	double bits = (double)application->rate_mbps * 1e6 / application->frames;

	return 2 * between->latency_s + bits / between->slow_bps;
}

static void write_best(const struct fabric *fabric, const struct between *between,
	const struct intent_application *application, char *words) {
	const char *name = application->name;

	switch (application->class) {
	case APPLICATION_AI:
		snprintf(words, AT_BEST_BYTES, "%s: an all-reduce step takes %.1f ms or more", name,
			1e3 * step_s(between, application, (double)hosts_of(fabric, application)));
		break;
	case APPLICATION_XR:
		snprintf(words, AT_BEST_BYTES,
			"%s: a frame is there %.2f ms after its pose or later, of %u ms that it "
			"may "
			"take",
			name, 1e3 * frame_s(between, application), application->budget_ms);
		break;
	case APPLICATION_IOT:
		snprintf(words, AT_BEST_BYTES, "%s: a message is answered after %.2f ms or later",
			name, 2e3 * between->latency_s);
		break;
	default: /* a connection, and then the answer */
		snprintf(words, AT_BEST_BYTES, "%s: a request is answered after %.2f ms or later",
			name, 4e3 * between->latency_s);
	}
}

static void write_between(const struct between *between, char *words) {
	if (between->up)
		snprintf(words, AT_BEST_BYTES,
			"between the sites: %zu of %zu links, %g Mbit/s in the twin, %.3f ms one "
			"way",
			between->up, between->links, between->rate_bps / 1e6,
			between->latency_s * 1e3);
	else
		snprintf(words, AT_BEST_BYTES, "between the sites: nothing");
}

void at_best_tell(const struct fabric *fabric, const struct model_failures *failures,
	struct light_layer *light, void (*told)(void *owner, size_t number, const char *words),
	void *owner) {
	const struct intent *intent = fabric->intent;
	struct between between;
	char words[AT_BEST_BYTES];

	if (!light)
		return;
	look_between(&between, failures, light);
	write_between(&between, words);
	told(owner, 0, words);
	for (size_t i = 0; i < intent->application_count; i++) {
		const struct intent_application *application = &intent->applications[i];

		if (!crosses(fabric, application))
			continue;
		if (between.up)
			write_best(fabric, &between, application, words);
		else
			snprintf(words, sizeof(words), "%s: is cut off", application->name);
		told(owner, i + 1, words);
	}
}
