/*
 * fibre: a span of single-mode fibre: what it loses, disperses and scatters at each frequency.
 *
 * Frequencies in Hz, lengths in m, dispersion D in s/m2 (1e6 of it are ps/nm/km), its slope in
 * s/m3, losses in dB unless a name says otherwise.
 */
#pragma once

#include "optics/spectrum.h"

#include <stdbool.h>
#include <stddef.h>

/* A quantity by frequency: linear between points in ascending order, constant beyond them. */
struct curve {
	const double *frequency_hz, *value;
	size_t count;
};

double curve_at(const struct curve *curve, double frequency_hz);

/* Raman gain by frequency offset, for a pump at reference_hz in glass of 1 m2 effective area:
 * 1/(W m) * m2. Between frequencies i < j the gain is that of their offset, times
 * f_j / reference_hz, over the overlap of their effective areas (Rottwitt, JLT 21, 1652, 2003). */
struct raman_gain {
	const double *offset_hz, *gain;
	size_t count;
	double reference_hz;
	double step_hz; /* between offsets, which start at 0; 0 if they are uneven */
};

struct lumped_loss {
	double position_m, loss_db;
};

enum { FIBRE_PUMPS_MAX = 64 };

/* Power before the connector that it comes through. */
struct raman_pump {
	double power_w, frequency_hz;
	bool is_counter; /* against the channels */
};

struct fibre {
	const char *type_name;
	double length_m;
	struct curve loss_db_m;
	double connector_in_db, connector_out_db, padding_db; /* padding: a VOA at the input */
	const struct lumped_loss *lumped;                     /* by position */
	size_t lumped_count;

	/* D at FIBRE_REFERENCE_HZ and perhaps a slope; or D by frequency, if that has points. */
	double dispersion, dispersion_slope; /* slope NAN if there is none */
	struct curve dispersion_curve;
	double area_m2;         /* effective, at FIBRE_REFERENCE_HZ */
	double pmd_coefficient; /* s/sqrt(m) */
	const struct raman_gain *raman;

	const struct raman_pump *pumps;
	size_t pump_count;
	double temperature_k;
};

/* Power attenuation in 1/m. */
double fibre_alpha(const struct fibre *fibre, double frequency_hz);

/* Group velocity dispersion, s2/m: -D(f) c / (2 pi f^2). D is D0 (f/f_ref)^2 where nothing but D0
 * is known, which makes it one value for all frequencies; and its slope, s3/m. */
double fibre_beta2(const struct fibre *fibre, double frequency_hz);
double fibre_beta3(const struct fibre *fibre, double frequency_hz);

/* Accumulated dispersion of the whole span in s/m (1e3 of it are ps/nm): D(f) L. */
double fibre_dispersion(const struct fibre *fibre, double frequency_hz);

/* The same as GNPy 2.12 counts it: the slope a second time, and all at the reference frequency. */
double fibre_dispersion_gnpy(const struct fibre *fibre, double frequency_hz);

/* Effective area by Marcuse's Gaussian mode, pi r^2 / ln V(f), with the core's contrast such that
 * it is area_m2 at FIBRE_REFERENCE_HZ; the area from a nonlinear coefficient there; and the
 * nonlinear coefficient 2 pi f n2 / (c A(f)), 1/(W m). */
double fibre_area(const struct fibre *fibre, double frequency_hz);
double fibre_area_of_gamma(double gamma);
double fibre_gamma(const struct fibre *fibre, double frequency_hz);

/* Gain (positive, for i below j) or loss (negative) of i by j, 1/(W m): a photon of j becomes one
 * of i, so that the loss is f_j / f_i times the gain (Bromage, eq. 1). GNPy 2.12 has it equal. */
double fibre_raman(const struct fibre *fibre, double i_hz, double j_hz);
double fibre_raman_gnpy(const struct fibre *fibre, double i_hz, double j_hz);

/* What the span loses at FIBRE_REFERENCE_HZ, with connectors, padding and lumped losses. */
double fibre_loss_db(const struct fibre *fibre);
double fibre_lumped_db(const struct fibre *fibre);

double fibre_latency_s(const struct fibre *fibre);
