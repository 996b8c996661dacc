/*
 * ggn: the integrals of the generalised Gaussian noise model over one span, for pairs of a channel
 * under test i and a pump j; see nli.h for what they are of.
 *
 * How efficiently waves mix depends on their frequencies by dbeta alone, and dbeta is linear in the
 * place within the channel under test. So the integral over the fibre is tabulated by dbeta for
 * each pump, with its own integral: one of the two integrals over frequency is two look-ups where
 * spectra are flat, and quadrature only where they fall off.
 */
#pragma once

#include "optics/fibre.h"
#include "optics/raman.h"
#include "optics/sim_params.h"
#include "optics/spectrum.h"

struct ggn {
	const struct fibre *fibre;
	const struct spectrum *spectrum;
	const struct power_profile *profile;
	const struct sim_params *params;
	struct ggn_table *tables; /* by pump, made when first asked for */
	double beta2_max, slot_max;
};

/* 0, or -ENOMEM. What is given stays the caller's. */
int ggn_create(struct ggn *ggn, const struct fibre *fibre, const struct spectrum *spectrum,
	const struct power_profile *profile, const struct sim_params *params);
void ggn_free(struct ggn *ggn);

/* |integral of rho2(z) exp(j dbeta z) dz|^2 of a channel's power profile, m2, for dbeta = n * step:
 * rho2 exponential between points, unless `alpha` is a number, 1/m: then rho2 exp(alpha z) is
 * linear. 0, or -ENOMEM. */
int ggn_efficiency(const struct power_profile *profile, size_t j, double alpha, double step,
	double *value, size_t count);

/* Channels nearer than 250 GHz * (32 GBd / B_j) * (21.3 ps2/km / |beta2|) mix as a plane of
 * frequencies. */
bool ggn_is_near(const struct ggn *ggn, size_t i, size_t j);

/* psi_ij, Hz2 m2, by two-dimensional quadrature; by one-dimensional, for far channels; and in
 * closed form: ln((df + B_j/2) / (df - B_j/2)) / (2 pi |beta2|) * integral of rho2(z)^2. */
double ggn_near(const struct ggn *ggn, size_t i, size_t j);
double ggn_far(const struct ggn *ggn, size_t i, size_t j);
double ggn_cross(const struct ggn *ggn, size_t i, size_t j);
