/* wire: becomes a wire between two interfaces, or asks one. */
#include "agent/client.h"
#include "base/columns.h"
#include "base/local_socket.h"
#include "base/log.h"
#include "base/number.h"
#include "cmd/command.h"
#include "emulator/emulator.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char usage[] =
	"usage: heddle wire A B [OPTION]...           carry frames between two interfaces\n"
	"       heddle wire set A B [OPTION]...       change that while it does\n"
	"       heddle wire show [--json] A B         settings and counters\n"
	"\n"
	"Settings, of frames that arrive at either interface or, after --from, at that one:\n"
	"\n"
	"      --delay TIME         each frame takes so long: 50us, 10ms, 1s\n"
	"      --jitter TIME        more or less; frames keep their order all the same\n"
	"      --distribution KIND  of the jitter: uniform, normal or pareto\n"
	"      --rate RATE          bits per second: 400M, 10G; 0 for no limit\n"
	"      --overhead BYTES     beside each frame, for the rate (default: Ethernet's 24)\n"
	"      --limit BYTES        of the queue in front of the rate (default: 1M)\n"
	"      --loss PERCENT       frames that get lost\n"
	"      --loss-burst N       … in bursts of so many frames in the mean\n"
	"      --corrupt PERCENT    frames with one bit flipped\n"
	"      --duplicate PERCENT  frames that come twice\n"
	"      --reorder PERCENT    frames that go without the delay, and overtake\n"
	"      --down, --up         carry nothing, with the carrier left on; carry again\n"
	"      --from INTERFACE     what follows is for frames that arrive there\n"
	"\n"
	"      --seed N             of chance: the same again with the same (default: any)\n"
	"      --memory BYTES       for frames under way (default: 64M)\n"
	"      --control PATH       of the control socket (default: by the names of A and B)\n"
	"  -j, --json               for programs\n"
	"  -h, --help               this text\n";

enum { WORDS_MAX = 64, MEMORY_DEFAULT = 64 << 20, MEMORY_LEAST = 1 << 20 };
enum {
	OPTION_DOWN = 256,
	OPTION_UP,
	OPTION_FROM,
	OPTION_SEED,
	OPTION_MEMORY,
	OPTION_CONTROL,
	OPTION_SETTING
};

static const struct option other_options[] = {
	{"down", no_argument, NULL, OPTION_DOWN},
	{"up", no_argument, NULL, OPTION_UP},
	{"from", required_argument, NULL, OPTION_FROM},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"memory", required_argument, NULL, OPTION_MEMORY},
	{"control", required_argument, NULL, OPTION_CONTROL},
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
};

enum { OTHER_OPTIONS = sizeof(other_options) / sizeof(other_options[0]), OPTIONS_MAX = 32 };

/* A setting on the command line; `from` is NULL if it is for both directions. */
struct word {
	const char *from, *name, *text;
};

struct request {
	const char *ends[2];
	struct word words[WORDS_MAX];
	size_t word_count;
	const char *from; /* of the words that follow */
	char control_path[LOCAL_SOCKET_PATH_BYTES];
	uint64_t seed, memory_bytes;
	bool has_seed, json;
};

static bool concerns(const struct word *word, const char *end) {
	return !word->from || strcmp(word->from, end) == 0;
}

/* The settings that the words make for frames that arrive at that end, or -EINVAL. */
static int take_words(
	const struct request *request, const char *end, struct wire_settings *settings) {
	char error[WIRE_ERROR_BYTES];

	wire_settings_init(settings);
	for (size_t i = 0; i < request->word_count; i++) {
		const struct word *word = &request->words[i];

		if (concerns(word, end) &&
			wire_settings_take(settings, word->name, word->text, error) < 0) {
			log_error("--%s", error);
			return -EINVAL;
		}
	}
	return 0;
}

