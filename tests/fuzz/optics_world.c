/* optics_world: see optics_world.h. */
#include "optics_world.h"

#include "optics/design.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

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
	"32e9}],"
	"\"Transceiver\": [{\"type_variety\": \"t\", \"frequency\": {\"min\": 193e12, \"max\": "
	"193.4e12}, \"mode\": ["
	"{\"format\": \"slow\", \"baud_rate\": 32e9, \"OSNR\": 10, \"bit_rate\": 1e8},"
	"{\"format\": \"fast\", \"baud_rate\": 40e9, \"OSNR\": 25, \"bit_rate\": 4e11},"
	"{\"format\": \"deaf\", \"baud_rate\": 32e9, \"OSNR\": 10, \"bit_rate\": 1e11, "
	"\"rx_power_min_dbm\": 0}]}]}";

#define SITE(name)  "{\"uid\": \"" name "\", \"type\": \"Transceiver\"}"
#define ROADM(name) "{\"uid\": \"" name "\", \"type\": \"Roadm\"}"
#define FIBRE(name, km)                                                                            \
	"{\"uid\": \"" name "\", \"type\": \"Fiber\", \"type_variety\": \"SSMF\", \"params\": "    \
	"{\"length\": " km ", \"loss_coef\": 0.2}}"
#define LINK(from, to)        "{\"from_node\": \"" from "\", \"to_node\": \"" to "\"}"
#define LINE(from, fibre, to) LINK(from, fibre) ", " LINK(fibre, to)
#define PATCH(one, other)     LINK(one, other) ", " LINK(other, one)

static const char topology[] =
	"{\"elements\": [" SITE("A") ", " SITE("A2") ", " SITE("B") ", " SITE("C") ", " SITE("D") ", " SITE(
		"E") ", " SITE("F") ", " SITE("G") ", " ROADM("a") ", " ROADM("b") ", " ROADM("c") ", " FIBRE("a-b",
		"80") ", " FIBRE("b-a", "80") ", " FIBRE("b-c", "0") ", " FIBRE("c-b",
		"0") ", " FIBRE("c-a", "100") ", " FIBRE("D-E", "40") ", " FIBRE("E-D",
		"40") "], \"connections\": [" PATCH("A", "a") ", " PATCH("A2", "a") ", " PATCH("B",
		"b") ", " PATCH("C", "c") ", " LINE("a", "a-b", "b") ", " LINE("b", "b-a",
		"a") ", " LINE("b", "b-c", "c") ", " LINE("c", "c-b", "b") ", " LINE("c", "c-a",
		"a") ", " LINE("D", "D-E", "E") ", " LINE("E", "E-D", "D") ", " PATCH("F",
		"G") "]}";

const char *world_fill(struct world_file *file, const void *bytes, size_t size) {
	if (!file->open) {
		file->fd = memfd_create("optics", 0);
		snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
		file->open = true;
	}
	return ftruncate(file->fd, 0) == 0 && pwrite(file->fd, bytes, size, 0) == (ssize_t)size
		       ? file->path
		       : NULL;
}

const struct equipment *world_library(void) {
	static struct equipment equipment;
	static struct world_file file;

	if (!equipment.load_count)
		assert(equipment_read(
			       &equipment, world_fill(&file, library, sizeof(library) - 1)) == 0);
	return &equipment;
}

static const struct network *network_designed(void) {
	static struct network network;
	static struct world_file file;
	struct sim_params sim;
	const struct design_options how = {.sim = &sim};

	if (network.count)
		return &network;
	sim_params_defaults(&sim);
	assert(network_read(&network, world_library(),
		       world_fill(&file, topology, sizeof(topology) - 1)) == 0);
	assert(design_network(&network, world_library(), &how) == 0);
	return &network;
}

void world_sections(struct sections *sections) {
	sections_build(sections, network_designed());
}
