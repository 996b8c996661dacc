/* intent_applications: see intent_applications.h. All keys are read alike, since the class may be
 * said behind them; which of them a class has no use for is told when all is read. */
#include "fabric/intent_applications.h"

#include "base/number.h"
#include "fabric/intent_values.h"

#include <string.h>

static const char *const kind_words[] = {"ai", "xr", "iot", "web", NULL};
static const char *const algorithm_words[] = {"ring", "tree", NULL};
static const char *const sizes_words[] = {"web-search", "data-mining", NULL};

enum {
	HOSTS_MAX = 64,    /* that reduce together */
	SIZE_LEAST = 1000, /* a byte of it for each of them, and more */
	/* What one process may be asked for, on a machine that runs the switches as well. */
	MESSAGES_MAX = 5000, /* or frames, a second */
};

/* --- reading --- */

static void take_kind(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_application *application = into;
	int word = (int)application->kind;

	intent_take_word(reading, value, kind_words, &word);
	application->kind = (enum application_kind)word;
	application->says_kind = true;
}

static void take_algorithm(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	int word = *(enum reduce_algorithm *)into;

	intent_take_word(reading, value, algorithm_words, &word);
	*(enum reduce_algorithm *)into = (enum reduce_algorithm)word;
}

static void take_sizes(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	int word = *(enum flow_sizes *)into;

	intent_take_word(reading, value, sizes_words, &word);
	*(enum flow_sizes *)into = (enum flow_sizes)word;
}

/* One, or a list. */
static void take_hosts(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_names *names = into;
	fabric_name *place;

	if (yaml_is_sequence(value) || yaml_is_mapping(value)) {
		intent_take_names(reading, value, into);
		return;
	}
	place = intent_grow(reading, &names->names, &names->count, sizeof(*names->names));
	if (place)
		intent_take_name(reading, value, place);
}

static void take_headsets(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1, 100, into);
}

static void take_frames(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1, 240, into);
}

static void take_devices(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1, 1000000, into);
}

static void take_requests(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1, 1000, into);
}

static void take_seed(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 0, UINT32_MAX, into);
}

static void take_size_scale(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	double scale;

	if (decimal_parse(yaml_text(value), &scale) && scale > 0 && scale <= 1)
		*(double *)into = scale;
	else
		intent_mistake(reading, value, "a number, above 0, up to 1");
}

#define AT(field) offsetof(struct intent_application, field)

static const struct intent_key keys[] = {
	{"name", intent_take_name, AT(name)},
	{"class", take_kind, 0},
	{"seed", take_seed, AT(seed)},
	{"hosts", take_hosts, AT(hosts)},
	{"algorithm", take_algorithm, AT(algorithm)},
	{"size", intent_take_bytes, AT(size_bytes)},
	{"compute", intent_take_duration, AT(compute_ms)},
	{"from", take_hosts, AT(from)},
	{"to", take_hosts, AT(to)},
	{"headsets", take_headsets, AT(headsets)},
	{"frames", take_frames, AT(frames)},
	{"rate", intent_take_speed, AT(rate_mbps)},
	{"budget", intent_take_duration, AT(budget_ms)},
	{"devices", take_devices, AT(devices)},
	{"every", intent_take_duration, AT(every_ms)},
	{"requests", take_requests, AT(requests)},
	{"sizes", take_sizes, AT(sizes)},
	{"size-scale", take_size_scale, AT(size_scale)},
	{0},
};

/* Besides name, class and seed. */
enum { KEYS_OF_ALL = 3, KEYS_OF_ONE = 7 };
static const char *const keys_of[APPLICATION_KINDS][KEYS_OF_ONE] = {
	[APPLICATION_AI] = {"hosts", "algorithm", "size", "compute"},
	[APPLICATION_XR] = {"from", "to", "headsets", "frames", "rate", "budget"},
	[APPLICATION_IOT] = {"from", "to", "devices", "every"},
	[APPLICATION_WEB] = {"from", "to", "requests", "sizes", "size-scale"}};

/* Those of all classes; which of them are said is noted while they are read. */
static const struct intent_application defaults = {.algorithm = REDUCE_RING,
	.size_bytes = 1000000,
	.compute_ms = 100,
	.headsets = 1,
	.frames = 90,
	.rate_mbps = 10,
	.budget_ms = 20,
	.devices = 1000,
	.every_ms = 10000,
	.requests = 20,
	.sizes = SIZES_WEB_SEARCH,
	.size_scale = 0.01,
	.seed = 1};

static void note_keys(struct intent_reading *reading, const yaml_node_t *element,
	struct intent_application *application) {
	yaml_node_t *name, *value;

	for (size_t n = 0; yaml_pair(&reading->file, element, n, &name, &value); n++)
		for (int key = 0; keys[key].name; key++)
			if (strcmp(keys[key].name, yaml_text(name)) == 0)
				application->keys |= 1U << key;
}

static void take_application(struct intent_reading *reading, const yaml_node_t *element) {
	struct intent *intent = reading->intent;
	struct intent_application *application = intent_grow(
		reading, &intent->applications, &intent->application_count, sizeof(*application));
	size_t before = reading->file.mistakes->count;

	if (!application)
		return;
	*application = defaults;
	intent_take_keys(reading, element, keys, application,
		"an application, as in '{name: training, class: ai, algorithm: ring}'");
	note_keys(reading, element, application);
	application->at = intent_place_since(reading, element, before);
}

void intent_take_applications(
	struct intent_reading *reading, const yaml_node_t *value, void *into) {
	const yaml_node_t *element;

	if (!yaml_is_sequence(value)) {
		intent_mistake(reading, value,
			"applications, as in '- {name: training, class: ai, algorithm: ring}'");
		return;
	}
	for (size_t n = 0; (element = yaml_item(&reading->file, value, n)); n++)
		take_application(reading, element);
}

