/* fibre: see fibre.h. */
#include "optics/fibre.h"

#include "optics/physics.h"

double curve_at(const struct curve *curve, double frequency_hz) {
	const double *f = curve->frequency_hz, *v = curve->value;
	size_t low = 0, high = curve->count - 1;

	if (curve->count == 1 || frequency_hz <= f[0])
		return v[0];
	if (frequency_hz >= f[high])
		return v[high];
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (f[middle] <= frequency_hz)
			low = middle;
		else
			high = middle;
	}
	return v[low] + (v[high] - v[low]) * (frequency_hz - f[low]) / (f[high] - f[low]);
}

double fibre_alpha(const struct fibre *fibre, double frequency_hz) {
	return curve_at(&fibre->loss_db_m, frequency_hz) / DB_PER_NEPER;
}

/* D at a frequency; slope is by wavelength. */
static double dispersion_at(const struct fibre *fibre, double frequency_hz) {
	double ratio = frequency_hz / FIBRE_REFERENCE_HZ;

	if (fibre->dispersion_curve.count)
		return curve_at(&fibre->dispersion_curve, frequency_hz);
	if (isnan(fibre->dispersion_slope))
		return fibre->dispersion * ratio * ratio;
	return fibre->dispersion +
	       fibre->dispersion_slope *
		       (LIGHT_SPEED / frequency_hz - LIGHT_SPEED / FIBRE_REFERENCE_HZ);
}

double fibre_beta2(const struct fibre *fibre, double frequency_hz) {
	return -dispersion_at(fibre, frequency_hz) * LIGHT_SPEED /
	       (2 * M_PI * frequency_hz * frequency_hz);
}

/* The slope at the reference of the parabola (of two points: the line) that lies nearest to beta2
 * at the points that are known. */
static double fit_beta3(const struct fibre *fibre) {
	const struct curve *curve = &fibre->dispersion_curve;
	double s[5] = {0}, t[3] = {0}, beta2_scale = 1e-26, determinant;

	for (size_t i = 0; i < curve->count; i++) {
		double x = (curve->frequency_hz[i] - FIBRE_REFERENCE_HZ) / 1e12;
		double y = fibre_beta2(fibre, curve->frequency_hz[i]) / beta2_scale, power = 1;

		for (int n = 0; n < 5; n++, power *= x) {
			s[n] += power;
			if (n < 3)
				t[n] += power * y;
		}
	}
	if (curve->count < 2)
		return 0;
	if (curve->count == 2)
		return (s[0] * t[1] - s[1] * t[0]) / (s[0] * s[2] - s[1] * s[1]) * beta2_scale /
		       (2 * M_PI * 1e12);
	/* The normal equations' second unknown, by Cramer's rule. */
	determinant = s[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (s[1] * s[4] - s[2] * s[3]) +
		      s[2] * (s[1] * s[3] - s[2] * s[2]);
	return (s[0] * (t[1] * s[4] - s[3] * t[2]) - t[0] * (s[1] * s[4] - s[2] * s[3]) +
		       s[2] * (s[1] * t[2] - s[2] * t[1])) /
	       determinant * beta2_scale / (2 * M_PI * 1e12);
}

/* d beta2 / d omega = (lambda / 2 pi c)^2 (lambda^2 S + 2 lambda D) */
double fibre_beta3(const struct fibre *fibre, double frequency_hz) {
	double wavelength = LIGHT_SPEED / frequency_hz;
	double scale = wavelength / (2 * M_PI * LIGHT_SPEED);

	if (fibre->dispersion_curve.count)
		return fit_beta3(fibre);
	if (isnan(fibre->dispersion_slope))
		return 0;
	return scale * scale *
	       (wavelength * wavelength * fibre->dispersion_slope +
		       2 * wavelength * dispersion_at(fibre, frequency_hz));
}

double fibre_dispersion(const struct fibre *fibre, double frequency_hz) {
	return dispersion_at(fibre, frequency_hz) * fibre->length_m;
}

double fibre_dispersion_gnpy(const struct fibre *fibre, double frequency_hz) {
	double beta =
		fibre_beta2(fibre, frequency_hz) +
		2 * M_PI * fibre_beta3(fibre, frequency_hz) * (frequency_hz - FIBRE_REFERENCE_HZ);

	return -beta * 2 * M_PI * FIBRE_REFERENCE_HZ * FIBRE_REFERENCE_HZ / LIGHT_SPEED *
	       fibre->length_m;
}

/* V is proportional to frequency, so that only its logarithm at the reference matters. */
double fibre_area(const struct fibre *fibre, double frequency_hz) {
	double core = M_PI * FIBRE_CORE_RADIUS * FIBRE_CORE_RADIUS;

	return core / (core / fibre->area_m2 + log(frequency_hz / FIBRE_REFERENCE_HZ));
}

double fibre_area_of_gamma(double gamma) {
	return 2 * M_PI * FIBRE_REFERENCE_HZ * SILICA_KERR / (LIGHT_SPEED * gamma);
}

double fibre_gamma(const struct fibre *fibre, double frequency_hz) {
	return 2 * M_PI * frequency_hz * SILICA_KERR /
	       (LIGHT_SPEED * fibre_area(fibre, frequency_hz));
}

/* No gain beyond the last offset that is known. */
static double gain_at(const struct raman_gain *raman, double offset_hz) {
	const struct curve curve = {raman->offset_hz, raman->gain, raman->count};

	return offset_hz > raman->offset_hz[raman->count - 1] ? 0 : curve_at(&curve, offset_hz);
}

double fibre_raman_gnpy(const struct fibre *fibre, double i_hz, double j_hz) {
	double high = i_hz > j_hz ? i_hz : j_hz, low = i_hz > j_hz ? j_hz : i_hz;
	double overlap = (fibre_area(fibre, i_hz) + fibre_area(fibre, j_hz)) / 2;
	double gain =
		gain_at(fibre->raman, high - low) * high / fibre->raman->reference_hz / overlap;

	return i_hz < j_hz ? gain : -gain;
}

double fibre_raman(const struct fibre *fibre, double i_hz, double j_hz) {
	double gain = fibre_raman_gnpy(fibre, i_hz, j_hz);

	return gain > 0 ? gain : gain * i_hz / j_hz;
}

double fibre_lumped_db(const struct fibre *fibre) {
	double loss = 0;

	for (size_t i = 0; i < fibre->lumped_count; i++)
		loss += fibre->lumped[i].loss_db;
	return loss;
}

double fibre_loss_db(const struct fibre *fibre) {
	return curve_at(&fibre->loss_db_m, FIBRE_REFERENCE_HZ) * fibre->length_m +
	       fibre->connector_in_db + fibre->connector_out_db + fibre->padding_db +
	       fibre_lumped_db(fibre);
}

double fibre_latency_s(const struct fibre *fibre) {
	return fibre->length_m * SILICA_INDEX / LIGHT_SPEED;
}
