/* optics_path: `heddle optics path`: what arrives of the channels that one transceiver sends to
 * another. */
#include "cmd/optics_actions.h"

#include "base/columns.h"
#include "base/json_put.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/optics_json.h"
#include "cmd/optics_way.h"
#include "optics/physics.h"
#include "optics/propagation.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is printed of. */
struct answer {
	const struct optics_world *world;
	const int *way;
	size_t count;
	struct propagation propagation;
};

/* ---- JSON ---- */

static const struct {
	const char *key, *mean_key;
	size_t offset;
} columns_of_reception[] = {
	{"gsnr_01nm_db", "gsnr_01nm_mean_db", offsetof(struct reception, gsnr_01nm_db)},
	{"gsnr_bw_db", "gsnr_bw_mean_db", offsetof(struct reception, gsnr_bw_db)},
	{"osnr_01nm_db", "osnr_01nm_mean_db", offsetof(struct reception, osnr_01nm_db)},
	{"osnr_bw_db", "osnr_bw_mean_db", offsetof(struct reception, osnr_bw_db)},
	{"snr_nli_bw_db", "snr_nli_bw_mean_db", offsetof(struct reception, nli_bw_db)},
	{"raw_gsnr_bw_db", NULL, offsetof(struct reception, raw_gsnr_bw_db)},
	{"raw_osnr_bw_db", NULL, offsetof(struct reception, raw_osnr_bw_db)},
	{"pch_dbm", NULL, offsetof(struct reception, power_dbm)},
	{"cd_ps_nm", "cd_ps_nm_mean", offsetof(struct reception, cd_ps_nm)},
	{"pmd_ps", "pmd_ps_mean", offsetof(struct reception, pmd_ps)},
	{"pdl_db", "pdl_mean_db", offsetof(struct reception, pdl_db)},
};

enum { RECEPTIONS = sizeof(columns_of_reception) / sizeof(columns_of_reception[0]) };

static double field(const struct reception *reception, size_t column) {
	double value;

	memcpy(&value, (const char *)reception + columns_of_reception[column].offset,
		sizeof(value));
	return value;
}

static json_t *receiver_json(const struct answer *answer) {
	const struct spectrum *s = &answer->propagation.spectrum;
	json_t *object = json_object(), *arrays[RECEPTIONS];
	json_t *frequency = json_array(), *baud = json_array(), *slot = json_array();
	json_t *latency = json_array();

	json_object_set_new(object, "frequency_THz", frequency);
	json_object_set_new(object, "baud_rate_GBd", baud);
	json_object_set_new(object, "slot_width_GHz", slot);
	for (size_t k = 0; k < RECEPTIONS; k++) {
		arrays[k] = json_array();
		json_object_set_new(object, columns_of_reception[k].key, arrays[k]);
	}
	json_object_set_new(object, "latency_ms", latency);
	for (size_t i = 0; i < s->count; i++) {
		struct reception reception;

		propagation_receive(&answer->propagation, i, &reception);
		json_array_append_new(frequency, json_real(s->frequency_hz[i] / 1e12));
		json_array_append_new(baud, json_real(s->baud_hz[i] / 1e9));
		json_array_append_new(slot, json_real(s->slot_hz[i] / 1e9));
		for (size_t k = 0; k < RECEPTIONS; k++)
			json_array_append_new(arrays[k], json_finite(field(&reception, k)));
		json_array_append_new(latency, json_real(s->latency_s * 1e3));
	}
	return object;
}

static json_t *mean_json(const struct answer *answer) {
	json_t *object = json_object();
	struct reception mean;

	propagation_mean(&answer->propagation, &mean);
	for (size_t k = 0; k < RECEPTIONS; k++)
		if (columns_of_reception[k].mean_key)
			json_put_number(object, columns_of_reception[k].mean_key, field(&mean, k));
	json_put_number(object, "latency_ms_mean", answer->propagation.spectrum.latency_s * 1e3);
	return object;
}

static void put_amplifier(
	json_t *object, const struct amplifier *amplifier, const struct amplifier_state *state) {
	json_object_set_new(object, "type_variety", json_string(amplifier->type->name));
	json_put_number(object, "gain_db", state->gain_db);
	json_put_number(object, "out_voa_db", amplifier->out_voa_db);
	json_put_number(object, "in_voa_db", amplifier->in_voa_db);
	json_put_number(object, "delta_p_db", amplifier->delta_p_db);
	json_put_number(object, "tilt_target_db", amplifier->tilt_db);
	json_put_number(object, "nf_mean_db", state->nf_mean_db);
	json_put_number(object, "nf_min_db", state->nf_min_db);
	json_put_number(object, "nf_max_db", state->nf_max_db);
	json_put_number(object, "gprofile_mean_db", state->gain_mean_db);
	json_put_number(object, "gprofile_first_db", state->gain_first_db);
	json_put_number(object, "gprofile_last_db", state->gain_last_db);
	json_object_set_new(object, "saturated", json_boolean(state->saturated));
}

