/* optics_fuzz: bytes as any of the files that optics reads; the first byte says which. It is
 * refused, or read; and a topology that is read and small is designed, written, and carries a load
 * from its first transceiver to its last. */
#include "optics/design.h"
#include "optics/load.h"
#include "optics/network.h"
#include "optics/propagation.h"
#include "optics/routes.h"
#include "optics/sim_params.h"
#include "optics/topology_write.h"
#include "optics/uncertainty.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SMALL = 48, BYTES_MAX = 16384 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char library[] =
	"{\"Edfa\": [{\"type_variety\": \"a\", \"type_def\": \"variable_gain\", \"gain_flatmax\": "
	"26, "
	"\"gain_min\": 15, \"p_max\": 23, \"nf_min\": 6, \"nf_max\": 10},"
	"{\"type_variety\": \"b\", \"type_def\": \"fixed_gain\", \"gain_flatmax\": 21, "
	"\"gain_min\": 10, \"p_max\": 21, \"nf0\": 5},"
	"{\"type_variety\": \"c\", \"type_def\": \"multi_band\", \"amplifiers\": [\"a\", \"b\"]}],"
	"\"Fiber\": [{\"type_variety\": \"SSMF\"}],"
	"\"Span\": [{\"delta_power_range_db\": [-2, 3, 0.5]}],"
	"\"Roadm\": [{\"target_pch_out_db\": -20}],"
	"\"SI\": [{\"f_min\": 193e12, \"f_max\": 193.2e12, \"spacing\": 50e9, \"baud_rate\": "
	"32e9}]}";

/* A file in memory, filled anew; its path. */
static const char *file_of(int *fd, const void *bytes, size_t size) {
	static char path[64];

	if (*fd < 0)
		*fd = memfd_create("optics", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	return ftruncate(*fd, 0) == 0 && pwrite(*fd, bytes, size, 0) == (ssize_t)size ? path : NULL;
}

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

static const struct equipment *own_library(void) {
	static struct equipment equipment;
	static int fd = -1;

	if (!equipment.load_count)
		assert(equipment_read(&equipment, file_of(&fd, library, sizeof(library) - 1)) == 0);
	return &equipment;
}

static void try_topology(const char *path) {
	const struct equipment *equipment;
	struct network network;
	char own[64];

	snprintf(own, sizeof(own), "%s", path);
	equipment = own_library();
	if (network_read(&network, equipment, own) < 0)
		return;
	check_network(&network, equipment);
	network_free(&network);
}

/* Whatever is drawn from it is a number, and within its cuts. */
static void try_uncertainty(const char *path) {
	struct uncertainty uncertainty;
	const struct equipment *equipment;
	char own[64];

	snprintf(own, sizeof(own), "%s", path);
	equipment = own_library();
	if (uncertainty_read(&uncertainty, equipment, own) < 0)
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
	static int fd = -1;
	struct equipment equipment;
	struct sim_params sim;
	struct spectrum load;
	const char *path;

	if (size < 1 || size > BYTES_MAX)
		return 0;
	path = file_of(&fd, bytes + 1, size - 1);
	if (!path)
		return 0;
	switch (bytes[0] % 5) {
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
	default:
		try_topology(path);
	}
	return 0;
}
