/* fabric: designs a fabric from an intent, and says what a change of it takes. */
#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/twin.h"
#include "cmd/fabric_actions.h"
#include "fabric/blueprint.h"
#include "fabric/change.h"
#include "fabric/plan.h"
#include "fabric/report.h"
#include "twin/control.h"
#include "twin/twin.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
	"usage: heddle fabric plan [-o FOLDER] [--state FILE] INTENT\n"
	"       heddle fabric diff [--state FILE] [--json] OLD NEW\n"
	"       heddle fabric show --defaults\n"
	"       heddle fabric verify [--name TWIN] [--with-failures] [--json] [--most N]\n"
	"       heddle fabric verify --tables FOLDER [--state FILE] [--json] [--most N] INTENT\n"
	"       heddle fabric collect [--name TWIN] [--heddle] -o FOLDER\n"
	"       heddle fabric whatif [--traffic FILE] [--pairs] [--state FILE] [--json]\n"
	"                            [--most N] INTENT\n"
	"       heddle fabric apply [--name TWIN] INTENT\n"
	"\n"
	"Designs a data-center fabric from an intent (heddle-fabric(5)).\n"
	"\n"
	"  plan                 write configurations, cabling, addresses and a report\n"
	"  diff                 what turns one intent's fabric into another's, step by step;\n"
	"                       ends with 0 if nothing does, 1 if something does, 2 on errors\n"
	"  verify               prove the tables of a running twin (heddle-twin(1)): ends with 0\n"
	"                       if they do what the design says, 1 if not, with witnesses\n"
	"  collect              write those tables into files, NODE.fib for each switch\n"
	"  whatif               what each failure of a link or node does, by the model\n"
	"  apply                make a running twin what another intent says, as diff lists it\n"
	"  show --defaults      all that an intent may say, and what holds if it does not\n"
	"\n"
	"  -o, --output FOLDER  where to (default: the fabric's name)\n"
	"      --state FILE     what the last plan gave out (default: state.json in FOLDER)\n"
	"  -j, --json           diff, verify, whatif: as JSON\n"
	"  -n, --name TWIN      verify, collect, apply: which (default: the only one that runs)\n"
	"      --with-failures  verify: links and nodes that 'heddle twin fail' took are to be "
	"down\n"
	"      --tables FOLDER  verify: the tables in files, NODE.fib or NODE.json (that is:\n"
	"                       ip -json route show table all) for each switch of the intent\n"
	"      --heddle         collect: those of Heddle (default: the kernels')\n"
	"      --traffic FILE   whatif: who sends how much to whom (heddle-fabric(5))\n"
	"      --pairs          whatif: any two links at once, too\n"
	"      --most N         violations, or failures of each kind, told (default: 20); all are\n"
	"                       counted\n"
	"  -h, --help           this text\n";

enum {
	OPTION_STATE = 256,
	OPTION_DEFAULTS,
	OPTION_MOST,
	OPTION_WITH_FAILURES,
	OPTION_TABLES,
	OPTION_HEDDLE,
	OPTION_TRAFFIC,
	OPTION_PAIRS
};

enum { MOST_MOST = 1000000 }; /* of --most */

/* What diff ends with, as diff(1) does. */
enum { DIFF_SAME = 0, DIFF_CHANGES = 1, DIFF_TROUBLE = 2 };

static const struct option options[] = {
	{"output", required_argument, NULL, 'o'},
	{"json", no_argument, NULL, 'j'},
	{"state", required_argument, NULL, OPTION_STATE},
	{"name", required_argument, NULL, 'n'},
	{"with-failures", no_argument, NULL, OPTION_WITH_FAILURES},
	{"most", required_argument, NULL, OPTION_MOST},
	{"tables", required_argument, NULL, OPTION_TABLES},
	{"traffic", required_argument, NULL, OPTION_TRAFFIC},
	{"pairs", no_argument, NULL, OPTION_PAIRS},
	{"heddle", no_argument, NULL, OPTION_HEDDLE},
	{"defaults", no_argument, NULL, OPTION_DEFAULTS},
	{"help", no_argument, NULL, 'h'},
	{0},
};

int fabric_wrong_usage(void) {
	fputs(usage, stderr);
	return EXIT_USAGE;
}

int fabric_open(const struct fabric_request *request, const char *intent_path,
	struct blueprint *blueprint) {
	return request->state ? blueprint_open(blueprint, intent_path, request->state)
			      : blueprint_open_in(blueprint, intent_path, request->output);
}

