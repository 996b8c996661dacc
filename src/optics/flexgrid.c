/* flexgrid: see flexgrid.h. */
#include "optics/flexgrid.h"

#include <limits.h>
#include <math.h>

/* So much less than a whole one is taken for rounding. */
static const double tolerance = 1e-9;

int flexgrid_n(double frequency_hz) {
	return (int)lrint((frequency_hz - FLEXGRID_ANCHOR_HZ) / FLEXGRID_STEP_HZ);
}

double flexgrid_frequency(int n) {
	return FLEXGRID_ANCHOR_HZ + n * FLEXGRID_STEP_HZ;
}

double flexgrid_low(int n, int m) {
	return flexgrid_frequency(n) - m * FLEXGRID_WIDTH_HZ / 2;
}

double flexgrid_high(int n, int m) {
	return flexgrid_frequency(n) + m * FLEXGRID_WIDTH_HZ / 2;
}

int flexgrid_channels(double demand_bit_rate, double bit_rate) {
	return (int)fmin(ceil(demand_bit_rate / bit_rate - tolerance), INT_MAX);
}

int flexgrid_width(int channels, double spacing_hz) {
	return channels * (int)ceil(spacing_hz / FLEXGRID_WIDTH_HZ - tolerance);
}
