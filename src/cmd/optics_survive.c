/* optics_survive: `heddle optics survive`: what dies, and what is restored, when lines are cut.
 * Over all cores; under mpirun over all processes, of which the first one tells. */
#include "cmd/optics_planning.h"

#include "base/columns.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/optics_jobs.h"
#include "cmd/optics_json.h"
#include "gather/gather.h"
#include "optics/plan_write.h"
#include "optics/survive.h"

#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CELL_BYTES = 64, PAIRS_SHOWN = 20 };

/* All cuts, whose they are, and what came of them. */
struct trials {
	const struct optics_planning *planning;
	const struct gather *gather;
	struct cut *cuts;
	size_t count, singles;
	json_t **outcomes; /* by cut; NULL for those of other processes */
	atomic_size_t next, done;
	atomic_int error;
};

/* ---- cuts ---- */

static int list_cuts(struct trials *trials, bool pairs) {
	size_t lines_count, all;
	int *lines = survive_lines(&trials->planning->sections, &lines_count);

	all = lines_count + (pairs ? lines_count * (lines_count - 1) / 2 : 0);
	trials->cuts = calloc(all + 1, sizeof(*trials->cuts));
	trials->outcomes = calloc(all + 1, sizeof(json_t *));
	if (!lines || !trials->cuts || !trials->outcomes) {
		free(lines);
		return -ENOMEM;
	}
	for (size_t i = 0; i < lines_count; i++)
		trials->cuts[trials->count++] = (struct cut){{lines[i]}, 1};
	trials->singles = lines_count;
	for (size_t i = 0; pairs && i < lines_count; i++)
		for (size_t k = i + 1; k < lines_count; k++)
			trials->cuts[trials->count++] = (struct cut){{lines[i], lines[k]}, 2};
	free(lines);
	return 0;
}

/* ---- one cut, as JSON ---- */

static json_t *sites_json(const struct network *network, const struct carried *carried) {
	json_t *sites = json_array();

	for (size_t i = 0; i < carried->ways.there_count; i++) {
		const struct element *element = network->elements[carried->ways.there[i]];

		if (element->kind == ELEMENT_ROADM)
			json_array_append_new(sites, json_string(element->name));
	}
	return sites;
}

static json_t *fate_json(const struct network *network, const struct fate *fate) {
	json_t *object = json_object();

	json_object_set_new(object, "request_id", json_string(fate->was->service->id));
	json_object_set_new(object, "restored", json_boolean(!fate->now.blocking));
	if (fate->now.blocking) {
		json_object_set_new(
			object, "blocking_reason", json_string(blocking_name(fate->now.blocking)));
		return object;
	}
	json_object_set_new(object, "mode", json_string(fate->now.judgement.mode->format));
	plan_put_slots(object, &fate->now);
	json_object_set_new(object, "roadms", sites_json(network, &fate->now));
	return object;
}

/* Of pairs of cuts only what is not restored, for there are many. */
static json_t *outcome_json(
	const struct trials *trials, size_t number, const struct survival *survival) {
	const struct sections *sections = &trials->planning->sections;
	const struct cut *cut = &trials->cuts[number];
	json_t *object = json_object(), *lines = json_array(), *services = json_array();
	struct arena names = {0};

	for (size_t i = 0; i < cut->count; i++)
		json_array_append_new(
			lines, json_string(section_name(sections, cut->sections[i], &names)));
	arena_free(&names);
	json_object_set_new(object, "cut", json_integer((json_int_t)number));
	json_object_set_new(object, "lines", lines);
	json_object_set_new(object, "dead", json_integer((json_int_t)survival->count));
	json_object_set_new(object, "restored", json_integer((json_int_t)survival->restored));
	json_object_set_new(object, "bit_rate_lost", json_real(survival->lost_bit_rate));
	json_object_set_new(
		object, "bit_rate_left", json_real(survival->bit_rate - survival->lost_bit_rate));
	for (size_t i = 0; i < survival->count; i++)
		if (cut->count == 1 || survival->fates[i].now.blocking)
			json_array_append_new(
				services, fate_json(sections->network, &survival->fates[i]));
	json_object_set_new(object, "services", services);
	return object;
}