static int plan(const struct fabric_request *request) {
	struct blueprint blueprint;
	const char *folder;
	int error;

	if (request->word_count != 1)
		return fabric_wrong_usage();
	if (fabric_open(request, request->words[0], &blueprint) < 0)
		return EXIT_FAILED;
	folder = request->output ? request->output : blueprint.intent.name;
	error = plan_write(blueprint.fabric, blueprint.state, folder);
	if (report_warning(blueprint.fabric))
		log_warning("%s: %s", request->words[0], report_warning(blueprint.fabric));
	if (!error)
		printf("%s: %zu nodes, %zu cables, in %s\n", blueprint.intent.name,
			blueprint.fabric->node_count, blueprint.fabric->link_count, folder);
	blueprint_close(&blueprint);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int tell_change(const struct fabric_request *request, const struct fabric *before,
	const struct fabric *after) {
	struct change change;
	int status;

	if (change_create(before, after, &change) < 0) {
		log_error("fabric: not enough memory");
		return DIFF_TROUBLE;
	}
	if (request->json)
		change_write_json(&change, stdout);
	else
		change_write_text(&change, stdout);
	status = change.step_count ? DIFF_CHANGES : DIFF_SAME;
	change_free(&change);
	return status;
}

/* The new design takes up the state where the old one leaves it; it is written nowhere. */
static int diff(const struct fabric_request *request) {
	struct blueprint before, after;
	int status = DIFF_TROUBLE;

	if (request->word_count != 2)
		return fabric_wrong_usage();
	if (fabric_open(request, request->words[0], &before) < 0)
		return DIFF_TROUBLE;
	if (blueprint_open_after(&after, request->words[1], &before) == 0) {
		status = tell_change(request, before.fabric, after.fabric);
		blueprint_close(&after);
	}
	blueprint_close(&before);
	return status;
}

static int show(const struct fabric_request *request) {
	if (!request->defaults || request->word_count)
		return fabric_wrong_usage();
	intent_print_defaults(stdout);
	return EXIT_DONE;
}

static void tell_progress(void *owner, const json_t *row) {
	const char *step = json_string_value(json_object_get(row, "step"));

	if (step)
		printf("%s\n", step);
	fflush(stdout);
}

/* The twin's supervisor does it; what is wrong with the intent is told here, before. */
static int apply_to(const char *twin, const char *intent) {
	char state[TWIN_PATH_MAX];
	struct blueprint blueprint;
	char *path = realpath(intent, NULL);
	double began = clock_now();
	int error;

	twin_state_path(twin, state);
	error = blueprint_open(&blueprint, intent, state);
	if (!error) {
		blueprint_close(&blueprint);
		error = path ? twin_ask(
				       twin, json_pack("{s:s}", "apply", path), tell_progress, NULL)
			     : -ENOENT;
	}
	free(path);
	if (!error)
		error = twin_light_begin(twin);
	if (!error)
		printf("%s: all tables are what the model says, after %.1f s\n", twin,
			clock_now() - began);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int apply(const struct fabric_request *request) {
	char name[TWIN_PATH_MAX];

	if (request->word_count != 1)
		return fabric_wrong_usage();
	return twin_find(request->twin, name) < 0 ? EXIT_FAILED : apply_to(name, request->words[0]);
}

static const struct {
	const char *name;
	int (*act)(const struct fabric_request *request);
} actions[] = {{"plan", plan}, {"diff", diff}, {"show", show}, {"verify", fabric_verify},
	{"collect", fabric_collect}, {"whatif", fabric_whatif}, {"apply", apply}};

/* What to end with, or -1 to go on. */
static int take_option(struct fabric_request *request, int option) {
	switch (option) {
	case 'o':
		request->output = optarg;
		break;
	case 'j':
		request->json = true;
		break;
	case OPTION_STATE:
		request->state = optarg;
		break;
	case 'n':
		request->twin = optarg;
		break;
	case OPTION_WITH_FAILURES:
		request->with_failures = true;
		break;
	case OPTION_MOST:
		if (number_parse(optarg, 0, MOST_MOST, &request->most))
			break;
		log_error("--most '%s': expected a number, 0 to %d", optarg, MOST_MOST);
		return EXIT_USAGE;
	case OPTION_TABLES:
		request->tables = optarg;
		break;
	case OPTION_TRAFFIC:
		request->traffic = optarg;
		break;
	case OPTION_PAIRS:
		request->pairs = true;
		break;
	case OPTION_HEDDLE:
		request->heddle = true;
		break;
	case OPTION_DEFAULTS:
		request->defaults = true;
		break;
	case 'h':
		fputs(usage, stdout);
		return EXIT_DONE;
	default:
		return fabric_wrong_usage();
	}
	return -1;
}

int command_fabric(int argc, char **argv) {
	struct fabric_request request = {.most = 20};
	int option, status;

	while ((option = getopt_long(argc, argv, "o:n:jh", options, NULL)) != -1)
		if ((status = take_option(&request, option)) >= 0)
			return status;
	if (optind >= argc || argc - optind > 1 + FABRIC_WORDS_MAX)
		return fabric_wrong_usage();
	while (optind + 1 + request.word_count < argc) {
		request.words[request.word_count] = argv[optind + 1 + request.word_count];
		request.word_count++;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(argv[optind], actions[i].name) == 0)
			return actions[i].act(&request);
	log_error("fabric: '%s' is no action", argv[optind]);
	return fabric_wrong_usage();
}
