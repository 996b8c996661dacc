/* run: the daemon's command line. */
#include "agent/agent.h"
#include "base/log.h"
#include "cmd/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: heddle run [OPTION]...\n"
	"\n"
	"Forwards for Linux on the ports named, until SIGTERM or SIGINT.\n"
	"\n"
	"  -p, --port NAME      take this interface as a port (again for more)\n"
	"  -a, --all            take every Ethernet interface that can be one\n"
	"  -c, --config FILE    read these options from a YAML file (heddle.yaml(5))\n"
	"  -b, --bypass KIND    forward although KIND would decide otherwise: netfilter,\n"
	"                       traffic-control, xfrm, rule (again for more)\n"
	"      --native-only    do not fall back to generic XDP\n"
	"      --flow-seed N    seed of the hash that spreads flows over equal paths\n"
	"      --socket PATH    control socket (default: /run/heddle/NAMESPACE.sock)\n"
	"      --http ADDRESS   a page and metrics there: ADDRESS:PORT, or a PORT of 127.0.0.1\n"
	"      --debug          say more\n"
	"  -h, --help           this text\n";

enum { OPTION_NATIVE_ONLY = 256, OPTION_FLOW_SEED, OPTION_SOCKET, OPTION_HTTP, OPTION_DEBUG };

static const struct option options[] = {
	{"port", required_argument, NULL, 'p'},
	{"all", no_argument, NULL, 'a'},
	{"config", required_argument, NULL, 'c'},
	{"bypass", required_argument, NULL, 'b'},
	{"native-only", no_argument, NULL, OPTION_NATIVE_ONLY},
	{"flow-seed", required_argument, NULL, OPTION_FLOW_SEED},
	{"socket", required_argument, NULL, OPTION_SOCKET},
	{"http", required_argument, NULL, OPTION_HTTP},
	{"debug", no_argument, NULL, OPTION_DEBUG},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* What a value of the command line is taken as, once the option is known. */
static int take(int error, const char *option, const char *expected) {
	if (error)
		log_error("%s '%s': expected %s", option, optarg, expected);
	return error ? EXIT_USAGE : EXIT_DONE;
}

static int take_option(struct config *config, int option) {
	switch (option) {
	case 'p':
		return take(config_add_port(config, optarg), "--port",
			"the name of an interface, at most 255 of them");
	case 'a':
		config->all_ports = true;
		return EXIT_DONE;
	case 'c':
		return config_read(config, optarg) == 0 ? EXIT_DONE : EXIT_USAGE;
	case 'b':
		return take(config_add_bypass(config, optarg), "--bypass", config_bypass_names());
	case OPTION_NATIVE_ONLY:
		config->native_only = true;
		return EXIT_DONE;
	case OPTION_FLOW_SEED:
		return take(config_set_seed(config, optarg), "--flow-seed",
			"a number of at most 64 bits");
	case OPTION_SOCKET:
		return take(config_set_socket(config, optarg), "--socket",
			"an absolute path of at most 107 characters");
	case OPTION_HTTP:
		return take(config_set_http(config, optarg), "--http",
			"ADDRESS:PORT, [ADDRESS]:PORT, or a port of 127.0.0.1");
	case OPTION_DEBUG:
		config->debug = true;
		return EXIT_DONE;
	default:
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
}

int command_run(int argc, char **argv) {
	static struct config config; /* large: not on the stack */
	int option;

	config_init(&config);
	while ((option = getopt_long(argc, argv, "p:ac:b:h", options, NULL)) != -1) {
		int status;

		if (option == 'h') {
			fputs(usage, stdout);
			return EXIT_DONE;
		}
		status = take_option(&config, option);
		if (status != EXIT_DONE)
			return status;
	}
	if (optind < argc) {
		log_error("'%s' is not understood; ports are named by --port", argv[optind]);
		return EXIT_USAGE;
	}
	if (config.port_count == 0 && !config.all_ports) {
		log_error("no port: name some by --port, or take all by --all");
		return EXIT_USAGE;
	}
	return agent_run(&config) == 0 ? EXIT_DONE : EXIT_FAILED;
}