/* ITU-T's names of bands. */
static const char *band_name(const struct amplifier *amplifier) {
	return amplifier->f_max_hz < 191.2e12 ? "LBAND" : "CBAND";
}

static void put_amplifiers(
	json_t *object, const struct element *element, const struct passage *passage) {
	json_t *bands;

	if (!element->is_multi_band) {
		put_amplifier(object, element->amplifiers, passage->amplifiers);
		return;
	}
	if (element->multi)
		json_object_set_new(object, "type_variety", json_string(element->multi->name));
	bands = json_object();
	for (size_t b = 0; b < passage->amplifier_count; b++) {
		json_t *band = json_object();

		put_amplifier(band, &element->amplifiers[b], &passage->amplifiers[b]);
		json_object_set_new(bands, band_name(&element->amplifiers[b]), band);
	}
	json_object_set_new(object, "amplifiers", bands);
}

static void put_fibre(
	json_t *object, const struct element *element, const struct passage *passage) {
	const struct fibre *fibre = element->fibre;

	json_put_number(object, "length_km", fibre->length_m / 1e3);
	json_put_number(object, "loss_db", fibre_loss_db(fibre));
	json_put_number(object, "att_in_db", fibre->padding_db);
	json_put_number(object, "con_in_db", fibre->connector_in_db);
	json_put_number(object, "con_out_db", fibre->connector_out_db);
	if (element->has_pumps)
		json_put_number(object, "actual_raman_gain_db", passage->raman_gain_db);
}

static const char *type_name(const struct element *element) {
	switch (element->kind) {
	case ELEMENT_TRANSCEIVER:
		return "Transceiver";
	case ELEMENT_ROADM:
		return "Roadm";
	case ELEMENT_FIBRE:
		return element->has_pumps ? "RamanFiber" : "Fiber";
	case ELEMENT_AMPLIFIER:
		return element->is_multi_band ? "Multiband_amplifier" : "Edfa";
	default:
		return "Fused";
	}
}

static json_t *element_json(const struct element *element, const struct passage *passage) {
	json_t *object = json_object(), *after = json_object();

	json_object_set_new(object, "uid", json_string(element->name));
	json_object_set_new(object, "type", json_string(type_name(element)));
	if (element->kind == ELEMENT_ROADM) {
		json_put_number(object, "ref_effective_loss_db", passage->reference_loss_db);
		json_put_number(object, "ref_pch_out_dbm", passage->reference_dbm);
	} else if (element->kind == ELEMENT_FIBRE) {
		put_fibre(object, element, passage);
	} else if (element->kind == ELEMENT_AMPLIFIER) {
		put_amplifiers(object, element, passage);
	} else if (element->kind == ELEMENT_FUSED) {
		json_put_number(object, "loss_db", element->loss_db);
	}
	json_object_set_new(after, "nch", json_integer((json_int_t)passage->channels));
	json_put_number(after, "ptot_dbm", passage->total_dbm);
	json_put_number(after, "pch_mean_dbm", passage->mean_dbm);
	json_put_number(after, "pch_min_dbm", passage->min_dbm);
	json_put_number(after, "pch_max_dbm", passage->max_dbm);
	json_put_number(after, "gsnr_bw_mean_db", passage->gsnr_db);
	json_put_number(after, "ase_tot_dbm", passage->ase_dbm);
	json_put_number(after, "nli_tot_dbm", passage->nli_dbm);
	json_object_set_new(object, "after", after);
	return object;
}

static void print_json(const struct answer *answer) {
	const struct network *network = &answer->world->network;
	json_t *path = json_array(), *elements = json_array(), *whole = json_object();

	for (size_t i = 0; i < answer->count; i++) {
		const struct element *element = network->elements[answer->way[i]];

		json_array_append_new(path, json_string(element->name));
		json_array_append_new(
			elements, element_json(element, &answer->propagation.passages[i]));
	}
	json_object_set_new(whole, "path", path);
	json_object_set_new(whole, "mean", mean_json(answer));
	json_object_set_new(whole, "receiver", receiver_json(answer));
	json_object_set_new(whole, "elements", elements);
	json_object_set_new(
		whole, "dropped_channels", json_integer((json_int_t)answer->propagation.dropped));
	optics_json_print(whole);
}

/* ---- text ---- */

enum { CELL_BYTES = 48 };

static void print_number(char *cell, double value) {
	if (isfinite(value))
		snprintf(cell, CELL_BYTES, "%.2f", value);
	else
		snprintf(cell, CELL_BYTES, "-");
}

