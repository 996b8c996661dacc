/* optics_margin_print: what trials came to: spreads and chances, as text or as JSON. */
#include "cmd/optics_margin.h"

#include "base/columns.h"
#include "cmd/optics_way.h"
#include "optics/statistics.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one channel, or of the worst of all. */
struct verdict {
	double planned_gsnr_db, planned_margin_db;
	struct spread gsnr_db, margin_db;
	struct chance closes;
};

static const char *control_name(enum amplifier_control control) {
	return control == AMPLIFIER_HOLDS_POWER ? "hold-power" : "hold-gain";
}

/* ---- what trials came to ---- */

/* Sorts the values. */
static struct verdict judge(double *gsnr_db, double *margin_db, size_t samples) {
	struct verdict verdict = {0};
	size_t hits = 0;

	for (size_t i = 0; i < samples; i++)
		hits += margin_db[i] >= 0;
	verdict.gsnr_db = spread_of(gsnr_db, samples);
	verdict.margin_db = spread_of(margin_db, samples);
	verdict.closes = chance_of(hits, samples);
	return verdict;
}

/* Of each sample the worst channel; before the channels are judged, for that sorts. */
static int judge_worst(const struct margins *margins, struct verdict *verdict) {
	const struct trials *trials = &margins->trials;
	size_t samples = trials->samples;
	double *worst = calloc(2 * samples, sizeof(*worst));

	if (!worst)
		return -ENOMEM;
	for (size_t k = 0; k < 2 * samples; k++)
		worst[k] = INFINITY;
	for (size_t i = 0; i < trials->channels; i++)
		for (size_t k = 0; k < samples; k++) {
			size_t at = i * samples + k;

			worst[k] = fmin(worst[k], trials->gsnr_db[at]);
			worst[samples + k] = fmin(worst[samples + k], trials->margin_db[at]);
		}
	*verdict = judge(worst, worst + samples, samples);
	free(worst);
	return 0;
}

/* One a channel, and behind them the worst of all; to be freed. */
static struct verdict *judge_all(const struct margins *margins) {
	const struct trials *trials = &margins->trials;
	double gsnr[SPECTRUM_CHANNELS_MAX], margin[SPECTRUM_CHANNELS_MAX];
	struct verdict *verdicts = calloc(trials->channels + 1, sizeof(*verdicts)), *worst;

	if (!verdicts)
		return NULL;
	worst = &verdicts[trials->channels];
	if (judge_worst(margins, worst) < 0) {
		free(verdicts);
		return NULL;
	}
	worst->planned_gsnr_db = worst->planned_margin_db = INFINITY;
	montecarlo_nominal(&margins->montecarlo, gsnr, margin);
	for (size_t i = 0; i < trials->channels; i++) {
		verdicts[i] = judge(trials->gsnr_db + i * trials->samples,
			trials->margin_db + i * trials->samples, trials->samples);
		verdicts[i].planned_gsnr_db = gsnr[i];
		verdicts[i].planned_margin_db = margin[i];
		worst->planned_gsnr_db = fmin(worst->planned_gsnr_db, gsnr[i]);
		worst->planned_margin_db = fmin(worst->planned_margin_db, margin[i]);
	}
	return verdicts;
}

/* ---- JSON ---- */

static const struct {
	const char *key;
	size_t offset;
} columns_of_verdict[] = {
	{"gsnr_planned_db", offsetof(struct verdict, planned_gsnr_db)},
	{"gsnr_mean_db", offsetof(struct verdict, gsnr_db.mean)},
	{"gsnr_std_db", offsetof(struct verdict, gsnr_db.std)},
	{"gsnr_1_percent_db", offsetof(struct verdict, gsnr_db.low)},
	{"gsnr_50_percent_db", offsetof(struct verdict, gsnr_db.median)},
	{"gsnr_99_percent_db", offsetof(struct verdict, gsnr_db.high)},
	{"margin_planned_db", offsetof(struct verdict, planned_margin_db)},
	{"margin_mean_db", offsetof(struct verdict, margin_db.mean)},
	{"margin_std_db", offsetof(struct verdict, margin_db.std)},
	{"margin_1_percent_db", offsetof(struct verdict, margin_db.low)},
	{"margin_50_percent_db", offsetof(struct verdict, margin_db.median)},
	{"margin_99_percent_db", offsetof(struct verdict, margin_db.high)},
	{"closes", offsetof(struct verdict, closes.value)},
	{"closes_low", offsetof(struct verdict, closes.low)},
	{"closes_high", offsetof(struct verdict, closes.high)},
};

enum { VERDICT_COLUMNS = sizeof(columns_of_verdict) / sizeof(columns_of_verdict[0]) };

