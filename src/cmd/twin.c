/* twin: `heddle twin`: raises a fabric on this machine, looks into it, and breaks it. */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/twin_timeline.h"
#include "fabric/blueprint.h"
#include "http/address.h"
#include "http/http.h"
#include "twin/light.h"
#include "twin/netns.h"
#include "twin/probe.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: heddle twin up [--name NAME] [--state FILE] [--patience S] [--without-heddle]\n"
	"                      [--emulate] [--http ADDRESS] INTENT\n"
	"       heddle twin status [--name NAME] [--json]\n"
	"       heddle twin exec [--name NAME] NODE -- COMMAND...\n"
	"       heddle twin shell [--name NAME] NODE\n"
	"       heddle twin probe [--name NAME] [--for S] [--traffic FILE] [--all] [--json]\n"
	"       heddle twin fail|flap [--name NAME] [--silent] [--json] link A:B|node NODE\n"
	"       heddle twin restore [--name NAME] [--json] [link A:B|node NODE]\n"
	"       heddle twin kill [--name NAME] [--json] NODE heddle|zebra|bgpd|bfdd\n"
	"       heddle twin restart [--name NAME] [--json] NODE\n"
	"       heddle twin drain|undrain [--name NAME] [--json] link A:B\n"
	"       heddle twin play [--name NAME] [--json] SCENARIO\n"
	"       heddle twin timeline [--name NAME] [--json]\n"
	"       heddle twin light [OPTION]... [show|cut ELEMENT|age FIBRE DB|fail AMPLIFIER|\n"
	"                         lose-pump FIBRE N|upgrade SERVICE MODE|mend ELEMENT]\n"
	"       heddle twin applications [--name NAME] [--for S] [--json] [show|stop|start]\n"
	"       heddle twin wire [--name NAME] A:B show|set [SETTING...]\n"
	"       heddle twin serve [--name NAME] [--http ADDRESS]\n"
	"       heddle twin model [--http ADDRESS] [--json] INTENT [SCENARIO]\n"
	"       heddle twin down [--name NAME]\n"
	"\n"
	"Raises a fabric on this machine: a network namespace for each switch and host, real\n"
	"FRR, and Heddle as each switch's data plane.\n"
	"\n"
	"  up                   raise it; returns when its tables are proven\n"
	"  status               nodes, processes, memory, failures; or all twins\n"
	"  exec, shell          run something on a node\n"
	"  probe                packets between all hosts, by every equal way\n"
	"  fail, restore, flap  a link or a node: what was lost, and how long it took\n"
	"  kill                 a process of a switch ends at once: what came of it\n"
	"  restart              the routing daemons of a switch end, and start again\n"
	"  drain, undrain       a link: traffic is asked to take other ways, and back\n"
	"  play                 do what a file says at its times, and tell one timeline\n"
	"  timeline             all that happened to it so far\n"
	"  light                what light the interconnects have, and what becomes of the\n"
	"                       network when a fibre is cut or ages, an amplifier or a pump\n"
	"                       fails, or a service gets another mode\n"
	"  applications         what the intent's applications come to: steps, frames, messages,\n"
	"                       requests; or stop them, or start them\n"
	"  wire                 see or change what a link's emulator does (heddle-wire(1)), both\n"
	"                       ways or, behind --from NODE, of what comes from there\n"
	"  serve                the page and the metrics of a running twin, by HTTP\n"
	"  model                the same computed, without raising anything: for who may not\n"
	"  down                 remove all of it\n"
	"\n"
	"  -n, --name NAME      the twin (default: the only one; up: the fabric's name)\n"
	"  -j, --json           as JSON\n"
	"      --state FILE     up: what the last plan gave out (heddle-fabric(1)), so that the\n"
	"                       twin has its numbers\n"
	"      --patience S     how long tables may take to be right (default: 120)\n"
	"      --without-heddle up: the kernels alone forward, to compare\n"
	"      --emulate        up: every link but those of hosts runs through heddle wire\n"
	"      --http ADDRESS   up, serve: a page of it there: ADDRESS:PORT, or a PORT of this\n"
	"                       machine alone (serve: 8080); 0 is any that is free\n"
	"      --silent         fail, flap: an emulated link keeps its carrier, but carries\n"
	"                       nothing\n"
	"      --for S          probe: how long (default: 5); flap: each down and up (0.5);\n"
	"                       applications: figures of so long, not of now\n"
	"      --all            probe: tell of every pair, not only of what is wrong\n"
	"      --times N        flap: how often (default: 3)\n"
	"      --rate N         probes a second, in all (default: 5000)\n"
	"      --traffic FILE   probe: play this meanwhile (heddle-fabric(5))\n"
	"      --scale X        probe: its rates times that (default: 1)\n"
	"      --pairs N        of hosts that probes run between (default: all; fail, restore,\n"
	"                       flap: 200 of them)\n"
	"      --flows N        source ports tried for each pair of hosts, at most (default: 128;\n"
	"                       fail, restore, flap: 16)\n"
	"  -h, --help           this text\n";

