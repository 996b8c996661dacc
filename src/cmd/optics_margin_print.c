/* optics_margin_print: what trials of a way came to, as text or as JSON. */
#include "cmd/optics_margin.h"

#include "cmd/optics_json.h"
#include "cmd/optics_verdict.h"
#include "cmd/optics_way.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what trials came to ---- */

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
	*verdict = verdict_of(worst, worst + samples, samples);
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
		verdicts[i] = verdict_of(trials->gsnr_db + i * trials->samples,
			trials->margin_db + i * trials->samples, trials->samples);
		verdicts[i].planned_gsnr_db = gsnr[i];
		verdicts[i].planned_margin_db = margin[i];
		worst->planned_gsnr_db = fmin(worst->planned_gsnr_db, gsnr[i]);
		worst->planned_margin_db = fmin(worst->planned_margin_db, margin[i]);
	}
	return verdicts;
}

/* ---- JSON ---- */

static json_t *channels_json(const struct margins *margins, const struct verdict *verdicts) {
	const struct spectrum *channels = &margins->montecarlo.nominal.spectrum;
	json_t *object = json_object(), *frequency = json_array();

	json_object_set_new(object, "frequency_THz", frequency);
	for (size_t i = 0; i < channels->count; i++)
		json_array_append_new(frequency, json_real(channels->frequency_hz[i] / 1e12));
	for (size_t k = 0; k < verdict_members(); k++) {
		json_t *array = json_array();

		json_object_set_new(object, verdict_key(k), array);
		for (size_t i = 0; i < channels->count; i++)
			json_array_append_new(array, verdict_value(&verdicts[i], k));
	}
	return object;
}

static void print_json(const struct margins *margins, const struct verdict *verdicts) {
	const struct optics_request *request = margins->request;
	const struct transceiver_mode *mode = margins->mode;
	json_t *all = json_object(), *whole;

	verdict_put(all, &verdicts[margins->trials.channels]);
	whole = json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:I, s:I, s:s, s:o, s:o}", "from",
		request->words[0], "to", request->words[1], "transceiver", margins->type->name,
		"mode", mode->format, "required_osnr_db", mode->osnr_db, "sys_margins_db",
		margins->world->equipment.loads[0].margin_db, "samples",
		(json_int_t)request->samples, "seed", (json_int_t)request->seed, "amplifiers",
		verdict_control(request->control), "all", all, "channels",
		channels_json(margins, verdicts));
	optics_json_print(whole);
}

/* ---- text ---- */

enum { CELL_BYTES = 32 };

static void print_text(const struct margins *margins, const struct verdict *verdicts) {
	struct column titles[1 + VERDICT_COLUMNS] = {{"THz", COLUMN_LEFT}};
	const struct spectrum *channels = &margins->montecarlo.nominal.spectrum;
	struct columns *table;

	memcpy(titles + 1, verdict_titles, sizeof(verdict_titles));
	table = columns_create(titles, 1 + VERDICT_COLUMNS);
	for (size_t i = 0; table && i < channels->count; i++) {
		char name[CELL_BYTES];

		snprintf(name, sizeof(name), "%.5f", channels->frequency_hz[i] / 1e12);
		verdict_row(table, &(const char *){name}, 1, &verdicts[i]);
	}
	if (table) {
		verdict_row(table, &(const char *){"worst"}, 1, &verdicts[channels->count]);
		columns_finish(table);
	}
	printf("\n%s, %s: %zu channels over %.1f km need %.2f dB of GSNR in 0.1 nm and %.2f dB of "
	       "margin.\nOf %zu networks (%s, seed %llu) all channels close in %.2f %% (%.2f to "
	       "%.2f).\n",
		margins->type->name, margins->mode->format, channels->count,
		optics_way_km(&margins->world->network, margins->way, margins->count),
		margins->mode->osnr_db, margins->world->equipment.loads[0].margin_db,
		margins->trials.samples, verdict_control(margins->request->control),
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
