/* sim_params: see sim_params.h. */
#include "optics/sim_params.h"

#include "optics/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void sim_params_defaults(struct sim_params *params) {
	*params = (struct sim_params){
		.raman_method = RAMAN_PERTURBATIVE,
		.raman_order = 2,
		.result_step_m = 10e3,
		.solver_step_m = 10e3,
		.nli_method = NLI_GN_ANALYTIC,
		.dispersion_tolerance = 4,
		.phase_shift_tolerance = 0.1,
	};
}

static int take_word(struct document *document, struct node *object, const char *key,
	const char *const *words, int absent) {
	const char *text = document_text(document, object, key, NULL);

	if (!text)
		return absent;
	for (int i = 0; words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	document_mistake(document, document_member(object, key), "'%s' is no method; %s%s%s%s%s",
		text, words[0], " or ", words[1], words[2] ? " or " : "", words[2] ? words[2] : "");
	return absent;
}

static void take_raman(struct document *document, struct sim_params *params) {
	static const char *const methods[] = {"perturbative", "numerical", NULL};
	struct node *raman = document_object(document, document->root, "raman_params");

	params->raman = document_bool(document, raman, "flag", false);
	params->raman_method = (enum raman_method)take_word(document, raman, "method", methods, 0);
	params->raman_order =
		(int)document_number(document, raman, "order", 1, 4, params->raman_order);
	params->result_step_m = document_number(
		document, raman, "result_spatial_resolution", 1, 1e6, params->result_step_m);
	params->solver_step_m = document_number(
		document, raman, "solver_spatial_resolution", 1, 1e6, params->solver_step_m);
}

/* The file counts channels from 1. */
static int take_computed(struct document *document, struct node *nli, struct sim_params *params) {
	size_t count;
	const double *numbers =
		document_numbers(document, nli, "computed_channels", 1, SIM_COMPUTED_MAX, &count);

	params->computed_number = (size_t)document_number(
		document, nli, "computed_number_of_channels", 1, SIM_COMPUTED_MAX, 0);
	if (!count)
		return 0;
	params->computed = calloc(count, sizeof(*params->computed));
	if (!params->computed)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (i && numbers[i] <= numbers[i - 1]) {
			document_mistake(document, document_member(nli, "computed_channels"),
				"channels are to be in ascending order");
			break;
		}
		params->computed[i] = (size_t)numbers[i] - 1;
		params->computed_count++;
	}
	return 0;
}

static int take_nli(struct document *document, struct sim_params *params) {
	static const char *const methods[] = {
		"gn_model_analytic", "ggn_spectrally_separated", "ggn_approx", NULL};
	struct node *nli = document_object(document, document->root, "nli_params");

	params->nli_method = (enum nli_method)take_word(document, nli, "method", methods, 0);
	params->dispersion_tolerance = document_number(
		document, nli, "dispersion_tolerance", 1e-3, 1e3, params->dispersion_tolerance);
	params->phase_shift_tolerance = document_number(
		document, nli, "phase_shift_tolerance", 1e-6, 1e3, params->phase_shift_tolerance);
	return take_computed(document, nli, params);
}

int sim_params_read(struct sim_params *params, const char *path) {
	struct document document;
	int error = document_read(&document, path);

	sim_params_defaults(params);
	if (!error && document.root->kind != NODE_OBJECT)
		document_mistake(&document, document.root, "an object is expected");
	if (!error) {
		take_raman(&document, params);
		error = take_nli(&document, params);
	}
	if (!error)
		error = document_finish(&document);
	document_free(&document);
	if (error)
		sim_params_free(params);
	return error;
}

void sim_params_free(struct sim_params *params) {
	free(params->computed);
	params->computed = NULL;
	params->computed_count = 0;
}
