/* design: see design.h. */
#include "optics/design_private.h"

#include "base/log.h"
#include "optics/load.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHY_BYTES = 256 };

void design_tell(
	const struct design *design, const struct element *element, const char *format, ...) {
	char why[WHY_BYTES];
	va_list arguments;

	if (!design->options->tell)
		return;
	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	design->options->tell(design->options->owner, element, why);
}

const struct element *design_span_start(
	const struct design *design, const struct element *element) {
	while (element->previous_count) {
		const struct element *before = design->network->elements[element->previous[0]];

		if (before->kind != ELEMENT_FIBRE && before->kind != ELEMENT_FUSED)
			break;
		element = before;
	}
	return element;
}

double design_span_loss(const struct design *design, const struct element *element) {
	const struct element *at;
	double loss = 0;

	if (element->kind != ELEMENT_FIBRE && element->kind != ELEMENT_FUSED)
		return 0;
	for (at = design_span_start(design, element);
		at->kind == ELEMENT_FIBRE || at->kind == ELEMENT_FUSED;
		at = design->network->elements[at->next[0]]) {
		loss += at->kind == ELEMENT_FIBRE ? fibre_loss_db(at->fibre) : at->loss_db;
		if (!at->next_count)
			break;
	}
	return loss;
}

static int design_lines(struct design *design) {
	struct network *network = design->network;
	int error = 0;

	for (size_t i = 0; i < network->count && !error; i++) {
		const struct element *node = network->elements[i];

		if (!element_is_node(node))
			continue;
		for (size_t k = 0; k < node->next_count && !error; k++)
			if (!element_is_node(network->elements[node->next[k]]))
				error = design_line(design, (int)i, node->next[k]);
	}
	return error;
}

int design_network(struct network *network, const struct equipment *equipment,
	const struct design_options *options) {
	struct design design = {network, equipment, options, {0}, 0};
	int error = load_full(&design.load, &equipment->loads[0], options->power_dbm);

	if (error)
		return error;
	spectrum_launch(&design.load);
	design.channels = options->channels ? options->channels : design.load.count;
	if (!options->channels && !equipment->loads[0].counts_for_design && options->load)
		design.channels = options->load->count;
	design_split(&design);
	design_connectors(&design);
	design_amplifiers(&design);
	design_padding(&design);
	error = design_lines(&design);
	spectrum_free(&design.load);
	return error;
}

/* Lets the design set what was open in `as_read`, and amplifiers that were not there. */
static void reopen(struct element *element, const struct element *as_read) {
	for (size_t b = 0; b < element->amplifier_count; b++) {
		const struct amplifier open = {.gain_db = NAN,
			.delta_p_db = NAN,
			.tilt_db = NAN,
			.out_voa_db = NAN,
			.in_voa_db = NAN};
		const struct amplifier *was =
			b < as_read->amplifier_count ? &as_read->amplifiers[b] : &open;
		struct amplifier *amplifier = &element->amplifiers[b];

		amplifier->gain_db = was->gain_db;
		amplifier->delta_p_db = was->delta_p_db;
		amplifier->tilt_db = was->tilt_db;
		amplifier->out_voa_db = was->out_voa_db;
		amplifier->in_voa_db = was->in_voa_db;
	}
}

int design_network_built(struct network *network, const struct equipment *equipment,
	double built_for_dbm, const struct design_options *options) {
	struct design_options built = *options;
	struct arena scratch = {0};
	size_t count = network->count;
	struct element *as_read = arena_array(&scratch, count, sizeof(*as_read));
	const struct element absent = {0};
	int error;

	for (size_t i = 0; i < count; i++) {
		const struct element *element = network->elements[i];
		size_t bytes = element->amplifier_count * sizeof(*element->amplifiers);

		as_read[i] = *element;
		as_read[i].amplifiers = arena_alloc(&scratch, bytes);
		if (bytes)
			memcpy(as_read[i].amplifiers, element->amplifiers, bytes);
	}
	built.power_dbm = built_for_dbm;
	built.tell = NULL;
	error = design_network(network, equipment, &built);
	for (size_t i = 0; i < network->count; i++)
		reopen(network->elements[i], i < count ? &as_read[i] : &absent);
	if (!error)
		error = design_network(network, equipment, options);
	arena_free(&scratch);
	return error;
}

int design_accept(struct network *network, const struct equipment *equipment) {
	int error = 0;

	for (size_t i = 0; i < network->count; i++) {
		struct element *element = network->elements[i];

		if (element->kind == ELEMENT_FIBRE) {
			if (isnan(element->fibre->connector_in_db))
				element->fibre->connector_in_db = equipment->span.connector_in_db;
			if (isnan(element->fibre->connector_out_db))
				element->fibre->connector_out_db = equipment->span.connector_out_db;
		}
		if (element->kind == ELEMENT_AMPLIFIER && !element->amplifier_count) {
			log_error("%s:%u: '%s' has no amplifiers", network->path, element->line,
				element->name);
			error = -EINVAL;
		}
		for (size_t b = 0; b < element->amplifier_count; b++) {
			struct amplifier *amplifier = &element->amplifiers[b];

			if (!amplifier->type || isnan(amplifier->gain_db)) {
				log_error("%s:%u: '%s' has no %s; without --as-designed it is "
					  "chosen",
					network->path, element->line, element->name,
					amplifier->type ? "gain" : "type");
				error = -EINVAL;
			}
			if (isnan(amplifier->out_voa_db))
				amplifier->out_voa_db = 0;
			if (isnan(amplifier->in_voa_db))
				amplifier->in_voa_db = 0;
			if (isnan(amplifier->tilt_db))
				amplifier->tilt_db = 0;
		}
	}
	return error;
}
