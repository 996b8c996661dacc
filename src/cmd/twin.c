/* twin: raises a fabric on this machine, and looks into it. */
#include "base/log.h"
#include "cmd/command.h"
#include "fabric/state.h"
#include "twin/netns.h"
#include "twin/twin.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: heddle twin up [--name NAME] [--patience SECONDS] [--without-heddle] INTENT\n"
	"       heddle twin down NAME\n"
	"       heddle twin exec NAME NODE -- COMMAND...\n"
	"       heddle twin shell NAME NODE\n"
	"\n"
	"Raises a fabric on this machine: a network namespace for each switch and host, real FRR, "
	"and\n"
	"Heddle as each switch's data plane.\n"
	"\n"
	"  -n, --name NAME      of the twin (default: the fabric's)\n"
	"      --patience S     how long convergence may take (default: 120)\n"
	"      --without-heddle the kernels alone forward, to compare\n"
	"  -h, --help           this text\n";

enum { OPTION_PATIENCE = 256, OPTION_WITHOUT_HEDDLE };

static const struct option options[] = {
	{"name", required_argument, NULL, 'n'},
	{"patience", required_argument, NULL, OPTION_PATIENCE},
	{"without-heddle", no_argument, NULL, OPTION_WITHOUT_HEDDLE},
	{"help", no_argument, NULL, 'h'},
	{0},
};

struct request {
	struct twin_options twin;
	char **words;
	int count;
};

static int wrong_usage(void) {
	fputs(usage, stderr);
	return EXIT_USAGE;
}

static int up_design(struct request *request, const struct intent *intent) {
	static char self[4096];
	struct fabric *fabric;
	struct state *state;
	int error;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return EXIT_FAILED;
	request->twin.heddle_path = self;
	request->twin.intent_path = request->words[0];
	if (!request->twin.name)
		request->twin.name = intent->name;
	if (state_open(NULL, &state) < 0)
		return EXIT_FAILED;
	error = fabric_create(intent, request->words[0], state, &fabric);
	if (!error) {
		error = twin_up(fabric, state, &request->twin);
		fabric_destroy(fabric);
	}
	state_close(state);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int up(struct request *request) {
	struct intent intent;
	int status;

	if (request->count != 1)
		return wrong_usage();
	if (intent_read(&intent, request->words[0]) < 0)
		return EXIT_FAILED;
	status = up_design(request, &intent);
	intent_free(&intent);
	return status;
}

static int down(struct request *request) {
	if (request->count != 1)
		return wrong_usage();
	return twin_down(request->words[0]) < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int enter(const char *name, const char *node, char **command) {
	char namespace[TWIN_PATH_MAX];
	int fd;

	twin_namespace(name, node, namespace);
	fd = netns_open(namespace);
	if (fd < 0 || netns_enter(fd) < 0) {
		log_error("%s: twin '%s' has no such node, or does not run", node, name);
		return EXIT_FAILED;
	}
	execvp(command[0], command);
	log_error("%s: %s", command[0], strerror(errno));
	return EXIT_FAILED;
}

static int exec(struct request *request) {
	char **command = request->words + 2;

	if (request->count < 3)
		return wrong_usage();
	return enter(request->words[0], request->words[1], command);
}

static int shell(struct request *request) {
	char *command[] = {getenv("SHELL") ? getenv("SHELL") : "/bin/sh", NULL};

	if (request->count != 2)
		return wrong_usage();
	return enter(request->words[0], request->words[1], command);
}

static const struct {
	const char *name;
	int (*act)(struct request *request);
} actions[] = {{"up", up}, {"down", down}, {"exec", exec}, {"shell", shell}};

static bool take_patience(struct request *request) {
	char *end;
	unsigned long seconds = strtoul(optarg, &end, 10);

	request->twin.patience_s = (unsigned int)seconds;
	if (*end == '\0' && seconds > 0 && seconds <= 86400)
		return true;
	log_error("--patience '%s': expected seconds, 1 to 86400", optarg);
	return false;
}

int command_twin(int argc, char **argv) {
	struct request request = {.twin.patience_s = 120};
	int option;

	while ((option = getopt_long(argc, argv, "+n:h", options, NULL)) != -1)
		switch (option) {
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			return wrong_usage();
		}
	if (optind >= argc)
		return wrong_usage();
	argv += optind;
	argc -= optind;
	optind = 0;
	while ((option = getopt_long(argc, argv, "+n:h", options, NULL)) != -1)
		switch (option) {
		case 'n':
			request.twin.name = optarg;
			break;
		case OPTION_PATIENCE:
			if (!take_patience(&request))
				return EXIT_USAGE;
			break;
		case OPTION_WITHOUT_HEDDLE:
			request.twin.without_heddle = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			return wrong_usage();
		}
	request.words = argv + optind;
	request.count = argc - optind;
	if (request.count >= 3 && strcmp(request.words[2], "--") == 0) {
		memmove(request.words + 2, request.words + 3,
			(size_t)(request.count - 2) * sizeof(*request.words));
		request.count--;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(argv[0], actions[i].name) == 0)
			return actions[i].act(&request);
	log_error("twin: '%s' is no action", argv[0]);
	return wrong_usage();
}
