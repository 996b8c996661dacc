/*
 * raman: how the power of each channel changes along a fibre: loss, stimulated Raman scattering
 * between channels and from pumps, and the spontaneous emission that pumps add.
 *
 * dP_i/dz = -alpha_i P_i + sum_j C_ij P_i P_j: J. Bromage, "Raman amplification for fiber
 * communications systems", JLT 22, 79 (2004).
 */
#pragma once

#include "optics/fibre.h"
#include "optics/sim_params.h"
#include "optics/spectrum.h"

/* Power over launched power, of each channel at each point: ratio[channel * points + k]. */
struct power_profile {
	size_t channels, points;
	double *z_m, *ratio;
	double *ase_w; /* by pumps, of each channel at the end; all 0 without */
	double *memory;
};

/* Room for all that is kept from one fibre to the next, so that a long path allocates once. Zeroed
 * at first; freed by raman_free. */
struct raman_work {
	double *memory;
	size_t room;
};

/* What happens to channels of these powers at the fibre's input (behind connector and padding).
 * 0, -ENOMEM, or -E2BIG for steps so small that their points would fill the memory. `profile` is
 * reused if it has room; zeroed at first, freed by power_profile_free.
 *
 * Without params->raman nothing but loss. With pumps that counts as numerical: sweeps forward and
 * back until they agree. Perturbative: D'Amico et al., JLT 40, 3499 (2022), appendix: with
 * ln P_i = ln P_i0 - alpha_i z + G1 + G2 + ..., G1 by the others' power without scattering, G2 by
 * what G1 does to that, and so on. */
int raman_solve(struct power_profile *profile, struct raman_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct sim_params *params);

void power_profile_free(struct power_profile *profile);
void raman_free(struct raman_work *work);