/* JSON has no infinity. */
static json_t *verdict_value(const struct verdict *verdict, size_t column) {
	double value;

	memcpy(&value, (const char *)verdict + columns_of_verdict[column].offset, sizeof(value));
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *channels_json(const struct margins *margins, const struct verdict *verdicts) {
	const struct spectrum *channels = &margins->montecarlo.nominal.spectrum;
	json_t *object = json_object(), *frequency = json_array();

	json_object_set_new(object, "frequency_THz", frequency);
	for (size_t i = 0; i < channels->count; i++)
		json_array_append_new(frequency, json_real(channels->frequency_hz[i] / 1e12));
	for (size_t k = 0; k < VERDICT_COLUMNS; k++) {
		json_t *array = json_array();

		json_object_set_new(object, columns_of_verdict[k].key, array);
		for (size_t i = 0; i < channels->count; i++)
			json_array_append_new(array, verdict_value(&verdicts[i], k));
	}
	return object;
}

static void print_json(const struct margins *margins, const struct verdict *verdicts) {
	const struct optics_request *request = margins->request;
	const struct transceiver_mode *mode = margins->mode;
	json_t *all = json_object(), *whole;

	for (size_t k = 0; k < VERDICT_COLUMNS; k++)
		json_object_set_new(all, columns_of_verdict[k].key,
			verdict_value(&verdicts[margins->trials.channels], k));
	whole = json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:I, s:I, s:s, s:o, s:o}", "from",
		request->words[0], "to", request->words[1], "transceiver", margins->type->name,
		"mode", mode->format, "required_osnr_db", mode->osnr_db, "sys_margins_db",
		margins->world->equipment.loads[0].margin_db, "samples",
		(json_int_t)request->samples, "seed", (json_int_t)request->seed, "amplifiers",
		control_name(request->control), "all", all, "channels",
		channels_json(margins, verdicts));
	json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(whole);
}

/* ---- text ---- */

enum { CELL_BYTES = 32, CELLS = 10 };

static const char *number(char *cell, double value) {
	snprintf(cell, CELL_BYTES, isfinite(value) ? "%.2f" : "-", value);
	return cell;
}

static void print_row(struct columns *columns, const char *name, const struct verdict *verdict) {
	char text[CELLS][CELL_BYTES];
	const char *const cells[] = {name, number(text[0], verdict->planned_gsnr_db),
		number(text[1], verdict->gsnr_db.mean), number(text[2], verdict->gsnr_db.std),
		number(text[3], verdict->gsnr_db.low), number(text[4], verdict->gsnr_db.median),
		number(text[5], verdict->gsnr_db.high), number(text[6], verdict->planned_margin_db),
		number(text[7], verdict->margin_db.low), text[8], text[9]};

	snprintf(text[8], CELL_BYTES, "%.2f %%", 100 * verdict->closes.value);
	snprintf(text[9], CELL_BYTES, "%.2f to %.2f", 100 * verdict->closes.low,
		100 * verdict->closes.high);
	columns_add(columns, cells);
}

static void print_text(const struct margins *margins, const struct verdict *verdicts) {
	static const struct column titles[] = {{"THz", COLUMN_LEFT}, {"GSNR", COLUMN_RIGHT},
		{"mean", COLUMN_RIGHT}, {"std", COLUMN_RIGHT}, {"1 %", COLUMN_RIGHT},
		{"50 %", COLUMN_RIGHT}, {"99 %", COLUMN_RIGHT}, {"margin", COLUMN_RIGHT},
		{"1 %", COLUMN_RIGHT}, {"closes", COLUMN_RIGHT}, {"95 % sure", COLUMN_RIGHT}};
	const struct spectrum *channels = &margins->montecarlo.nominal.spectrum;
	struct columns *columns = columns_create(titles, sizeof(titles) / sizeof(titles[0]));

	for (size_t i = 0; columns && i < channels->count; i++) {
		char name[CELL_BYTES];

		snprintf(name, sizeof(name), "%.5f", channels->frequency_hz[i] / 1e12);
		print_row(columns, name, &verdicts[i]);
	}
	if (columns) {
		print_row(columns, "worst", &verdicts[channels->count]);
		columns_finish(columns);
	}
	printf("\n%s, %s: %zu channels over %.1f km need %.2f dB of GSNR in 0.1 nm and %.2f dB of "
	       "margin.\nOf %zu networks (%s, seed %llu) all channels close in %.2f %% (%.2f to "
	       "%.2f).\n",
		margins->type->name, margins->mode->format, channels->count,
		optics_way_km(&margins->world->network, margins->way, margins->count),
		margins->mode->osnr_db, margins->world->equipment.loads[0].margin_db,
		margins->trials.samples, control_name(margins->request->control),
		(unsigned long long)margins->request->seed,
		100 * verdicts[channels->count].closes.value,
		100 * verdicts[channels->count].closes.low,
		100 * verdicts[channels->count].closes.high);
}

int margins_print(struct margins *margins) {
	struct verdict *verdicts = judge_all(margins);

	if (!verdicts)
		return -ENOMEM;
	(margins->request->json ? print_json : print_text)(margins, verdicts);
	free(verdicts);
	return 0;
}
