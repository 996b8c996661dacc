/* optics_fuzz: bytes as any of the files that optics reads; the first byte says which. It is
 * refused, or read; and a topology that is read and small is designed, written, and carries a load
 * from its first transceiver to its last; what planning reads is planned by, the rest of that byte
 * saying how. */
#include "optics/design.h"
#include "optics/load.h"
#include "optics/network.h"
#include "optics/propagation.h"
#include "optics/routes.h"
#include "optics/sim_params.h"
#include "optics/topology_write.h"
#include "optics/uncertainty.h"
#include "optics_plans.h"
#include "optics_world.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { SMALL = 48, BYTES_MAX = 16384, KINDS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void carry(const struct network *network, const struct equipment *equipment,
	const struct sim_params *sim, int from, int to) {
	const struct propagation_options options = {.sim = sim};
	struct propagation propagation = {0};
	struct spectrum load;
	size_t count;
	int *way = route_shortest_way(network, from, to, &count);

	if (!way)
		return;
	assert(load_full(&load, &equipment->loads[0], 0) == 0);
	if (propagation_run(&propagation, network, way, count, &load, &options) == 0)
		assert(propagation.spectrum.count > 0 && propagation.count == count);
	propagation_free(&propagation);
	spectrum_free(&load);
	free(way);
}

static void check_network(struct network *network, const struct equipment *equipment) {
	struct design_options how = {0};
	struct sim_params sim;
	int from = ELEMENT_NONE, to = ELEMENT_NONE;

	sim_params_defaults(&sim);
	sim.raman = network->count % 2;
	how.sim = &sim;
	for (size_t i = 0; i < network->count; i++) {
		assert(network_find(network, network->elements[i]->name) == (int)i);
		if (network->elements[i]->kind == ELEMENT_TRANSCEIVER) {
			from = from == ELEMENT_NONE ? (int)i : from;
			to = (int)i;
		}
	}
	if (network->count > SMALL || design_network(network, equipment, &how) < 0)
		return;
	json_decref(network_json(network));
	if (from != to)
		carry(network, equipment, &sim, from, to);
}

static void try_topology(const char *path) {
	struct network network;

	if (network_read(&network, world_library(), path) < 0)
		return;
	check_network(&network, world_library());
	network_free(&network);
}

/* Whatever is drawn from it is a number, and within its cuts. */
static void try_uncertainty(const char *path) {
	struct uncertainty uncertainty;

	if (uncertainty_read(&uncertainty, world_library(), path) < 0)
		return;
	for (int quantity = 0; quantity < QUANTITY_FIBRE_TYPE; quantity++) {
		const struct distribution *of = &uncertainty.deviations[quantity].distribution;
		double drawn = uncertainty_draw(&uncertainty, (enum quantity)quantity,
			(struct lot){.seed = 1, .element = 2});

		assert(isfinite(drawn));
		assert(of->kind == DISTRIBUTION_CERTAIN ||
			(drawn >= of->cut_below && drawn <= of->cut_above));
	}
	uncertainty_draw_fibre(&uncertainty, "SSMF", (struct lot){.seed = 1});
	uncertainty_free(&uncertainty);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static const struct load_rules rules = {.spacing_hz = 50e9, .baud_hz = 32e9};
	static struct world_file file;
	struct equipment equipment;
	struct sim_params sim;
	struct spectrum load;
	const char *path;

	if (size < 1 || size > BYTES_MAX)
		return 0;
	path = world_fill(&file, bytes + 1, size - 1);
	if (!path)
		return 0;
	switch (bytes[0] % KINDS) {
	case 0:
		if (equipment_read(&equipment, path) == 0)
			equipment_free(&equipment);
		break;
	case 1:
		if (sim_params_read(&sim, path) == 0)
			sim_params_free(&sim);
		break;
	case 2:
		if (load_read(&load, &rules, 0, path) == 0)
			spectrum_free(&load);
		break;
	case 4:
		try_uncertainty(path);
		break;
	case 5:
		plans_try_services(path, bytes[0] / KINDS);
		break;
	case 6:
		plans_try_risks(path, bytes[0] / KINDS);
		break;
	case 7:
		plans_try_lit(path, bytes[0] / KINDS);
		break;
	default:
		try_topology(path);
	}
	return 0;
}
