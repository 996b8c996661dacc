/*
 * nli: the power of the nonlinear interference that one span of fibre makes in each channel, as the
 * Gaussian noise model has it: incoherent between spans, of self- and cross-channel interference
 * (four-wave mixing among three channels is neglected).
 *
 *   P_NLI,i = gamma_i^2 P_i sum_j w_ij psi_ij (P_j / B_j)^2,  w = 16/27 for i = j, else 32/27
 *   psi_ij  = integral over f1 of j, f2 of i, f1 + f2 - f_i of j of
 *             |integral over z of (P(z) / P(0)) exp(j dbeta z)|^2
 *   dbeta   = 4 pi^2 (f1 - f_i) (f2 - f_i) (beta2 + pi beta3 (f1 + f2 - 2 f_i))
 *
 *   NLI_GN_ANALYTIC     psi in closed form for loss alone: P. Poggiolini et al., arXiv:1209.0394,
 *                       eq. 120 to 123
 *   NLI_GGN_SEPARATED   psi by quadrature of the real power profile, in two dimensions for near
 *                       channels, in one for far ones: M. Cantono et al., arXiv:1710.02225, eq. 21
 *   NLI_GGN_APPROXIMATE cross-channel psi in closed form of the real power profile, self-channel
 * psi by quadrature: A. D'Amico et al., JLT 40, 3499 (2022), eq. 24 and 25
 */
#pragma once

#include "optics/fibre.h"
#include "optics/raman.h"
#include "optics/sim_params.h"
#include "optics/spectrum.h"

/* What is kept from one span to the next: the closed form's part that does not depend on lengths
 * and powers, for the fibre and the channels that it was last made for. Zeroed at first. */
struct nli_work {
	double *memory;
	size_t room, count; /* of channels; 0 if nothing is kept */
	bool kept, even;    /* even: all depends on the distance between channels alone */
};

/* `nli_w[i]`: P_NLI,i at the fibre's input (before loss). 0, or -ENOMEM. The profile is used by
 * the GGN methods only. */
int nli_compute(double *nli_w, struct nli_work *work, const struct fibre *fibre,
	const struct spectrum *spectrum, const struct power_profile *profile,
	const struct sim_params *params);
void nli_free(struct nli_work *work);