/* ---- threads ---- */

static void show_progress(const struct trials *trials, size_t done) {
	if (trials->gather->rank == 0 && isatty(STDERR_FILENO))
		fprintf(stderr, "\rcut %zu of %zu", done * (size_t)trials->gather->size,
			trials->count);
}

static int try_cut(struct trials *trials, struct survivor *survivor, size_t number) {
	struct survival survival;
	int error = survivor_cut(survivor, &trials->cuts[number], &survival);

	if (error)
		return error;
	trials->outcomes[number] = outcome_json(trials, number, &survival);
	survival_free(&survival);
	show_progress(trials, atomic_fetch_add(&trials->done, 1) + 1);
	return 0;
}

static void *work(void *argument) {
	struct trials *trials = argument;
	const struct optics_planning *planning = trials->planning;
	struct survivor *survivor = survivor_create(&planning->plan, &planning->options);
	size_t size = (size_t)trials->gather->size, number;
	int error = survivor ? 0 : -ENOMEM;

	while (!error && !atomic_load(&trials->error)) {
		number = atomic_fetch_add(&trials->next, 1) * size + (size_t)trials->gather->rank;
		if (number >= trials->count)
			break;
		error = try_cut(trials, survivor, number);
	}
	if (error)
		atomic_store(&trials->error, error);
	survivor_free(survivor);
	return NULL;
}

static int run_trials(struct trials *trials, size_t jobs) {
	json_object_seed(0); /* before threads do */
	jobs_run(jobs, work, trials);
	if (trials->gather->rank == 0 && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return atomic_load(&trials->error);
}

/* ---- the outcomes of all processes ---- */

static json_t *collect_own(const struct trials *trials) {
	json_t *own = json_array();

	for (size_t i = 0; i < trials->count; i++)
		if (trials->outcomes[i])
			json_array_append(own, trials->outcomes[i]);
	return own;
}

static int place_outcomes(struct trials *trials, const char *text) {
	json_t *list = json_loads(text, 0, NULL), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		json_int_t number = json_integer_value(json_object_get(one, "cut"));

		if (number >= 0 && (size_t)number < trials->count && !trials->outcomes[number])
			trials->outcomes[number] = json_incref(one);
	}
	json_decref(list);
	return list ? 0 : -EIO;
}

static int gather_outcomes(struct trials *trials) {
	json_t *own = collect_own(trials);
	char *text = json_dumps(own, JSON_COMPACT), **texts;
	int error = 0;

	json_decref(own);
	if (!text)
		return -ENOMEM;
	texts = gather_texts(trials->gather, text);
	free(text);
	if (trials->gather->rank > 0)
		return 0;
	for (int i = 0; texts && i < trials->gather->size; i++) {
		error = texts[i] && !error ? place_outcomes(trials, texts[i]) : error;
		free(texts[i]);
	}
	free(texts);
	return texts ? error : -EIO;
}

/* ---- what is told ---- */

static double number_of(const json_t *outcome, const char *key) {
	return json_number_value(json_object_get(outcome, key));
}

static void print_row(struct columns *columns, const json_t *outcome) {
	json_t *lines = json_object_get(outcome, "lines");
	char name[4 * CELL_BYTES], dead[CELL_BYTES], restored[CELL_BYTES], lost[CELL_BYTES];
	char left[CELL_BYTES];
	const char *const cells[] = {name, dead, restored, lost, left};
	double gone = number_of(outcome, "bit_rate_lost"),
	       rest = number_of(outcome, "bit_rate_left");

	snprintf(name, sizeof(name), "%s%s%s", json_string_value(json_array_get(lines, 0)),
		json_array_size(lines) > 1 ? " and " : "",
		json_array_size(lines) > 1 ? json_string_value(json_array_get(lines, 1)) : "");
	snprintf(dead, sizeof(dead), "%.0f", number_of(outcome, "dead"));
	snprintf(restored, sizeof(restored), "%.0f", number_of(outcome, "restored"));
	snprintf(lost, sizeof(lost), "%g", gone / 1e9);
	snprintf(left, sizeof(left), "%.1f", gone + rest > 0 ? 100 * rest / (gone + rest) : 100);
	columns_add(columns, cells);
}

