/* optics_design: `heddle optics design`: the network with all amplifiers chosen and set. */
#include "cmd/optics_actions.h"

#include "base/log.h"
#include "cmd/command.h"
#include "optics/topology_write.h"

#include <errno.h>
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
	optics_close(&world);
	return status;
}
