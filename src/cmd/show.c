/* show: tables of what the daemon knows, and the explanation of one decision. */
#include "base/columns.h"
#include "base/log.h"
#include "base/number.h"
#include "agent/client.h"
#include "cmd/command.h"

#include <getopt.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: heddle show ports|routes|nexthops|neighbours|ledger|holds|status [OPTION]...\n"
	"       heddle show route ADDRESS [from ADDRESS] [proto tcp|udp|icmp|N] [sport N]\n"
	"                                 [dport N] [length N] [port NAME] [OPTION]...\n"
	"\n"
	"  -4, -6               routes of IPv4 or of IPv6 only\n"
	"  -j, --json           JSON instead of a table\n"
	"      --socket PATH    of the daemon (default: that of this network namespace)\n"
	"  -h, --help           this text\n";

enum { OPTION_SOCKET = 256, CELL_BYTES = 256 };

static const struct option options[] = {
	{"json", no_argument, NULL, 'j'},
	{"socket", required_argument, NULL, OPTION_SOCKET},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* A column of a table: its title, and where in a row its value is ("received.packets"). */
struct field {
	struct column column;
	const char *path;
};

#define LEFT(title, path)                                                                          \
	{ {title, COLUMN_LEFT}, path }
#define RIGHT(title, path)                                                                         \
	{ {title, COLUMN_RIGHT}, path }

static const struct field port_fields[] = {LEFT("port", "port"), LEFT("mode", "mode"),
	LEFT("up", "up"), RIGHT("received", "received.packets"),
	RIGHT("forwarded", "forwarded.packets"), RIGHT("kernel", "kernel.packets"),
	RIGHT("dropped", "dropped.packets"), LEFT("ipv4", "ipv4_left"), LEFT("ipv6", "ipv6_left"),
	LEFT("egress", "egress_left"), LEFT("trouble", "trouble")};
static const struct field route_fields[] = {LEFT("prefix", "prefix"), LEFT("protocol", "protocol"),
	RIGHT("metric", "metric"), LEFT("via", "via")};
static const struct field nexthop_fields[] = {RIGHT("nexthop", "nexthop"), LEFT("kind", "kind"),
	LEFT("port", "port"), LEFT("used", "used"), LEFT("reason", "reason"), LEFT("mac", "mac"),
	LEFT("via", "via")};
static const struct field neighbour_fields[] = {LEFT("neighbour", "neighbour"),
	LEFT("interface", "interface"), LEFT("state", "state"), LEFT("mac", "mac"),
	LEFT("in use", "in_use")};
static const struct field ledger_fields[] = {LEFT("port", "port"), LEFT("fate", "fate"),
	LEFT("reason", "reason"), RIGHT("packets", "packets"), RIGHT("bytes", "bytes"),
	LEFT("what it means", "why")};
static const struct field hold_fields[] = {LEFT("kind", "kind"), LEFT("family", "family"),
	LEFT("interface", "interface"), LEFT("bypassed", "bypassed"), LEFT("what", "what")};

#define FIELDS(fields) fields, sizeof(fields) / sizeof((fields)[0])

static const struct kind {
	const char *name;
	const struct field *fields; /* NULL: one object, printed key by key */
	size_t field_count;
} kinds[] = {
	{"ports", FIELDS(port_fields)},
	{"routes", FIELDS(route_fields)},
	{"nexthops", FIELDS(nexthop_fields)},
	{"neighbours", FIELDS(neighbour_fields)},
	{"ledger", FIELDS(ledger_fields)},
	{"holds", FIELDS(hold_fields)},
	{"status", NULL, 0},
	{"route", NULL, 0},
};

static void scalar_text(const json_t *value, char *text) {
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		snprintf(text, CELL_BYTES, "%s", json_string_value(value));
		break;
	case JSON_INTEGER:
		snprintf(text, CELL_BYTES, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		snprintf(text, CELL_BYTES, "%.3f", json_real_value(value));
		break;
	case JSON_TRUE:
		strcpy(text, "yes");
		break;
	case JSON_FALSE:
		strcpy(text, "no");
		break;
	default:
		strcpy(text, "-");
	}
}

static const json_t *value_at(const json_t *row, const char *path) {
	const char *dot = strchr(path, '.');
	char key[64];

	if (!dot)
		return json_object_get(row, path);
	snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
	return value_at(json_object_get(row, key), dot + 1);
}

/* The table or the JSON array under way. */
struct printing {
	const struct kind *kind;
	bool json;
	size_t rows;
	struct columns *columns;
};

static void print_object(const json_t *object, int indent) {
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		char text[CELL_BYTES];

		if (json_is_object(value)) {
			printf("%*s%s\n", indent, "", key);
			print_object(value, indent + 2);
			continue;
		}
		scalar_text(value, text);
		printf("%*s%-*s %s\n", indent, "", 18 - indent, key, text);
	}
}

