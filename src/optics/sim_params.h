/* sim_params: how finely and by which model propagation is computed; read from GNPy's sim-params
 * JSON. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum raman_method { RAMAN_PERTURBATIVE, RAMAN_NUMERICAL };
enum nli_method { NLI_GN_ANALYTIC, NLI_GGN_SEPARATED, NLI_GGN_APPROXIMATE };

enum { SIM_COMPUTED_MAX = 4096 };

struct sim_params {
	/* What GNPy 2.12 does where Heddle knows better (docs/optics.md). Not of the file. */
	bool compat;
	bool raman; /* stimulated Raman scattering between channels, and from pumps */
	enum raman_method raman_method;
	int raman_order;      /* of the perturbative solution, 1 to 4 */
	double result_step_m; /* between points of the power profile */
	double solver_step_m; /* of numerical integration */
	enum nli_method nli_method;
	double dispersion_tolerance, phase_shift_tolerance; /* of the GGN quadrature */
	/* Channels for which the GGN is computed, from 0, ascending; others are interpolated. All
	 * are computed if neither is given. */
	size_t *computed;
	size_t computed_count;  /* of `computed` */
	size_t computed_number; /* or so many, evenly spread; 0 if not given */
};

/* No Raman scattering, the GN model in closed form. */
void sim_params_defaults(struct sim_params *params);

/* 0, or a negative errno after messages. To be freed after 0. */
int sim_params_read(struct sim_params *params, const char *path);
void sim_params_free(struct sim_params *params);
