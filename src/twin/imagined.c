/* imagined: see imagined.h. */
#include "twin/imagined_private.h"

#include "fabric/blueprint.h"
#include "fabric/fib_change.h"
#include "fabric/whatif_cases.h"
#include "twin/at_best.h"
#include "twin/light.h"
#include "twin/light_words.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void imagined_tell(
	const struct imagined *imagined, double at, const char *layer, const char *format, ...) {
	char words[WORDS_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	imagined->told(imagined->owner, at, layer, words);
}

/* ---- light ---- */

static void note_lights(struct imagined *imagined, double at, bool is_told) {
	const struct light *lights;
	char news[LIGHT_NEWS_BYTES];
	size_t count;

	lights = light_services(imagined->light, &count);
	for (size_t i = 0; i < count; i++) {
		if (is_told && lights[i].margin_db != imagined->margins[i]) {
			light_write_news(light_network(imagined->light), &lights[i], news);
			imagined_tell(imagined, at, "light", "%s", news);
		}
		imagined->margins[i] = lights[i].margin_db;
	}
}

/* Links without light, or of which no frame can be repaired. */
static int mark_dark(struct imagined *imagined) {
	const struct link_light *links;
	size_t count;
	int error = light_look(imagined->light, &links, &count);

	for (size_t i = 0; i < count && !error; i++)
		if (light_is_dark(&links[i])) {
			imagined->link_is_down[links[i].link] = true;
			imagined->link_is_silent[links[i].link] = false;
		}
	return error;
}

/* ---- ports and tables ---- */

static int read_tables(const struct imagined *imagined, struct fib_set **tables) {
	struct fib_set *set = fib_set_create();
	int error = set ? model_tables(imagined->fabric, &imagined->failures, set) : -ENOMEM;

	if (!error)
		error = fib_set_finish(set);
	if (error)
		fib_set_destroy(set);
	else
		*tables = set;
	return error;
}

static bool has_dead_end(const struct imagined *imagined, size_t link) {
	const struct fabric *fabric = imagined->fabric;
	const int *ports = fabric->links[link].ports;

	return imagined->node_is_down[fabric->ports[ports[0]].node] ||
	       imagined->node_is_down[fabric->ports[ports[1]].node];
}

/* What is down now. */
static int mark_links(struct imagined *imagined) {
	for (size_t id = 0; id < imagined->fabric->link_count; id++) {
		bool has_failed = imagined->link_has_failed[id] || has_dead_end(imagined, id);

		imagined->link_is_down[id] = has_failed || imagined->link_is_drained[id];
		imagined->link_is_silent[id] = imagined->link_is_drained[id] && !has_failed;
	}
	return imagined->light ? mark_dark(imagined) : 0;
}

static void tell_ports(const struct imagined *imagined, double at, const bool *before) {
	const struct fabric *fabric = imagined->fabric;

	for (size_t id = 0; id < fabric->link_count; id++) {
		const struct fabric_port *port = &fabric->ports[fabric->links[id].ports[0]];
		bool is_down = imagined->link_is_down[id] && !imagined->link_is_silent[id];

		if (is_down != before[id])
			imagined_tell(imagined, at, "port", "%s: %s %s carrier",
				fabric->nodes[port->node].name, port->name,
				is_down ? "lost" : "has");
	}
}

static int tell_tables(struct imagined *imagined, double at) {
	struct fib_set *tables;
	struct fib_change change;
	int error = read_tables(imagined, &tables);

	if (error)
		return error;
	error = fib_change_count(imagined->tables, tables, imagined->fabric->node_count, &change);
	fib_set_destroy(imagined->tables);
	imagined->tables = tables;
	if (!error && change.entries)
		imagined_tell(imagined, at, "FIB", "%zu entries of %zu switches change",
			change.entries, change.nodes);
	else if (!error)
		imagined_tell(imagined, at, "FIB", "no table changes");
	return error;
}

static void tell_reach(const struct imagined *imagined, double at) {
	struct whatif_result result;

	whatif_evaluate(imagined->whatif, &imagined->failures, &result);
	imagined_tell(imagined, at, "proof",
		"by the model %lu of %lu pairs of hosts reach each other",
		result.pairs - result.pairs_cut, result.pairs);
}

/* ---- what comes of a change ---- */

struct moment {
	struct imagined *imagined;
	double at;
	bool is_told;
};

static void take_best(void *owner, size_t number, const char *words) {
	const struct moment *moment = owner;
	char *known = moment->imagined->best[number];

	if (moment->is_told && strcmp(known, words) != 0)
		imagined_tell(moment->imagined, moment->at, "application", "%s", words);
	snprintf(known, AT_BEST_BYTES, "%s", words);
}

/* What is other than before. */
static void note_best(struct imagined *imagined, double at, bool is_told) {
	struct moment moment = {imagined, at, is_told};

	at_best_tell(imagined->fabric, &imagined->failures, imagined->light, take_best, &moment);
}

static int tell_all(struct imagined *imagined, double at, const bool *before) {
	int error = mark_links(imagined);

	if (error)
		return error;
	if (imagined->light)
		note_lights(imagined, at, true);
	tell_ports(imagined, at, before);
	error = tell_tables(imagined, at);
	if (error)
		return error;
	tell_reach(imagined, at);
	note_best(imagined, at, true);
	return 0;
}

/* Which ports have no carrier; to be freed. */
static bool *carriers_lost(const struct imagined *imagined) {
	size_t count = imagined->fabric->link_count;
	bool *lost = calloc(count + 1, sizeof(*lost));

	for (size_t id = 0; id < count && lost; id++)
		lost[id] = imagined->link_is_down[id] && !imagined->link_is_silent[id];
	return lost;
}

int imagined_come_of(struct imagined *imagined, double at, const char *title) {
	bool *before = carriers_lost(imagined);
	int error;

	if (!before)
		return -ENOMEM;
	imagined_tell(imagined, at, "done", "%s", title);
	error = tell_all(imagined, at, before);
	free(before);
	return error;
}

/* ---- life ---- */

static int make_room(struct imagined *imagined) {
	const struct fabric *fabric = imagined->fabric;
	size_t services = 0;

	if (imagined->light)
		light_services(imagined->light, &services);
	imagined->link_has_failed = calloc(fabric->link_count + 1, sizeof(bool));
	imagined->link_is_drained = calloc(fabric->link_count + 1, sizeof(bool));
	imagined->link_is_down = calloc(fabric->link_count + 1, sizeof(bool));
	imagined->link_is_silent = calloc(fabric->link_count + 1, sizeof(bool));
	imagined->node_is_down = calloc(fabric->node_count + 1, sizeof(bool));
	imagined->margins = calloc(services + 1, sizeof(double));
	imagined->best = calloc(fabric->intent->application_count + 1, sizeof(*imagined->best));
	imagined->whatif = whatif_create(fabric, NULL);
	imagined->failures = (struct model_failures){
		imagined->link_is_down, imagined->node_is_down, imagined->link_is_silent};
	return imagined->link_has_failed && imagined->link_is_drained && imagined->link_is_down &&
			       imagined->link_is_silent && imagined->node_is_down &&
			       imagined->margins && imagined->best && imagined->whatif
		       ? 0
		       : -ENOMEM;
}

static int begin(struct imagined *imagined, const char *intent_path) {
	int error = 0;

	imagined->fabric = imagined->blueprint.fabric;
	if (imagined->blueprint.intent.optics.services[0])
		error = light_open_plan(imagined->fabric, intent_path, &imagined->light);
	if (!error)
		error = make_room(imagined);
	if (!error)
		error = mark_links(imagined);
	if (!error && imagined->light)
		note_lights(imagined, 0, false);
	if (!error)
		note_best(imagined, 0, false);
	return error ? error : read_tables(imagined, &imagined->tables);
}

int imagined_open(const char *intent_path,
	void (*told)(void *owner, double at, const char *layer, const char *words), void *owner,
	struct imagined **out) {
	struct imagined *imagined = calloc(1, sizeof(*imagined));
	int error;

	if (!imagined)
		return -ENOMEM;
	imagined->told = told;
	imagined->owner = owner;
	imagined->restore_at = INFINITY;
	error = blueprint_open(&imagined->blueprint, intent_path, NULL);
	if (error) {
		free(imagined);
		return error;
	}
	error = begin(imagined, intent_path);
	if (error)
		imagined_close(imagined);
	else
		*out = imagined;
	return error;
}

void imagined_close(struct imagined *imagined) {
	if (!imagined)
		return;
	light_close(imagined->light);
	fib_set_destroy(imagined->tables);
	whatif_destroy(imagined->whatif);
	free(imagined->link_has_failed);
	free(imagined->link_is_drained);
	free(imagined->link_is_down);
	free(imagined->link_is_silent);
	free(imagined->node_is_down);
	free(imagined->margins);
	free(imagined->best);
	blueprint_close(&imagined->blueprint);
	free(imagined);
}

const struct fabric *imagined_fabric(const struct imagined *imagined) {
	return imagined->fabric;
}

struct light_layer *imagined_light(const struct imagined *imagined) {
	return imagined->light;
}

const struct model_failures *imagined_failures(const struct imagined *imagined) {
	return &imagined->failures;
}

const bool *imagined_drained(const struct imagined *imagined) {
	return imagined->link_is_drained;
}

/* ---- single failures ---- */

struct tally {
	size_t tried, cutting;
	uint64_t hosts;
};

/* Hosts that have no link left reach nobody, whatever the fabric does. */
static int count_case(void *owner, const struct whatif_case *one) {
	struct tally *tally = owner;
	uint64_t left = tally->hosts - one->result.hosts_off;
	uint64_t theirs = tally->hosts * (tally->hosts - 1) - left * (left - 1);

	if (one->kind == WHATIF_NOTHING)
		return 0;
	tally->tried++;
	tally->cutting += one->result.pairs_cut > theirs;
	return 0;
}

int imagined_try_failures(struct imagined *imagined, size_t *tried, size_t *cutting) {
	const struct fabric *fabric = imagined->fabric;
	struct tally tally = {0};
	int error;

	for (size_t id = 0; id < fabric->node_count; id++)
		tally.hosts += fabric->nodes[id].role == ROLE_HOST ||
			       fabric->nodes[id].role == ROLE_EXTERNAL;
	error = whatif_each_case(imagined->whatif, fabric, false, count_case, &tally);
	*tried = tally.tried;
	*cutting = tally.cutting;
	return error;
}
