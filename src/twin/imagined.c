/* imagined: see imagined.h. */
#include "twin/imagined.h"

#include "base/log.h"
#include "base/number.h"
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

enum { WORDS_BYTES = 512 };

struct imagined {
	struct blueprint blueprint;
	const struct fabric *fabric;
	struct light_layer *light;
	bool *link_has_failed, *link_is_drained; /* as somebody did */
	bool *link_is_down, *link_is_silent;     /* as it comes to, with the light */
	bool *node_is_down;
	struct model_failures failures;
	struct fib_set *tables;
	struct whatif *whatif;
	double *margins;             /* of services, as last told */
	char (*best)[AT_BEST_BYTES]; /* and what at_best says */
	void (*told)(void *owner, double at, const char *layer, const char *words);
	void *owner;
};

static void tell(const struct imagined *imagined, double at, const char *layer, const char *format,
	...) __attribute__((format(printf, 4, 5)));

static void tell(
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
			tell(imagined, at, "light", "%s", news);
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
		if (links[i].bit_rate <= 0 || links[i].frame_loss >= 1)
			imagined->link_is_down[links[i].link] = true;
	return error;
}

static bool is_any_out(const struct imagined *imagined) {
	const struct light *lights;
	size_t count;

	lights = light_services(imagined->light, &count);
	for (size_t i = 0; i < count; i++)
		if (lights[i].frame_loss >= 1)
			return true;
	return false;
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

/* What is down now. */
static int mark_links(struct imagined *imagined) {
	for (size_t id = 0; id < imagined->fabric->link_count; id++) {
		imagined->link_is_down[id] =
			imagined->link_has_failed[id] || imagined->link_is_drained[id];
		imagined->link_is_silent[id] =
			imagined->link_is_drained[id] && !imagined->link_has_failed[id];
	}
	return imagined->light ? mark_dark(imagined) : 0;
}

static void tell_ports(const struct imagined *imagined, double at, const bool *before) {
	const struct fabric *fabric = imagined->fabric;

	for (size_t id = 0; id < fabric->link_count; id++) {
		const struct fabric_port *port = &fabric->ports[fabric->links[id].ports[0]];
		bool is_down = imagined->link_is_down[id] && !imagined->link_is_silent[id];

		if (is_down != before[id])
			tell(imagined, at, "port", "%s: %s %s carrier",
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
		tell(imagined, at, "FIB", "%zu entries of %zu switches change", change.entries,
			change.nodes);
	else if (!error)
		tell(imagined, at, "FIB", "no table changes");
	return error;
}

static void tell_reach(const struct imagined *imagined, double at) {
	struct whatif_result result;

	whatif_evaluate(imagined->whatif, &imagined->failures, &result);
	tell(imagined, at, "proof", "by the model %lu of %lu pairs of hosts reach each other",
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
		tell(moment->imagined, moment->at, "application", "%s", words);
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

static int come_of_it(struct imagined *imagined, double at, const char *title) {
	bool *before = carriers_lost(imagined);
	int error;

	if (!before)
		return -ENOMEM;
	tell(imagined, at, "done", "%s", title);
	error = tell_all(imagined, at, before);
	free(before);
	return error;
}

/* ---- steps ---- */

static int do_light(struct imagined *imagined, char *const *words, char *title) {
	struct damage damage = {0};
	uint64_t pump;

	if (!imagined->light) {
		log_error("there is no light: 'optics' in the intent gives it some");
		return -EINVAL;
	}
	if (strcmp(words[0], "upgrade") == 0) {
		snprintf(title, WORDS_BYTES, "%s becomes %s", words[1], words[2]);
		return light_upgrade(imagined->light, words[1], words[2]);
	}
	if (strcmp(words[0], "cut") == 0)
		damage.kind = DAMAGE_CUT;
	else if (strcmp(words[0], "fail") == 0)
		damage.kind = DAMAGE_FAILED;
	else if (strcmp(words[0], "age") == 0 && decimal_parse(words[2], &damage.loss_db))
		damage.kind = DAMAGE_AGEING;
	else if (strcmp(words[0], "lose-pump") == 0 &&
		 number_parse(words[2], 1, FIBRE_PUMPS_MAX, &pump)) {
		damage.kind = DAMAGE_PUMP;
		damage.pump = (unsigned int)pump;
	} else if (strcmp(words[0], "mend") != 0) {
		log_error("'%s': expected a number", words[2]);
		return -EINVAL;
	}
	light_write_damage(words[1], &damage, title, WORDS_BYTES);
	return light_damage(imagined->light, words[1], &damage);
}

static int step_light(struct imagined *imagined, double at, char *const *words) {
	char title[WORDS_BYTES];
	double restore_s;
	int error = do_light(imagined, words, title);

	if (!error && strcmp(words[0], "mend") == 0)
		error = light_restore(imagined->light, true);
	if (!error)
		error = come_of_it(imagined, at, title);
	restore_s = light_restore_s(imagined->light);
	if (error || strcmp(words[0], "mend") == 0 || isinf(restore_s) || !is_any_out(imagined))
		return error;
	error = light_restore(imagined->light, false);
	snprintf(title, sizeof(title), "light restored, after %g s", restore_s);
	return error ? error : come_of_it(imagined, at + restore_s, title);
}

static int find_link(const struct imagined *imagined, const char *words, int *link) {
	int error = fabric_find_link(imagined->fabric, words, link);

	if (error)
		log_error("%s: %s", words,
			error == -EEXIST ? "there are several cables; a port says which"
					 : "no such link; expected NODE:NODE or NODE:PORT");
	return error;
}

/* "fail", "restore", "drain" or "undrain", and a link or a node. */
static int step_part(struct imagined *imagined, double at, const char *verb, char *const *words) {
	bool is_done = strcmp(verb, "fail") == 0 || strcmp(verb, "drain") == 0;
	bool is_drain = strstr(verb, "drain");
	char title[WORDS_BYTES];
	int id, error = 0;

	snprintf(title, sizeof(title), "%s %s %s", verb, words[0], words[1]);
	if (strcmp(words[0], "link") == 0) {
		error = find_link(imagined, words[1], &id);
		if (!error)
			(is_drain ? imagined->link_is_drained : imagined->link_has_failed)[id] =
				is_done;
	} else if (strcmp(words[0], "node") == 0 && !is_drain) {
		id = fabric_find(imagined->fabric, words[1]);
		if (id != FABRIC_NONE)
			imagined->node_is_down[id] = is_done;
		else
			error = -ENOENT;
		if (error)
			log_error("%s: no such node", words[1]);
	} else {
		log_error("'%s': expected 'link'%s", words[0], is_drain ? "" : " or 'node'");
		error = -EINVAL;
	}
	return error ? error : come_of_it(imagined, at, title);
}

/* The kernel's tables are as Heddle's: without it, it forwards. */
static int step_kill(struct imagined *imagined, double at, char *const *words) {
	if (strcmp(words[1], "heddle") != 0) {
		log_error("what becomes of %s's %s takes a twin that runs", words[0], words[1]);
		return -EOPNOTSUPP;
	}
	tell(imagined, at, "done", "kill %s/%s", words[0], words[1]);
	tell(imagined, at, "FIB", "no table changes: %s's kernel forwards by its own", words[0]);
	return 0;
}

int imagined_do(
	struct imagined *imagined, double at, const char *verb, char *const *words, int count) {
	static const char *const parts[] = {"fail", "restore", "drain", "undrain"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(verb, parts[i]) == 0)
			return step_part(imagined, at, verb, words);
	if (strcmp(verb, "kill") == 0)
		return step_kill(imagined, at, words);
	if (strcmp(verb, "restart") == 0) {
		log_error("what becomes of a restart takes a twin that runs");
		return -EOPNOTSUPP;
	}
	return step_light(imagined, at, words);
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
