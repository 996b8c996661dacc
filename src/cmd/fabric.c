/* fabric: designs a fabric from an intent, and says what a change of it takes. */
#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "fabric/blueprint.h"
#include "fabric/change.h"
#include "fabric/fabric.h"
#include "fabric/plan.h"
#include "fabric/state.h"
#include "twin/control.h"
#include "twin/live.h"
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
	"       heddle fabric apply [--name TWIN] INTENT\n"
	"\n"
	"Designs a data-center fabric from an intent (heddle-fabric(5)).\n"
	"\n"
	"  plan                 write configurations, cabling, addresses and a report\n"
	"  diff                 what turns one intent's fabric into another's, step by step;\n"
	"                       ends with 0 if nothing does, 1 if something does, 2 on errors\n"
	"  verify               prove the tables of a running twin (heddle-twin(1)): ends with 0\n"
	"                       if they do what the design says, 1 if not, with witnesses\n"
	"  apply                make a running twin what another intent says, as diff lists it\n"
	"  show --defaults      all that an intent may say, and what holds if it does not\n"
	"\n"
	"  -o, --output FOLDER  where to (default: the fabric's name)\n"
	"      --state FILE     what the last plan gave out (default: state.json in FOLDER)\n"
	"  -j, --json           diff, verify: as JSON\n"
	"  -n, --name TWIN      verify: which (default: the only one that runs)\n"
	"      --with-failures  verify: links and nodes that 'heddle twin fail' took are to be "
	"down\n"
	"      --most N         violations told (default: 20); all are counted\n"
	"  -h, --help           this text\n";

enum { OPTION_STATE = 256, OPTION_DEFAULTS, OPTION_MOST, OPTION_WITH_FAILURES };

/* What diff ends with, as diff(1) does. */
enum { DIFF_SAME = 0, DIFF_CHANGES = 1, DIFF_TROUBLE = 2 };

static const struct option options[] = {
	{"output", required_argument, NULL, 'o'},
	{"json", no_argument, NULL, 'j'},
	{"state", required_argument, NULL, OPTION_STATE},
	{"name", required_argument, NULL, 'n'},
	{"with-failures", no_argument, NULL, OPTION_WITH_FAILURES},
	{"most", required_argument, NULL, OPTION_MOST},
	{"defaults", no_argument, NULL, OPTION_DEFAULTS},
	{"help", no_argument, NULL, 'h'},
	{0},
};

enum { WORDS_MAX = 2 };

struct request {
	const char *output, *state, *twin;
	const char *words[WORDS_MAX]; /* after the action */
	int word_count;
	bool defaults, json, with_failures;
	size_t most;
};

static int wrong_usage(void) {
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* The state of a request, or that in a folder. */
static int open_state(const struct request *request, const char *folder, struct state **state) {
	char path[4096];

	snprintf(path, sizeof(path), "%s/state.json", folder);
	return state_open(request->state ? request->state : path, state);
}

static int design(const struct request *request, const struct intent *intent) {
	const char *folder = request->output ? request->output : intent->name;
	struct fabric *fabric;
	struct state *state;
	int error;

	if (open_state(request, folder, &state) < 0)
		return EXIT_FAILED;
	error = fabric_create(intent, request->words[0], state, &fabric);
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

	if (request->word_count != 1)
		return wrong_usage();
	if (intent_read(&intent, request->words[0]) < 0)
		return EXIT_FAILED;
	status = design(request, &intent);
	intent_free(&intent);
	return status;
}

static int tell_change(
	const struct request *request, const struct fabric *before, const struct fabric *after) {
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
static int compare(
	const struct request *request, const struct intent *old, const struct intent *new) {
	struct fabric *before = NULL, *after = NULL;
	struct state *state;
	int status = DIFF_TROUBLE;

	if (open_state(request, old->name, &state) < 0)
		return DIFF_TROUBLE;
	if (fabric_create(old, request->words[0], state, &before) == 0 &&
		fabric_create(new, request->words[1], state, &after) == 0)
		status = tell_change(request, before, after);
	fabric_destroy(before);
	fabric_destroy(after);
	state_close(state);
	return status;
}

static int diff(const struct request *request) {
	struct intent old, new;
	int status = DIFF_TROUBLE;

	if (request->word_count != 2)
		return wrong_usage();
	if (intent_read(&old, request->words[0]) < 0)
		return DIFF_TROUBLE;
	if (intent_read(&new, request->words[1]) == 0) {
		status = compare(request, &old, &new);
		intent_free(&new);
	}
	intent_free(&old);
	return status;
}

static int show(const struct request *request) {
	if (!request->defaults || request->word_count)
		return wrong_usage();
	intent_print_defaults(stdout);
	return EXIT_DONE;
}

/* Violations as they are found: text at once, JSON in one list at the end. */
struct findings {
	bool json;
	json_t *violations, *links;
};

static void tell_violation(void *owner, const struct violation *violation) {
	struct findings *findings = owner;

	if (findings->json) {
		json_array_append_new(findings->violations,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "kind",
				violation_name(violation->kind), "table", violation->layer,
				"destination", violation->destination, "node", violation->node,
				"found", violation->found, "expected", violation->wanted, "packet",
				violation->packet, "way", violation->way));
		return;
	}
	printf("%s: %s at %s (%s): by %s, not %s\n", violation_name(violation->kind),
		violation->destination, violation->node, violation->layer, violation->found,
		violation->wanted);
	if (violation->packet[0])
		printf("    %s\n    %s\n", violation->packet, violation->way);
}

static void tell_link(void *owner, const char *text) {
	struct findings *findings = owner;

	if (findings->json)
		json_array_append_new(findings->links, json_string(text));
	else
		printf("link: %s\n", text);
}

static void print_verdict(const struct findings *findings, const struct live *live,
	const struct live_verdict *verdict, size_t bad_links) {
	const struct fabric *fabric = live_fabric(live);
	json_t *answer;

	if (!findings->json) {
		printf("%zu nodes, %u tables each, %zu entries: %zu prefixes in %zu classes; read "
		       "in "
		       "%.2f s, proven in %.3f s\n%zu violations, %zu bad links\n",
			fabric->node_count, verdict->layers - 1, verdict->summary.entries,
			verdict->summary.prefixes, verdict->summary.classes, verdict->read_seconds,
			verdict->proof_seconds, verdict->summary.violations, bad_links);
		return;
	}
	answer = json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:O, s:O}", "nodes",
		(json_int_t)fabric->node_count, "entries", (json_int_t)verdict->summary.entries,
		"prefixes", (json_int_t)verdict->summary.prefixes, "classes",
		(json_int_t)verdict->summary.classes, "violations",
		(json_int_t)verdict->summary.violations, "read_s", verdict->read_seconds, "proof_s",
		verdict->proof_seconds, "told", findings->violations, "links", findings->links);
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
}

