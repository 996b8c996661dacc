/* trace: see trace.h. */
#include "optics/trace.h"

#include "optics/physics.h"

/* A run that is watched. */
struct watch {
	struct trace *trace;
	const struct network *network;
	const int *way;
	double position_m;
};

static void add_point(struct watch *watch, size_t at, double position_m, const double *power_dbm,
	size_t channels) {
	struct trace *trace = watch->trace;
	struct trace_point *point =
		arena_append(&trace->arena, &trace->points, &trace->count, sizeof(*point));

	*point = (struct trace_point){position_m, 0, INFINITY, -INFINITY, at};
	for (size_t i = 0; i < channels; i++) {
		point->mean_dbm += power_dbm[i] / (double)channels;
		point->min_dbm = fmin(point->min_dbm, power_dbm[i]);
		point->max_dbm = fmax(point->max_dbm, power_dbm[i]);
	}
}

/* The channels go into the fibre with what is left behind its first connector and padding. */
static void follow_fibre(struct watch *watch, const struct propagation *propagation, size_t at,
	const struct fibre *fibre) {
	const struct power_profile *profile = &propagation->profile;
	const double *before = watch->trace->power_dbm[at - 1];
	double power[SPECTRUM_CHANNELS_MAX];

	for (size_t k = 0; k < profile->points; k++) {
		for (size_t i = 0; i < profile->channels; i++)
			power[i] = before[i] - fibre->connector_in_db - fibre->padding_db +
				   ratio_to_db(profile->ratio[i * profile->points + k]);
		add_point(watch, at, watch->position_m + profile->z_m[k], power, profile->channels);
	}
	watch->position_m += fibre->length_m;
}

static void look(void *owner, const struct propagation *propagation, size_t at) {
	struct watch *watch = owner;
	const struct spectrum *spectrum = &propagation->spectrum;
	const struct element *element = watch->network->elements[watch->way[at]];
	double *power = arena_array(&watch->trace->arena, spectrum->count, sizeof(*power));

	if (element->fibre && at > 0)
		follow_fibre(watch, propagation, at, element->fibre);
	for (size_t i = 0; i < spectrum->count; i++)
		power[i] = watt_to_dbm(spectrum_power_w(spectrum, i));
	watch->trace->power_dbm[at] = power;
	add_point(watch, at, watch->position_m, power, spectrum->count);
}

int trace_run(struct trace *trace, struct propagation *propagation, const struct network *network,
	const int *way, size_t count, const struct spectrum *load,
	const struct propagation_options *options) {
	struct watch watch = {trace, network, way, 0};
	int error;

	*trace = (struct trace){0};
	trace->power_dbm = arena_array(&trace->arena, count, sizeof(*trace->power_dbm));
	propagation->look = look;
	propagation->looker = &watch;
	error = propagation_run(propagation, network, way, count, load, options);
	propagation->look = NULL;
	return error;
}

void trace_free(struct trace *trace) {
	arena_free(&trace->arena);
	*trace = (struct trace){0};
}