/* What there is to say of one, in a word or two. */
static void describe(char *text, const struct element *element, const struct passage *passage) {
	switch (element->kind) {
	case ELEMENT_FIBRE:
		snprintf(text, CELL_BYTES, "%.1f km, %.1f dB", element->fibre->length_m / 1e3,
			fibre_loss_db(element->fibre));
		break;
	case ELEMENT_AMPLIFIER:
		snprintf(text, CELL_BYTES, "%.2f dB, NF %.2f%s", passage->amplifiers[0].gain_db,
			passage->amplifiers[0].nf_mean_db,
			passage->amplifiers[0].saturated ? ", full" : "");
		break;
	case ELEMENT_FUSED:
		snprintf(text, CELL_BYTES, "%.1f dB", element->loss_db);
		break;
	case ELEMENT_ROADM:
		snprintf(text, CELL_BYTES, "%.1f dB", passage->reference_loss_db);
		break;
	default:
		*text = 0;
	}
}

static void print_elements(const struct answer *answer) {
	static const struct column titles[] = {{"element", COLUMN_LEFT}, {"does", COLUMN_LEFT},
		{"dBm/ch", COLUMN_RIGHT}, {"total", COLUMN_RIGHT}, {"GSNR", COLUMN_RIGHT}};
	struct columns *columns = columns_create(titles, 5);

	for (size_t i = 0; columns && i < answer->count; i++) {
		const struct passage *passage = &answer->propagation.passages[i];
		const struct element *element = answer->world->network.elements[answer->way[i]];
		char does[CELL_BYTES], power[CELL_BYTES], total[CELL_BYTES], gsnr[CELL_BYTES];
		const char *const cells[] = {element->name, does, power, total, gsnr};

		describe(does, element, passage);
		print_number(power, passage->mean_dbm);
		print_number(total, passage->total_dbm);
		print_number(gsnr, passage->gsnr_db);
		columns_add(columns, cells);
	}
	if (columns)
		columns_finish(columns);
}

static void print_channels(const struct answer *answer) {
	static const struct column titles[] = {{"THz", COLUMN_RIGHT}, {"GBd", COLUMN_RIGHT},
		{"GSNR", COLUMN_RIGHT}, {"OSNR", COLUMN_RIGHT}, {"NLI SNR", COLUMN_RIGHT},
		{"dBm", COLUMN_RIGHT}, {"ps/nm", COLUMN_RIGHT}, {"PMD ps", COLUMN_RIGHT},
		{"PDL dB", COLUMN_RIGHT}};
	const struct spectrum *s = &answer->propagation.spectrum;
	struct columns *columns = columns_create(titles, 9);

	for (size_t i = 0; columns && i < s->count; i++) {
		struct reception one;
		char text[9][CELL_BYTES];
		const char *const cells[] = {text[0], text[1], text[2], text[3], text[4], text[5],
			text[6], text[7], text[8]};

		propagation_receive(&answer->propagation, i, &one);
		snprintf(text[0], CELL_BYTES, "%.5f", s->frequency_hz[i] / 1e12);
		print_number(text[1], s->baud_hz[i] / 1e9);
		print_number(text[2], one.gsnr_01nm_db);
		print_number(text[3], one.osnr_01nm_db);
		print_number(text[4], one.nli_bw_db);
		print_number(text[5], one.power_dbm);
		print_number(text[6], one.cd_ps_nm);
		print_number(text[7], one.pmd_ps);
		print_number(text[8], one.pdl_db);
		columns_add(columns, cells);
	}
	if (columns)
		columns_finish(columns);
}

static void print_text(const struct answer *answer) {
	struct reception mean;

	print_elements(answer);
	putchar('\n');
	print_channels(answer);
	propagation_mean(&answer->propagation, &mean);
	printf("\n%zu channels over %.1f km, %.2f ms: GSNR %.2f dB, OSNR %.2f dB in 0.1 nm, on "
	       "average\n",
		answer->propagation.spectrum.count,
		optics_way_km(&answer->world->network, answer->way, answer->count),
		answer->propagation.spectrum.latency_s * 1e3, mean.gsnr_01nm_db, mean.osnr_01nm_db);
	if (answer->propagation.dropped)
		printf("%zu channels left out: no amplifier of the way has a band for them\n",
			answer->propagation.dropped);
}

/* ---- the action ---- */

static int answer_it(const struct optics_request *request, const struct optics_world *world) {
	const struct propagation_options options = {
		.sim = &world->sim, .power_dbm = world->power_dbm};
	struct answer answer = {.world = world};
	int *way, error;

	way = optics_way(&world->network, request->words[0], request->words[1], &answer.count);
	if (!way)
		return -ENOENT;
	answer.way = way;
	error = propagation_run(
		&answer.propagation, &world->network, way, answer.count, &world->load, &options);
	if (error)
		optics_way_failed(&world->network, request->words[0], request->words[1], error);
	else
		(request->json ? print_json : print_text)(&answer);
	propagation_free(&answer.propagation);
	free(way);
	return error;
}

int optics_path(const struct optics_request *request) {
	struct optics_world world;
	int error;

	if (request->word_count != 2 || !request->topology || !request->equipment)
		return optics_wrong_usage();
	error = optics_open(&world, request, NULL, NULL);
	if (error)
		return EXIT_FAILED;
	error = answer_it(request, &world);
	optics_close(&world);
	return error ? EXIT_FAILED : EXIT_DONE;
}