static int verify(const struct request *request) {
	struct findings findings = {
		.json = request->json, .violations = json_array(), .links = json_array()};
	struct live_verdict verdict;
	struct live *live;
	size_t bad_links = 0;
	int error;

	if (request->word_count)
		return wrong_usage();
	error = live_open(request->twin, &live);
	if (!error && request->with_failures && (error = live_read_failures(live)))
		live_close(live);
	if (!error) {
		bad_links = live_check_links(live, NULL, tell_link, &findings);
		const struct verify_telling telling = {
			.manner = request->json ? VERIFY_EACH : VERIFY_MERGED,
			.most = request->most,
			.told = tell_violation,
			.owner = &findings};

		error = live_verify(live, HEDDLES_ALL, &telling, &verdict);
		if (!error)
			print_verdict(&findings, live, &verdict, bad_links);
		live_close(live);
	}
	json_decref(findings.violations);
	json_decref(findings.links);
	return error || verdict.summary.violations || bad_links ? EXIT_FAILED : EXIT_DONE;
}

static void tell_progress(void *owner, const json_t *row) {
	const char *step = json_string_value(json_object_get(row, "step"));

	if (step)
		printf("%s\n", step);
	fflush(stdout);
}

/* The twin's supervisor does it; what is wrong with the intent is told here, before. */
static int apply_to(const char *twin, const char *intent) {
	char folder[TWIN_PATH_MAX], state[TWIN_PATH_MAX + 32];
	struct blueprint blueprint;
	char *path = realpath(intent, NULL);
	double began = clock_now();
	int error;

	twin_folder(twin, folder);
	snprintf(state, sizeof(state), "%s/plan/state.json", folder);
	error = blueprint_open(&blueprint, intent, state);
	if (!error) {
		blueprint_close(&blueprint);
		error = path ? twin_ask(
				       twin, json_pack("{s:s}", "apply", path), tell_progress, NULL)
			     : -ENOENT;
	}
	free(path);
	if (!error)
		printf("%s: all tables are what the model says, after %.1f s\n", twin,
			clock_now() - began);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int apply(const struct request *request) {
	char name[TWIN_PATH_MAX];

	if (request->word_count != 1)
		return wrong_usage();
	return twin_find(request->twin, name) < 0 ? EXIT_FAILED : apply_to(name, request->words[0]);
}

static const struct {
	const char *name;
	int (*act)(const struct request *request);
} actions[] = {
	{"plan", plan}, {"diff", diff}, {"show", show}, {"verify", verify}, {"apply", apply}};

int command_fabric(int argc, char **argv) {
	struct request request = {.most = 20};
	int option;

	while ((option = getopt_long(argc, argv, "o:n:jh", options, NULL)) != -1)
		switch (option) {
		case 'o':
			request.output = optarg;
			break;
		case 'j':
			request.json = true;
			break;
		case OPTION_STATE:
			request.state = optarg;
			break;
		case 'n':
			request.twin = optarg;
			break;
		case OPTION_WITH_FAILURES:
			request.with_failures = true;
			break;
		case OPTION_MOST:
			request.most = strtoul(optarg, NULL, 10);
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
	if (optind >= argc || argc - optind > 1 + WORDS_MAX)
		return wrong_usage();
	while (optind + 1 + request.word_count < argc) {
		request.words[request.word_count] = argv[optind + 1 + request.word_count];
		request.word_count++;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(argv[optind], actions[i].name) == 0)
			return actions[i].act(&request);
	log_error("fabric: '%s' is no action", argv[optind]);
	return wrong_usage();
}
