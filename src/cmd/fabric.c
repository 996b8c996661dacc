/* fabric: designs a fabric from an intent. */
#include "base/log.h"
#include "cmd/command.h"
#include "fabric/fabric.h"
#include "fabric/plan.h"
#include "fabric/state.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
	"usage: heddle fabric plan [-o FOLDER] [--state FILE] INTENT\n"
	"       heddle fabric show --defaults\n"
	"\n"
	"Designs a data-center fabric from an intent (heddle-fabric(5)).\n"
	"\n"
	"  plan                 write configurations, cabling, addresses and a report\n"
	"  show --defaults      all that an intent may say, and what holds if it does not\n"
	"\n"
	"  -o, --output FOLDER  where to (default: the fabric's name)\n"
	"      --state FILE     what the last plan gave out (default: state.json in FOLDER)\n"
	"  -h, --help           this text\n";

enum { OPTION_STATE = 256, OPTION_DEFAULTS };

static const struct option options[] = {
	{"output", required_argument, NULL, 'o'},
	{"state", required_argument, NULL, OPTION_STATE},
	{"defaults", no_argument, NULL, OPTION_DEFAULTS},
	{"help", no_argument, NULL, 'h'},
	{0},
};

struct request {
	const char *output, *state, *intent;
	bool defaults;
};

static int wrong_usage(void) {
	fputs(usage, stderr);
	return EXIT_USAGE;
}

static int design(const struct request *request, const struct intent *intent) {
	const char *folder = request->output ? request->output : intent->name;
	struct fabric *fabric;
	struct state *state;
	char path[4096];
	int error;

	snprintf(path, sizeof(path), "%s/state.json", folder);
	if (state_open(request->state ? request->state : path, &state) < 0)
		return EXIT_FAILED;
	error = fabric_create(intent, request->intent, state, &fabric);
	if (!error) {
		error = plan_write(fabric, state, folder);
		if (!error)
			printf("%s: %zu nodes, %zu cables, in %s\n", intent->name,
				fabric->node_count, fabric->link_count, folder);
		fabric_destroy(fabric);
	}
	state_close(state);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int plan(const struct request *request) {
	struct intent intent;
	int status;

	if (!request->intent)
		return wrong_usage();
	if (intent_read(&intent, request->intent) < 0)
		return EXIT_FAILED;
	status = design(request, &intent);
	intent_free(&intent);
	return status;
}

static int show(const struct request *request) {
	if (!request->defaults)
		return wrong_usage();
	intent_print_defaults(stdout);
	return EXIT_DONE;
}

static const struct {
	const char *name;
	int (*act)(const struct request *request);
} actions[] = {{"plan", plan}, {"show", show}};

int command_fabric(int argc, char **argv) {
	struct request request = {NULL};
	int option;

	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1)
		switch (option) {
		case 'o':
			request.output = optarg;
			break;
		case OPTION_STATE:
			request.state = optarg;
			break;
		case OPTION_DEFAULTS:
			request.defaults = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			return wrong_usage();
		}
	if (optind >= argc || argc - optind > 2)
		return wrong_usage();
	request.intent = argv[optind + 1];
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(argv[optind], actions[i].name) == 0)
			return actions[i].act(&request);
	log_error("fabric: '%s' is no action", argv[optind]);
	return wrong_usage();
}
