/* raman_private: what the two ways of solving for Raman scattering share. */
#pragma once

#include "optics/raman.h"

/* All waves of a fibre: channels first, then pumps. Arrays over points and waves have the waves of
 * one point together: [point * count + wave]. */
struct waves {
	const struct fibre *fibre;
	size_t channels, count;
	double *frequency_hz, *alpha, *launch_w;
	/* C_ij at [j * stride + i], 0 for i from count on. Of so few digits as it can be measured
	 * to, it stays in the nearest cache. */
	float *coupling;
	size_t stride;
	size_t points;
	double *z_m;
	double *lumped; /* power ratio that lumped losses up to and with each point make */
};

/* Takes all from `work`, and `extra_arrays` over points and waves behind them. 0, or a negative
 * errno, as raman_solve. */
int raman_gather(struct waves *waves, struct raman_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct sim_params *params, size_t extra_arrays,
	double **extra);

/* gain[i] = sum over j of C_ij power[j], to six digits. */
void raman_gains(const struct waves *waves, const double *restrict power, double *restrict gain);

/* Room for a profile; ASE is none. 0, or -ENOMEM. */
int raman_lay_out(struct power_profile *profile, size_t channels, size_t points);

int raman_perturbative(struct power_profile *profile, struct raman_work *work,
	const struct fibre *fibre, const struct spectrum *spectrum,
	const struct sim_params *params);
int raman_numerical(struct power_profile *profile, struct raman_work *work,
	const struct fibre *fibre, const struct spectrum *spectrum,
	const struct sim_params *params);