static int start(struct request *request) {
	struct emulator_options options = {.a = request->ends[0],
		.b = request->ends[1],
		.control_path = request->control_path,
		.memory_bytes = request->memory_bytes};
	struct wire_settings *settings[2] = {&options.from_a, &options.from_b};
	struct emulator *emulator;
	int error;

	for (unsigned int i = 0; i < 2; i++) {
		char why[WIRE_ERROR_BYTES];

		if (take_words(request, request->ends[i], settings[i]) < 0)
			return EXIT_USAGE;
		if (wire_settings_check(settings[i], why) < 0) {
			log_error("from %s: %s", request->ends[i], why);
			return EXIT_USAGE;
		}
	}
	if (!request->has_seed &&
		getrandom(&request->seed, sizeof(uint32_t), 0) != sizeof(uint32_t))
		return EXIT_FAILED;
	options.seed = request->seed;
	if (emulator_open(&options, &emulator) < 0)
		return EXIT_FAILED;
	log_info("%s and %s are one wire; seed %llu; ask at %s", options.a, options.b,
		(unsigned long long)options.seed, options.control_path);
	error = emulator_run(emulator);
	emulator_close(emulator);
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int ask(const struct request *request, json_t *question,
	void (*row)(void *owner, const json_t *row), void *owner) {
	if (!local_socket_answers(request->control_path)) {
		log_error("%s, %s: no wire of this network namespace answers at %s; "
			  "'heddle wire %s %s' makes one",
			request->ends[0], request->ends[1], request->control_path, request->ends[0],
			request->ends[1]);
		json_decref(question);
		return EXIT_FAILED;
	}
	return client_ask(request->control_path, question, row, owner) < 0 ? EXIT_FAILED
									   : EXIT_DONE;
}

static void take_nothing(void *owner, const json_t *row) {
}

static int change(struct request *request) {
	json_t *directions = json_object(), *question;

	for (unsigned int i = 0; i < 2; i++) {
		const char *end = request->ends[i];
		json_t *object = json_object();
		struct wire_settings settings;

		if (take_words(request, end, &settings) < 0) {
			json_decref(object);
			json_decref(directions);
			return EXIT_USAGE;
		}
		for (size_t word = 0; word < request->word_count; word++)
			if (concerns(&request->words[word], end))
				json_object_set_new(object, request->words[word].name,
					json_string(request->words[word].text));
		json_object_set_new(directions, end, object);
	}
	question = json_pack("{s:o}", "set", directions);
	if (request->has_seed)
		json_object_set_new(question, "seed", json_integer((json_int_t)request->seed));
	return ask(request, question, take_nothing, NULL);
}

/* Both directions side by side, once both are there. */
struct report {
	json_t *rows;
};

static void keep_row(void *owner, const json_t *row) {
	struct report *report = owner;

	json_array_append(report->rows, (json_t *)row);
}

static void value_text(const json_t *value, char text[32]) {
	if (json_is_string(value))
		snprintf(text, 32, "%s", json_string_value(value));
	else if (json_is_boolean(value))
		snprintf(text, 32, "%s", json_is_true(value) ? "yes" : "no");
	else
		snprintf(text, 32, "%.15g", json_number_value(value));
}

static void add_rows(struct columns *table, const json_t *one, const json_t *other) {
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)one, key, value) {
		char cells[2][32];

		value_text(value, cells[0]);
		value_text(json_object_get(other, key), cells[1]);
		columns_add(table, (const char *[]){key, cells[0], cells[1]});
	}
}

static void print_report(const json_t *rows) {
	const json_t *one = json_array_get(rows, 0), *other = json_array_get(rows, 1);
	const char *ends[2] = {json_string_value(json_object_get(one, "from")),
		json_string_value(json_object_get(one, "to"))};
	char titles[2][64];
	struct column columns[3] = {
		{"", COLUMN_LEFT}, {titles[0], COLUMN_RIGHT}, {titles[1], COLUMN_RIGHT}};
	struct columns *table;

	snprintf(titles[0], sizeof(titles[0]), "%s > %s", ends[0], ends[1]);
	snprintf(titles[1], sizeof(titles[1]), "%s > %s", ends[1], ends[0]);
	table = columns_create(columns, 3);
	if (!table)
		return;
	add_rows(table, json_object_get(one, "settings"), json_object_get(other, "settings"));
	add_rows(table, json_object_get(one, "frames"), json_object_get(other, "frames"));
	columns_finish(table);
}