static void print_row(void *owner, const json_t *row) {
	struct printing *printing = owner;
	char texts[COLUMNS_MAX][CELL_BYTES];
	const char *cells[COLUMNS_MAX];

	if (printing->json) {
		fputs(printing->rows++ ? ",\n" : "", stdout);
		json_dumpf(row, stdout, JSON_COMPACT);
		return;
	}
	if (!printing->columns) {
		print_object(row, 0);
		return;
	}
	for (size_t i = 0; i < printing->kind->field_count; i++) {
		scalar_text(value_at(row, printing->kind->fields[i].path), texts[i]);
		cells[i] = texts[i];
	}
	columns_add(printing->columns, cells);
}

static int ask(const struct kind *kind, json_t *request, bool json, const char *socket_path) {
	struct printing printing = {.kind = kind, .json = json};
	struct column columns[COLUMNS_MAX];
	bool is_list = kind->fields != NULL;
	int error;

	for (size_t i = 0; i < kind->field_count; i++)
		columns[i] = kind->fields[i].column;
	if (is_list && !json)
		printing.columns = columns_create(columns, kind->field_count);
	if (is_list && json)
		fputs("[\n", stdout);
	error = client_ask(socket_path, request, print_row, &printing);
	if (json)
		fputs(is_list ? "\n]\n" : "\n", stdout);
	if (printing.columns)
		columns_finish(printing.columns);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static bool take_protocol(const char *text, uint64_t *number) {
	const struct protoent *entry;

	if (number_parse(text, 0, 255, number))
		return true;
	entry = getprotobyname(text);
	if (entry)
		*number = (uint64_t)entry->p_proto;
	else if (strcmp(text, "tcp") == 0)
		*number = 6;
	else if (strcmp(text, "udp") == 0)
		*number = 17;
	else if (strcmp(text, "icmp") == 0)
		*number = 1;
	else
		return false;
	return true;
}

/* A pair of words of "route ADDRESS": 0 or EXIT_USAGE. */
static int take_pair(json_t *request, const char *key, const char *value) {
	static const struct {
		const char *word, *key;
		unsigned int most; /* 0: text */
	} pairs[] = {
		{"from", "source", 0},
		{"port", "port", 0},
		{"proto", "protocol", 255},
		{"sport", "source_port", 65535},
		{"dport", "destination_port", 65535},
		{"length", "length", 9000},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		uint64_t number;

		if (strcmp(key, pairs[i].word) != 0)
			continue;
		if (pairs[i].most == 0) {
			json_object_set_new(request, pairs[i].key, json_string(value));
			return EXIT_DONE;
		}
		if (strcmp(key, "proto") == 0 ? !take_protocol(value, &number)
					      : !number_parse(value, 0, pairs[i].most, &number)) {
			log_error("%s '%s': expected a number up to %u", key, value, pairs[i].most);
			return EXIT_USAGE;
		}
		json_object_set_new(request, pairs[i].key, json_integer((json_int_t)number));
		return EXIT_DONE;
	}
	log_error("'%s': expected from, proto, sport, dport, length or port", key);
	return EXIT_USAGE;
}

static int take_route_words(json_t *request, int argc, char **argv) {
	if (argc < 1) {
		log_error("show route: an address is missing");
		return EXIT_USAGE;
	}
	json_object_set_new(request, "destination", json_string(argv[0]));
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc) {
			log_error("'%s': a value is missing", argv[i]);
			return EXIT_USAGE;
		}
		if (take_pair(request, argv[i], argv[i + 1]) != EXIT_DONE)
			return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static const struct kind *kind_named(const char *name) {
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return &kinds[i];
	return NULL;
}

int command_show(int argc, char **argv) {
	const char *socket_path = NULL;
	const struct kind *kind;
	bool json = false;
	json_t *request;
	int family = 0;
	int option;

	while ((option = getopt_long(argc, argv, "46jh", options, NULL)) != -1)
		switch (option) {
		case '4':
			family = 4;
			break;
		case '6':
			family = 6;
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
	kind = optind < argc ? kind_named(argv[optind]) : NULL;
	if (!kind) {
		if (optind < argc)
			log_error("show '%s' is not understood", argv[optind]);
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	request = json_pack("{s:s}", "show", kind->name);
	if (family)
		json_object_set_new(request, "family", json_integer(family));
	argc -= optind + 1;
	argv += optind + 1;
	if (strcmp(kind->name, "route") == 0 ? take_route_words(request, argc, argv) != EXIT_DONE
					     : argc > 0) {
		if (strcmp(kind->name, "route") != 0)
			log_error("'%s' is not understood", argv[0]);
		json_decref(request);
		return EXIT_USAGE;
	}
	return ask(kind, request, json, socket_path);
}
