/* top: rates of every port, measured between two readings of the ledger. */
#include "base/columns.h"
#include "base/log.h"
#include "base/number.h"
#include "agent/client.h"
#include "cmd/command.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
	"usage: heddle top [OPTION]...\n"
	"\n"
	"  -i, --interval SECONDS   between readings (default 1)\n"
	"  -n, --count N            stop after N readings (default: never)\n"
	"  -j, --json               a line of JSON a reading\n"
	"      --socket PATH        of the daemon (default: that of this network namespace)\n"
	"  -h, --help               this text\n";

enum { OPTION_SOCKET = 256, PORTS_SHOWN = 255, COUNT_MOST = 1000000000 };

static const struct option options[] = {
	{"interval", required_argument, NULL, 'i'},
	{"count", required_argument, NULL, 'n'},
	{"json", no_argument, NULL, 'j'},
	{"socket", required_argument, NULL, OPTION_SOCKET},
	{"help", no_argument, NULL, 'h'},
	{0},
};

struct counts {
	char port[32];
	json_int_t received, bytes, forwarded, kernel, dropped;
};

struct reading {
	double at; /* seconds */
	size_t count;
	struct counts ports[PORTS_SHOWN];
};

static json_int_t number(const json_t *row, const char *group, const char *key) {
	return json_integer_value(json_object_get(json_object_get(row, group), key));
}

static void take_port(void *owner, const json_t *row) {
	struct reading *reading = owner;
	struct counts *counts;

	if (reading->count == PORTS_SHOWN)
		return;
	counts = &reading->ports[reading->count++];
	snprintf(counts->port, sizeof(counts->port), "%s",
		json_string_value(json_object_get(row, "port")));
	counts->received = number(row, "received", "packets");
	counts->bytes = number(row, "received", "bytes");
	counts->forwarded = number(row, "forwarded", "packets");
	counts->kernel = number(row, "kernel", "packets");
	counts->dropped = number(row, "dropped", "packets");
}

static int read_ledger(const char *socket_path, struct reading *reading) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	reading->at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	reading->count = 0;
	return client_ask(socket_path, json_pack("{s:s}", "show", "ports"), take_port, reading);
}

static const struct counts *counts_of(const struct reading *reading, const char *port) {
	static const struct counts none;

	for (size_t i = 0; i < reading->count; i++)
		if (strcmp(reading->ports[i].port, port) == 0)
			return &reading->ports[i];
	return &none;
}

struct rates {
	double received, bits, forwarded, kernel, dropped;
};

static struct rates rates_between(
	const struct counts *before, const struct counts *after, double seconds) {
	return (struct rates){
		.received = (double)(after->received - before->received) / seconds,
		.bits = (double)(after->bytes - before->bytes) * 8 / seconds,
		.forwarded = (double)(after->forwarded - before->forwarded) / seconds,
		.kernel = (double)(after->kernel - before->kernel) / seconds,
		.dropped = (double)(after->dropped - before->dropped) / seconds,
	};
}

static void print_json(const struct reading *before, const struct reading *after) {
	json_t *ports = json_array();

	for (size_t i = 0; i < after->count; i++) {
		const struct counts *now = &after->ports[i];
		struct rates rates =
			rates_between(counts_of(before, now->port), now, after->at - before->at);

		json_array_append_new(
			ports, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f}", "port", now->port,
				       "received_pps", rates.received, "received_bps", rates.bits,
				       "forwarded_pps", rates.forwarded, "kernel_pps", rates.kernel,
				       "dropped_pps", rates.dropped));
	}
	json_dumpf(ports, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(ports);
}

static void print_table(const struct reading *before, const struct reading *after) {
	static const struct column columns[] = {{"port", COLUMN_LEFT}, {"received/s", COLUMN_RIGHT},
		{"Mbit/s", COLUMN_RIGHT}, {"forwarded/s", COLUMN_RIGHT}, {"kernel/s", COLUMN_RIGHT},
		{"dropped/s", COLUMN_RIGHT}};
	struct columns *table = columns_create(columns, 6);

	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout); /* home, and clear below */
	for (size_t i = 0; table && i < after->count; i++) {
		const struct counts *now = &after->ports[i];
		struct rates rates =
			rates_between(counts_of(before, now->port), now, after->at - before->at);
		char cells[5][32];

		snprintf(cells[0], sizeof(cells[0]), "%.0f", rates.received);
		snprintf(cells[1], sizeof(cells[1]), "%.1f", rates.bits / 1e6);
		snprintf(cells[2], sizeof(cells[2]), "%.0f", rates.forwarded);
		snprintf(cells[3], sizeof(cells[3]), "%.0f", rates.kernel);
		snprintf(cells[4], sizeof(cells[4]), "%.0f", rates.dropped);
		columns_add(table, (const char *[]){now->port, cells[0], cells[1], cells[2],
					   cells[3], cells[4]});
	}
	if (table)
		columns_finish(table);
}

static int watch(const char *socket_path, double interval, uint64_t count, bool json) {
	static struct reading readings[2];
	struct timespec pause = {.tv_sec = (time_t)interval,
		.tv_nsec = (long)((interval - (double)(time_t)interval) * 1e9)};
	unsigned int now = 0;

	if (read_ledger(socket_path, &readings[now]) < 0)
		return EXIT_FAILED;
	for (uint64_t reading = 0; count == 0 || reading < count; reading++) {
		nanosleep(&pause, NULL);
		now = !now;
		if (read_ledger(socket_path, &readings[now]) < 0)
			return EXIT_FAILED;
		if (json)
			print_json(&readings[!now], &readings[now]);
		else
			print_table(&readings[!now], &readings[now]);
		fflush(stdout);
	}
	return EXIT_DONE;
}

int command_top(int argc, char **argv) {
	const char *socket_path = NULL;
	double interval = 1;
	uint64_t count = 0;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "i:n:jh", options, NULL)) != -1)
		switch (option) {
		case 'i':
			if (!decimal_parse(optarg, &interval) || interval < 0.1 ||
				interval > 3600) {
				log_error("--interval '%s': expected 0.1 to 3600 seconds", optarg);
				return EXIT_USAGE;
			}
			break;
		case 'n':
			if (!number_parse(optarg, 1, COUNT_MOST, &count)) {
				log_error("--count '%s': expected a number, 1 to %d", optarg,
					COUNT_MOST);
				return EXIT_USAGE;
			}
			break;
		case 'j':
			json = true;
			break;
		case OPTION_SOCKET:
			socket_path = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	if (optind < argc) {
		log_error("'%s' is not understood", argv[optind]);
		return EXIT_USAGE;
	}
	return watch(socket_path, interval, count, json);
}