static int show(struct request *request) {
	struct report report = {.rows = json_array()};
	int status = ask(request, json_pack("{s:s}", "show", "wire"), keep_row, &report);

	if (status == EXIT_DONE && request->json) {
		json_dumpf(report.rows, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (status == EXIT_DONE) {
		print_report(report.rows);
	}
	json_decref(report.rows);
	return status;
}

static int add_word(struct request *request, const char *name, const char *text) {
	if (request->word_count == WORDS_MAX) {
		log_error("more than %d settings", WORDS_MAX);
		return -E2BIG;
	}
	request->words[request->word_count++] =
		(struct word){.from = request->from, .name = name, .text = text};
	return 0;
}

static int take_seed(struct request *request, const char *text) {
	request->has_seed = true;
	if (number_parse(text, 0, INT64_MAX, &request->seed))
		return 0;
	log_error("--seed '%s': expected a number below 2^63", text);
	return -EINVAL;
}

static int take_option(struct request *request, int option) {
	switch (option) {
	case OPTION_DOWN:
		return add_word(request, "down", "yes");
	case OPTION_UP:
		return add_word(request, "down", "no");
	case OPTION_FROM:
		request->from = optarg;
		return 0;
	case OPTION_SEED:
		return take_seed(request, optarg);
	case OPTION_MEMORY:
		if (wire_bytes_parse(optarg, MEMORY_LEAST, UINT32_MAX, &request->memory_bytes) == 0)
			return 0;
		log_error("--memory '%s': expected bytes, 1M to 4G", optarg);
		return -EINVAL;
	case OPTION_CONTROL:
		if (*optarg == '/' && strlen(optarg) < sizeof(request->control_path)) {
			memcpy(request->control_path, optarg, strlen(optarg) + 1);
			return 0;
		}
		log_error("--control '%s': expected an absolute path of at most %zu bytes", optarg,
			sizeof(request->control_path) - 1);
		return -EINVAL;
	case 'j':
		request->json = true;
		return 0;
	default:
		return add_word(
			request, wire_setting_name((size_t)(option - OPTION_SETTING)), optarg);
	}
}

/* The settings by their names, and the others. */
static void make_options(struct option options[OPTIONS_MAX]) {
	size_t count = 0;
	const char *name;

	for (size_t n = 0; (name = wire_setting_name(n)); n++)
		if (strcmp(name, "down") != 0)
			options[count++] = (struct option){
				name, required_argument, NULL, OPTION_SETTING + (int)n};
	for (size_t i = 0; i < OTHER_OPTIONS; i++)
		options[count++] = other_options[i];
	options[count] = (struct option){0};
}

static int check_ends(struct request *request) {
	const char *a = request->ends[0], *b = request->ends[1];

	if (strcmp(a, b) == 0) {
		log_error("%s: a wire has two ends; this is the same interface twice", a);
		return -EINVAL;
	}
	for (size_t i = 0; i < request->word_count; i++)
		if (!concerns(&request->words[i], a) && !concerns(&request->words[i], b)) {
			log_error("--from %s: expected %s or %s", request->words[i].from, a, b);
			return -EINVAL;
		}
	if (request->control_path[0] == '\0')
		emulator_control_path(a, b, request->control_path, sizeof(request->control_path));
	return 0;
}

static int wrong_usage(void) {
	fputs(usage, stderr);
	return EXIT_USAGE;
}

int command_wire(int argc, char **argv) {
	struct request request = {.memory_bytes = MEMORY_DEFAULT};
	struct option options[OPTIONS_MAX];
	int (*act)(struct request * request) = start;
	int option;

	make_options(options);
	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return EXIT_DONE;
		}
		if (option == '?')
			return wrong_usage();
		if (take_option(&request, option) < 0)
			return EXIT_USAGE;
	}
	argv += optind;
	argc -= optind;
	if (argc == 3 && (strcmp(argv[0], "set") == 0 || strcmp(argv[0], "show") == 0)) {
		act = strcmp(argv[0], "set") == 0 ? change : show;
		argv++;
		argc--;
	}
	if (argc != 2)
		return wrong_usage();
	request.ends[0] = argv[0];
	request.ends[1] = argv[1];
	return check_ends(&request) < 0 ? EXIT_USAGE : act(&request);
}