/* --- checking --- */

static bool is_host(enum fabric_role role) {
	return role == ROLE_HOST;
}

static bool has_key(enum application_kind kind, const char *name) {
	for (int i = 0; i < KEYS_OF_ONE && keys_of[kind][i]; i++)
		if (strcmp(keys_of[kind][i], name) == 0)
			return true;
	return false;
}

/* "hosts, algorithm, size, compute" */
static const char *list_keys(enum application_kind kind, char text[128]) {
	size_t used = 0;

	for (int i = 0; i < KEYS_OF_ONE && keys_of[kind][i]; i++)
		used += (size_t)snprintf(
			text + used, 128 - used, "%s%s", i ? ", " : "", keys_of[kind][i]);
	return text;
}

static void check_keys(struct intent_checking *check, struct intent_application *application) {
	enum application_kind kind = application->kind;
	char text[128];

	for (int key = KEYS_OF_ALL; keys[key].name; key++)
		if (application->keys & 1U << key && !has_key(kind, keys[key].name))
			checking_mistake(check, &application->at, keys[key].name, "class %s has %s",
				kind_words[kind], list_keys(kind, text));
}

static bool is_among(const struct intent_names *names, size_t count, const char *name) {
	for (size_t i = 0; i < count; i++)
		if (strcmp(names->names[i], name) == 0)
			return true;
	return false;
}

static void check_hosts(struct intent_checking *check, struct intent_application *application,
	const struct intent_names *names) {
	for (size_t i = 0; i < names->count; i++)
		if (is_among(names, i, names->names[i]))
			checking_mistake(check, &application->at, names->names[i],
				"expected each host once");
		else
			checking_role(check, &application->at, names->names[i], is_host, "a host");
}

static void check_reducers(struct intent_checking *check, struct intent_application *application) {
	const struct intent_names *hosts = &application->hosts;

	if (hosts->count == 1 || hosts->count > HOSTS_MAX)
		checking_mistake(check, &application->at, "hosts", "expected 2 to %d", HOSTS_MAX);
	if (application->size_bytes < SIZE_LEAST)
		checking_mistake(check, &application->at, "size", "expected at least 1K");
}

/* Nobody sends to itself: where a host is in both, others take its turn, if there are any. */
static void check_ends(struct intent_checking *check, struct intent_application *application) {
	const struct intent_names *from = &application->from, *to = &application->to;

	if (from->count == 1 && to->count == 1 && strcmp(from->names[0], to->names[0]) == 0)
		checking_mistake(check, &application->at, to->names[0],
			"expected another host than it comes from");
}

static void check_frames(struct intent_checking *check, struct intent_application *application) {
	uint64_t most_mbps =
		(uint64_t)application->frames * XR_PACKETS_MAX * XR_PACKET_BYTES * 8 / 1000000;

	if (application->rate_mbps > most_mbps)
		checking_mistake(check, &application->at, "rate",
			"expected at most %lluM with %u frames a second",
			(unsigned long long)most_mbps, application->frames);
	if (application->headsets * application->frames > MESSAGES_MAX)
		checking_mistake(check, &application->at, "headsets",
			"expected at most %d frames a second in all", MESSAGES_MAX);
	if (application->budget_ms < 1 || application->budget_ms > 1000)
		checking_mistake(check, &application->at, "budget", "expected 1ms to 1s");
}

static void check_messages(struct intent_checking *check, struct intent_application *application) {
	if ((uint64_t)application->devices * 1000 > (uint64_t)application->every_ms * MESSAGES_MAX)
		checking_mistake(check, &application->at, "every",
			"expected at least %us with %u devices: at most %d messages a second",
			(application->devices + MESSAGES_MAX - 1) / MESSAGES_MAX,
			application->devices, MESSAGES_MAX);
}

static void check_name(struct intent_checking *check, size_t n) {
	struct intent_application *application = &check->intent->applications[n];

	if (!application->name[0])
		checking_mistake(check, &application->at, "applications", "expected a 'name'");
	for (size_t i = 0; i < n && application->name[0]; i++)
		if (strcmp(check->intent->applications[i].name, application->name) == 0)
			checking_mistake(check, &application->at, application->name,
				"expected each name once");
}

static void check_application(struct intent_checking *check, size_t n) {
	static void (*const checks[APPLICATION_KINDS])(struct intent_checking * check,
		struct intent_application * application) = {[APPLICATION_AI] = check_reducers,
		[APPLICATION_XR] = check_frames,
		[APPLICATION_IOT] = check_messages};
	struct intent_application *application = &check->intent->applications[n];

	check_name(check, n);
	if (!application->says_kind)
		checking_mistake(check, &application->at,
			application->name[0] ? application->name : "applications",
			"expected a 'class'");
	else
		check_keys(check, application);
	check_hosts(check, application, &application->hosts);
	check_hosts(check, application, &application->from);
	check_hosts(check, application, &application->to);
	check_ends(check, application);
	if (checks[application->kind])
		checks[application->kind](check, application);
}

void intent_check_applications(struct intent_checking *check) {
	struct intent *intent = check->intent;

	if (intent->application_count > INTENT_APPLICATIONS_MAX)
		checking_mistake(check, checking_place(check, "applications"), "applications",
			"expected at most %d", INTENT_APPLICATIONS_MAX);
	for (size_t n = 0; n < intent->application_count; n++)
		if (!intent->applications[n].at.is_wrong)
			check_application(check, n);
}

const char *application_kind_name(enum application_kind kind) {
	return kind_words[kind];
}