enum {
	OPTION_PATIENCE = 256,
	OPTION_WITHOUT_HEDDLE,
	OPTION_FOR,
	OPTION_TIMES,
	OPTION_RATE,
	OPTION_FLOWS,
	OPTION_ALL,
	OPTION_EMULATE,
	OPTION_PAIRS,
	OPTION_TRAFFIC,
	OPTION_SCALE,
	OPTION_SILENT,
	OPTION_STATE,
	OPTION_HTTP
};

static const struct option options[] = {
	{"name", required_argument, NULL, 'n'},
	{"json", no_argument, NULL, 'j'},
	{"state", required_argument, NULL, OPTION_STATE},
	{"http", required_argument, NULL, OPTION_HTTP},
	{"patience", required_argument, NULL, OPTION_PATIENCE},
	{"without-heddle", no_argument, NULL, OPTION_WITHOUT_HEDDLE},
	{"for", required_argument, NULL, OPTION_FOR},
	{"times", required_argument, NULL, OPTION_TIMES},
	{"rate", required_argument, NULL, OPTION_RATE},
	{"emulate", no_argument, NULL, OPTION_EMULATE},
	{"silent", no_argument, NULL, OPTION_SILENT},
	{"all", no_argument, NULL, OPTION_ALL},
	{"traffic", required_argument, NULL, OPTION_TRAFFIC},
	{"scale", required_argument, NULL, OPTION_SCALE},
	{"pairs", required_argument, NULL, OPTION_PAIRS},
	{"flows", required_argument, NULL, OPTION_FLOWS},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static bool read_line(const char *name, const char *file, char *line, size_t size) {
	char folder[TWIN_PATH_MAX], path[TWIN_PATH_MAX + 32];
	FILE *from;
	bool is_there;

	twin_folder(name, folder);
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	from = fopen(path, "re");
	is_there = from && fgets(line, (int)size, from);
	if (from)
		fclose(from);
	if (is_there)
		line[strcspn(line, "\n")] = '\0';
	return is_there;
}

/* It is started with the rest of the twin. */
static void tell_page(const char *name) {
	double until = clock_now() + 5;
	char url[128], token[HTTP_TOKEN_BYTES + 1], folder[TWIN_PATH_MAX];

	while (!read_line(name, "url", url, sizeof(url)) && clock_now() < until)
		usleep(20000);
	twin_folder(name, folder);
	if (read_line(name, "url", url, sizeof(url)) &&
		read_line(name, "token", token, sizeof(token)))
		printf("page: %s   token: %s\n", url, token);
	else
		log_warning("the page does not come up; see %s/page.log", folder);
}

static int up(const struct twin_request *request) {
	static char self[4096];
	struct twin_options twin = request->up;
	struct blueprint blueprint;
	bool has_light;
	int error;

	if (request->count != 1)
		return EXIT_USAGE;
	if (request->state && access(request->state, R_OK) < 0) {
		log_error("--state %s: %s", request->state, strerror(errno));
		return EXIT_FAILED;
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 ||
		blueprint_open(&blueprint, request->words[0], request->state) < 0)
		return EXIT_FAILED;
	twin.heddle_path = self;
	twin.intent_path = request->words[0];
	twin.name = request->name ? request->name : blueprint.intent.name;
	has_light = blueprint.intent.optics.services[0];
	error = has_light ? light_check(blueprint.fabric, twin.intent_path) : 0;
	if (!error)
		error = twin_up(blueprint.fabric, blueprint.state, &twin);
	if (!error)
		error = twin_light_begin(twin.name);
	if (!error && twin.http)
		tell_page(twin.name);
	blueprint_close(&blueprint);
	return error ? EXIT_FAILED : EXIT_DONE;
}

/* One that is named and not there is down already. */
static int down(const struct twin_request *request) {
	char name[TWIN_PATH_MAX];

	if (request->count)
		return EXIT_USAGE;
	if (!request->name && twin_find(NULL, name) < 0)
		return EXIT_FAILED;
	return twin_down(request->name ? request->name : name) < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int enter(const struct twin_request *request, const char *node, char **command) {
	char name[TWIN_PATH_MAX], namespace[TWIN_PATH_MAX];
	int fd;

	if (twin_find(request->name, name) < 0)
		return EXIT_FAILED;
	twin_namespace(name, node, namespace);
	fd = netns_open(namespace);
	if (fd < 0 || netns_enter(fd) < 0) {
		log_error("%s: twin '%s' has no such node; 'heddle twin status' lists them", node,
			name);
		return EXIT_FAILED;
	}
	execvp(command[0], command);
	log_error("%s: %s", command[0], strerror(errno));
	return EXIT_FAILED;
}

int twin_find_link(const struct fabric *fabric, const char *words, int *link) {
	int error = fabric_find_link(fabric, words, link);

	if (error == -EEXIST)
		log_error("%s: there are several cables; a port says which: 'leaf1:swp63'", words);
	else if (error)
		log_error("%s: no such link; expected NODE:NODE or NODE:PORT, as in "
			  "'leaf1:spine2'",
			words);
	return error;
}

static int exec(const struct twin_request *request) {
	bool has_dashes = request->count > 1 && strcmp(request->words[1], "--") == 0;

	if (request->count < 2 + has_dashes)
		return EXIT_USAGE;
	return enter(request, request->words[0], request->words + 1 + has_dashes);
}

static int shell(const struct twin_request *request) {
	char *command[] = {getenv("SHELL") ? getenv("SHELL") : "/bin/sh", NULL};

	return request->count == 1 ? enter(request, request->words[0], command) : EXIT_USAGE;
}

static const struct {
	const char *name;
	int (*act)(const struct twin_request *request);
} actions[] = {{"up", up}, {"status", twin_status}, {"exec", exec}, {"shell", shell},
	{"probe", twin_probe}, {"fail", twin_fail}, {"restore", twin_restore}, {"flap", twin_flap},
	{"kill", twin_kill}, {"restart", twin_restart}, {"drain", twin_drain},
	{"undrain", twin_undrain}, {"play", twin_play}, {"timeline", twin_tell_timeline},
	{"light", twin_light}, {"applications", twin_applications}, {"wire", twin_wire},
	{"serve", twin_serve}, {"model", twin_model}, {"down", down}};

static bool take_number(const char *option, unsigned int most, unsigned int *number) {
	uint64_t value;

	if (number_parse(optarg, 1, most, &value)) {
		*number = (unsigned int)value;
		return true;
	}
	log_error("--%s '%s': expected a number, 1 to %u", option, optarg, most);
	return false;
}

static bool take_seconds(double *seconds) {
	if (decimal_parse(optarg, seconds) && *seconds > 0 && *seconds <= 86400)
		return true;
	log_error("--for '%s': expected seconds, above 0, up to 86400", optarg);
	return false;
}

static bool take_scale(double *scale) {
	if (decimal_parse(optarg, scale) && *scale > 0 && *scale <= 1000)
		return true;
	log_error("--scale '%s': expected a number, above 0, up to 1000", optarg);
	return false;
}

static bool take_address(void) {
	if (http_address_is_right(optarg))
		return true;
	log_error("--http '%s': expected ADDRESS:PORT, [ADDRESS]:PORT, or a port of 127.0.0.1",
		optarg);
	return false;
}

/* What to end with, or -1 to go on. */
static int take_option(struct twin_request *request, int option) {
	bool is_right = true;

	switch (option) {
	case 'n':
		request->name = optarg;
		break;
	case 'j':
		request->json = true;
		break;
	case OPTION_STATE:
		request->state = optarg;
		break;
	case OPTION_HTTP:
		is_right = take_address();
		request->http = request->up.http = optarg;
		break;
	case OPTION_PATIENCE:
		is_right = take_number("patience", 86400, &request->up.patience_s);
		break;
	case OPTION_WITHOUT_HEDDLE:
		request->up.without_heddle = true;
		break;
	case OPTION_FOR:
		is_right = take_seconds(&request->seconds);
		break;
	case OPTION_TIMES:
		is_right = take_number("times", 1000, &request->times);
		break;
	case OPTION_RATE:
		is_right = take_number("rate", 1000000, &request->rate);
		break;
	case OPTION_EMULATE:
		request->up.emulate_all = true;
		break;
	case OPTION_SILENT:
		request->silent = true;
		break;
	case OPTION_ALL:
		request->all = true;
		break;
	case OPTION_TRAFFIC:
		request->traffic = optarg;
		break;
	case OPTION_SCALE:
		is_right = take_scale(&request->scale);
		break;
	case OPTION_PAIRS:
		is_right = take_number("pairs", 1U << 30, &request->pairs);
		break;
	case OPTION_FLOWS:
		is_right = take_number("flows", PROBE_PORTS_MAX, &request->flows);
		break;
	case 'h':
		fputs(usage, stdout);
		return EXIT_DONE;
	default:
		is_right = false;
		fputs(usage, stderr);
	}
	return is_right ? -1 : EXIT_USAGE;
}

int command_twin(int argc, char **argv) {
	struct twin_request request = {.up.patience_s = 120, .times = 3, .rate = 5000, .scale = 1};
	int option, status = EXIT_FAILED;

	/* Options may stand before the action and after it; of exec, those after the node are the
	 * command's, and of wire those after the link. */
	for (int turn = 0; turn < 2; turn++) {
		bool all = turn && strcmp(request.action, "exec") != 0 &&
			   strcmp(request.action, "wire") != 0;

		while ((option = getopt_long(argc, argv, all ? "n:jh" : "+n:jh", options, NULL)) !=
			-1)
			if ((status = take_option(&request, option)) >= 0)
				return status;
		argv += optind;
		argc -= optind;
		if (turn || argc == 0)
			break;
		request.action = argv[0];
		optind = 0;
	}
	request.words = argv;
	request.count = argc;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]) && request.action; i++)
		if (strcmp(request.action, actions[i].name) == 0) {
			request.timeline = timeline_create();
			if (request.timeline)
				status = actions[i].act(&request);
			timeline_destroy(request.timeline);
			if (status == EXIT_USAGE)
				fputs(usage, stderr);
			return status;
		}
	if (request.action)
		log_error("twin: '%s' is no action", request.action);
	fputs(usage, stderr);
	return EXIT_USAGE;
}
