/* defaults: see defaults.h. */
#include "optics/defaults.h"

#include "optics/document.h"
#include "optics/physics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MODES = 13, OFFSETS = 85, RESPONSE_STEPS = 2000, OFFSETS_MAX = 4096 };

static const double offset_step_hz = 0.5e12;

/* Position (1/cm), peak, Gaussian and Lorentzian full widths (1/cm). */
static const double modes[MODES][4] = {
	{56.25, 1.00, 52.10, 17.37},
	{100.00, 11.40, 110.42, 38.81},
	{231.25, 36.67, 175.00, 58.33},
	{362.50, 67.67, 162.50, 54.17},
	{463.00, 74.00, 135.33, 45.11},
	{497.00, 4.50, 24.50, 8.17},
	{611.50, 6.80, 41.50, 13.83},
	{691.67, 4.60, 155.00, 51.67},
	{793.67, 4.20, 59.50, 19.83},
	{835.50, 4.50, 64.30, 21.43},
	{930.00, 2.70, 150.00, 50.00},
	{1080.00, 3.10, 91.00, 30.33},
	{1215.00, 3.00, 160.00, 53.33},
};

/* The response at a time: each mode an oscillation that decays. */
static double response(double t) {
	double sum = 0;

	for (int m = 0; m < MODES; m++) {
		double position = 2 * M_PI * 100 * LIGHT_SPEED * modes[m][0];
		double gaussian = M_PI * 100 * LIGHT_SPEED * modes[m][2];
		double lorentzian = M_PI * 100 * LIGHT_SPEED * modes[m][3];

		sum += modes[m][1] * exp(-lorentzian * t - gaussian * gaussian * t * t / 4) *
		       sin(position * t);
	}
	return sum;
}

/* Gain is the imaginary part of the response's transform; the sines of an equidistant grid come by
 * sin((k + 1) x) = 2 cos(x) sin(k x) - sin((k - 1) x). */
static void transform(double *gain) {
	const double step = 1e-15;

	for (int n = 1; n < RESPONSE_STEPS; n++) {
		double t = n * step, value = response(t), x = 2 * M_PI * offset_step_hz * t;
		double twice = 2 * cos(x), before = 0, now = sin(x);

		for (int k = 1; k < OFFSETS; k++) {
			double next = twice * now - before;

			gain[k] += value * now;
			before = now;
			now = next;
		}
	}
}

/* The smallest distance between offsets, if all are multiples of it; else 0. */
static double common_step(const double *offset_hz, size_t count) {
	double step = INFINITY;

	for (size_t i = 1; i < count; i++)
		step = fmin(step, offset_hz[i] - offset_hz[i - 1]);
	if (offset_hz[count - 1] / step > OFFSETS_MAX)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (fabs(offset_hz[i] / step - rint(offset_hz[i] / step)) > 1e-9)
			return 0;
	return step;
}

const struct raman_gain *raman_gain_create(struct arena *arena, const double *offset_hz,
	const double *gain, size_t count, double reference_hz) {
	struct raman_gain *raman = arena_alloc(arena, sizeof(*raman));
	const struct curve curve = {offset_hz, gain, count};
	double step = offset_hz[0] == 0 ? common_step(offset_hz, count) : 0, *offsets, *gains;
	size_t points = step > 0 ? (size_t)rint(offset_hz[count - 1] / step) + 1 : count;

	offsets = arena_array(arena, points, sizeof(*offsets));
	gains = arena_array(arena, points, sizeof(*gains));
	for (size_t i = 0; i < points; i++) {
		offsets[i] = step > 0 ? (double)i * step : offset_hz[i];
		gains[i] = step > 0 ? curve_at(&curve, offsets[i]) : gain[i];
	}
	*raman = (struct raman_gain){offsets, gains, points, reference_hz, step};
	return raman;
}

const struct raman_gain *defaults_raman(struct arena *arena) {
	double offset[OFFSETS], gain[OFFSETS] = {0}, peak = 0;

	transform(gain);
	for (int k = 0; k < OFFSETS; k++)
		peak = fmax(peak, gain[k]);
	for (int k = 0; k < OFFSETS; k++) {
		offset[k] = offset_step_hz * k;
		gain[k] *= 0.5e-13 / peak;
	}
	return raman_gain_create(arena, offset, gain, OFFSETS, LIGHT_SPEED / 1e-6);
}

struct curve defaults_gain_tilt(struct arena *arena) {
	double *at = arena_array(arena, 4, sizeof(*at));

	at[1] = at[2] = 1;
	at[3] = 2;
	return (struct curve){at, at + 2, 2};
}

static double *copy(struct arena *arena, const double *numbers, size_t count) {
	double *own = arena_array(arena, count, sizeof(*own));

	memcpy(own, numbers, count * sizeof(*own));
	return own;
}

static void take_raman(struct arena *arena, struct document *document, struct node *object,
	const struct raman_gain **raman) {
	size_t offsets, gains;
	const double *offset =
		document_numbers(document, object, "frequency_offset", 0, 1e15, &offsets);
	const double *gain = document_numbers(document, object, "gamma_raman", -1, 1, &gains);

	if (!object || !offsets)
		return;
	if (offsets != gains || offsets < 2) {
		document_mistake(document, object,
			"as many numbers in gamma_raman as in frequency_offset are expected");
		return;
	}
	for (size_t i = 1; i < offsets; i++)
		if (offset[i] <= offset[i - 1]) {
			document_mistake(document, object, "offsets are to ascend");
			return;
		}
	*raman = raman_gain_create(arena, offset, gain, offsets,
		document_number(document, object, "reference_frequency", 1e12, 1e16, 2e14));
}

static void take_tilt(
	struct arena *arena, struct document *document, struct node *object, struct curve *tilt) {
	size_t count;
	const double *value = document_numbers(document, object, "dgt", -1e3, 1e3, &count);
	double *at;

	if (count < 2)
		return;
	at = arena_array(arena, count, sizeof(*at));
	for (size_t i = 0; i < count; i++)
		at[i] = (double)i / (double)(count - 1);
	*tilt = (struct curve){at, copy(arena, value, count), count};
}

int defaults_read(struct arena *arena, const char *folder, const struct raman_gain **raman,
	struct curve *gain_tilt) {
	const char *path = arena_print(arena, "%s/defaults.json", folder);
	struct document document;
	int error;

	if (access(path, R_OK) < 0)
		return 0;
	error = document_read(&document, path);
	if (!error) {
		document.all_used = true;
		take_raman(arena, &document,
			document_object(&document, document.root, "raman_default"), raman);
		take_tilt(arena, &document,
			document_object(&document, document.root, "edfa_default_config"),
			gain_tilt);
		error = document_finish(&document);
	}
	document_free(&document);
	return error;
}
