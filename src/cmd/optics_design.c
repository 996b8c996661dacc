/* optics_design: `heddle optics design`: the network with all amplifiers chosen and set. */
#include "cmd/optics_actions.h"

#include "base/columns.h"
#include "base/log.h"
#include "cmd/command.h"
#include "optics/topology_write.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* On stderr, so that the network can go to stdout. */
static void tell_why(void *owner, const struct element *element, const char *why) {
	fprintf(stderr, "%s: %s\n", element->name, why);
}

static int write_network(const struct network *network, const char *path) {
	json_t *json = network_json(network);
	size_t flags = JSON_INDENT(1) | JSON_REAL_PRECISION(15);
	int failed;

	if (!json) {
		log_error("optics: not enough memory");
		return EXIT_FAILED;
	}
	if (path) {
		failed = json_dump_file(json, path, flags);
	} else {
		failed = json_dumpf(json, stdout, flags);
		failed |= putchar('\n') == EOF || fflush(stdout) == EOF;
	}
	json_decref(json);
	if (failed)
		log_error("%s: %s", path ? path : "standard output", strerror(errno));
	return failed ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the table ---- */

enum { CELL_BYTES = 32 };

static void print_db(char *cell, double value) {
	if (isfinite(value))
		snprintf(cell, CELL_BYTES, "%.2f", value);
	else
		snprintf(cell, CELL_BYTES, "-");
}

static void print_amplifiers(struct columns *columns, const struct element *element) {
	for (size_t b = 0; b < element->amplifier_count; b++) {
		const struct amplifier *amplifier = &element->amplifiers[b];
		char gain[CELL_BYTES], power[CELL_BYTES], tilt[CELL_BYTES], voa[CELL_BYTES];
		const char *const cells[] = {
			b ? "" : element->name, amplifier->type->name, gain, power, tilt, voa};

		print_db(gain, amplifier->gain_db);
		print_db(power, amplifier->delta_p_db);
		print_db(tilt, amplifier->tilt_db);
		print_db(voa, amplifier->out_voa_db);
		columns_add(columns, cells);
	}
}

static void print_table(const struct network *network) {
	static const struct column titles[] = {{"amplifier", COLUMN_LEFT}, {"type", COLUMN_LEFT},
		{"gain dB", COLUMN_RIGHT}, {"power dB", COLUMN_RIGHT}, {"tilt dB", COLUMN_RIGHT},
		{"VOA dB", COLUMN_RIGHT}};
	struct columns *columns = columns_create(titles, 6);
	size_t amplifiers = 0, fibres = 0;

	for (size_t i = 0; columns && i < network->count; i++) {
		const struct element *element = network->elements[i];

		print_amplifiers(columns, element);
		amplifiers += element->amplifier_count;
		fibres += element->kind == ELEMENT_FIBRE;
	}
	if (columns)
		columns_finish(columns);
	printf("\n%zu amplifiers, %zu spans of fibre\n", amplifiers, fibres);
}

/* ---- the action ---- */

int optics_design(const struct optics_request *request) {
	struct optics_world world;
	int status;

	if (request->word_count || !request->topology || !request->equipment ||
		request->as_designed)
		return optics_wrong_usage();
	if (optics_open(&world, request, request->why ? tell_why : NULL, NULL) < 0)
		return EXIT_FAILED;
	status = request->why && !request->output ? EXIT_DONE
						  : write_network(&world.network, request->output);
	if (status == EXIT_DONE && request->output && !request->json)
		print_table(&world.network);
	optics_close(&world);
	return status;
}