static int by_loss(const void *a, const void *b) {
	const json_t *one = *(const json_t *const *)a, *other = *(const json_t *const *)b;
	double lost = number_of(one, "bit_rate_lost"), more = number_of(other, "bit_rate_lost");

	if (lost != more)
		return lost < more ? 1 : -1;
	return number_of(one, "cut") < number_of(other, "cut") ? -1 : 1;
}

static void print_cuts(json_t *const *outcomes, size_t count) {
	static const struct column titles[] = {{"cut", COLUMN_LEFT}, {"dead", COLUMN_RIGHT},
		{"restored", COLUMN_RIGHT}, {"Gbit/s lost", COLUMN_RIGHT},
		{"% left", COLUMN_RIGHT}};
	struct columns *columns = columns_create(titles, 5);

	for (size_t i = 0; columns && i < count; i++)
		print_row(columns, outcomes[i]);
	if (columns)
		columns_finish(columns);
}

static void print_sum(const char *what, json_t *const *outcomes, size_t count) {
	size_t whole = 0;
	double dead = 0, restored = 0;

	for (size_t i = 0; i < count; i++) {
		whole += number_of(outcomes[i], "bit_rate_lost") == 0;
		dead += number_of(outcomes[i], "dead");
		restored += number_of(outcomes[i], "restored");
	}
	printf("%zu of %zu %s lose nothing; %.0f of %.0f services that died were restored\n", whole,
		count, what, restored, dead);
}

static void print_text(struct trials *trials) {
	json_t **pairs = trials->outcomes + trials->singles;
	size_t count = trials->count - trials->singles;

	print_cuts(trials->outcomes, trials->singles);
	putchar('\n');
	print_sum("single cuts", trials->outcomes, trials->singles);
	if (!count)
		return;
	qsort(pairs, count, sizeof(*pairs), by_loss);
	printf("\nThe worst of %zu pairs:\n", count);
	print_cuts(pairs, count < PAIRS_SHOWN ? count : PAIRS_SHOWN);
	putchar('\n');
	print_sum("pairs of cuts", pairs, count);
}

static void print_json(const struct trials *trials) {
	json_t *whole = json_object(), *cuts = json_array();

	for (size_t i = 0; i < trials->count; i++)
		json_array_append(cuts, trials->outcomes[i]);
	json_object_set_new(
		whole, "services", json_integer((json_int_t)trials->planning->plan.count));
	json_object_set_new(whole, "carried",
		json_integer((json_int_t)(trials->planning->plan.count -
					  trials->planning->plan.blocked)));
	json_object_set_new(whole, "cuts", cuts);
	optics_json_print(whole);
}

/* ---- the action ---- */

static int survive(const struct optics_request *request, const struct gather *gather,
	const struct optics_planning *planning) {
	struct trials trials = {.planning = planning, .gather = gather};
	int error = list_cuts(&trials, request->pairs);

	if (!error)
		error = run_trials(&trials, request->jobs);
	if (!error)
		error = gather_outcomes(&trials);
	if (error)
		log_error("optics: cuts cannot be tried: %s", strerror(-error));
	else if (gather->rank == 0 && request->json)
		print_json(&trials);
	else if (gather->rank == 0)
		print_text(&trials);
	for (size_t i = 0; trials.outcomes && i < trials.count; i++)
		json_decref(trials.outcomes[i]);
	free(trials.outcomes);
	free(trials.cuts);
	return error;
}

int optics_survive(const struct optics_request *request) {
	struct optics_planning planning;
	struct gather gather;
	int error;

	if (request->word_count != 1 || !request->topology || !request->equipment)
		return optics_wrong_usage();
	if (gather_open(&gather) < 0)
		return EXIT_FAILED;
	error = optics_planning_open(&planning, request);
	if (!error) {
		error = survive(request, &gather, &planning);
		optics_planning_close(&planning);
	}
	if (error)
		return EXIT_FAILED; /* mpirun ends the others, who wait for us */
	gather_close(&gather);
	return EXIT_DONE;
}
