/* optics_check: `heddle optics check`: what is wrong with files, each by what is in it. */
#include "cmd/optics_actions.h"

#include "base/log.h"
#include "cmd/command.h"
#include "optics/document.h"
#include "optics/load.h"
#include "optics/sections.h"
#include "optics/services.h"
#include "optics/uncertainty.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum file_kind {
	FILE_EQUIPMENT,
	FILE_EXTENSION, /* types alone, for a library that is there */
	FILE_TOPOLOGY,
	FILE_SIM,
	FILE_SPECTRUM,
	FILE_SERVICES,
	FILE_RISKS,
	FILE_UNCERTAINTY,
	FILE_UNKNOWN
};

static const char *const kind_names[] = {"an equipment library", "more equipment", "a topology",
	"simulation parameters", "a spectrum", "services", "shared risks", "uncertainties", "?"};

/* What files belong to, and what comes of them. */
struct checking {
	struct equipment equipment;
	struct network network; /* as it is read */
	bool has_equipment, has_network;
	json_t *files; /* NULL: in text */
	json_t *problems;
};

/* By the keys that only files of a kind have. -EINVAL after messages if it is no JSON. */
static int find_kind(const char *path, enum file_kind *kind) {
	static const struct {
		const char *key;
		enum file_kind kind;
	} keys[] = {{"SI", FILE_EQUIPMENT}, {"Span", FILE_EQUIPMENT}, {"Edfa", FILE_EXTENSION},
		{"Transceiver", FILE_EXTENSION}, {"elements", FILE_TOPOLOGY},
		{"connections", FILE_TOPOLOGY}, {"raman_params", FILE_SIM},
		{"nli_params", FILE_SIM}, {"spectrum", FILE_SPECTRUM},
		{"path-request", FILE_SERVICES}, {"shared-risk-groups", FILE_RISKS}};
	struct document document;
	int error = document_read(&document, path);

	*kind = FILE_UNKNOWN;
	for (size_t i = 0; !error && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (document_member(document.root, keys[i].key)) {
			*kind = keys[i].kind;
			break;
		}
	for (int i = 0; !error && i < QUANTITIES; i++)
		if (*kind == FILE_UNKNOWN &&
			document_member(document.root, uncertainty_key((enum quantity)i)))
			*kind = FILE_UNCERTAINTY;
	document_free(&document);
	if (!error && *kind == FILE_UNKNOWN)
		log_error("%s: neither equipment, topology, simulation parameters, spectrum, "
			  "services, shared risks nor uncertainties",
			path);
	return error;
}

/* What only a library, or a topology, makes sense of. */
static int need_equipment(const struct checking *checking, const char *path) {
	if (checking->has_equipment)
		return 0;
	log_error("%s: --equipment is to say which library it belongs to", path);
	return -EINVAL;
}

static int need_network(const struct checking *checking, const char *path) {
	if (checking->has_network)
		return 0;
	log_error("%s: --topology is to say which network it belongs to", path);
	return -EINVAL;
}

/* ---- each kind ---- */

static int check_equipment(struct checking *checking, const char *path) {
	struct equipment equipment;
	int error = equipment_read(&equipment, path);

	if (!error)
		equipment_free(&equipment);
	return error;
}

static int check_extension(struct checking *checking, const char *path) {
	int error = need_equipment(checking, path);

	return error ? error : equipment_extend(&checking->equipment, path);
}

static int check_topology(struct checking *checking, const char *path) {
	struct network network;
	int error = need_equipment(checking, path);

	if (error)
		return error;
	error = network_read(&network, &checking->equipment, path);
	if (!error)
		network_free(&network);
	return error;
}

static int check_sim(struct checking *checking, const char *path) {
	struct sim_params params;
	int error = sim_params_read(&params, path);

	if (!error)
		sim_params_free(&params);
	return error;
}

static int check_spectrum(struct checking *checking, const char *path) {
	static const struct load_rules rules = {.spacing_hz = 50e9, .baud_hz = 32e9};
	struct spectrum spectrum;
	int error = load_read(&spectrum, &rules, 0, path);

	if (!error)
		spectrum_free(&spectrum);
	return error;
}

static int check_services(struct checking *checking, const char *path) {
	struct services services;
	int error = need_network(checking, path);

	if (error)
		return error;
	error = services_read(&services, &checking->network, &checking->equipment, path);
	if (!error)
		services_free(&services);
	return error;
}

static int check_risks(struct checking *checking, const char *path) {
	struct sections sections;
	int error = need_network(checking, path);

	if (error)
		return error;
	sections_build(&sections, &checking->network);
	error = sections_read_risks(&sections, path);
	sections_free(&sections);
	return error;
}

static int check_uncertainty(struct checking *checking, const char *path) {
	struct uncertainty uncertainty;
	int error = need_equipment(checking, path);

	if (error)
		return error;
	error = uncertainty_read(&uncertainty, &checking->equipment, path);
	if (!error)
		uncertainty_free(&uncertainty);
	return error;
}

static int (*const checks[])(struct checking *checking, const char *path) = {check_equipment,
	check_extension, check_topology, check_sim, check_spectrum, check_services, check_risks,
	check_uncertainty};

/* ---- what is told ---- */

static void hear(void *owner, const struct document_message *message) {
	struct checking *checking = owner;
	json_t *problem = json_object();

	json_object_set_new(problem, "file", json_string(message->file));
	json_object_set_new(problem, "line", json_integer(message->line));
	json_object_set_new(problem, "path", json_string(message->path));
	json_object_set_new(
		problem, "severity", json_string(message->is_mistake ? "error" : "warning"));
	json_object_set_new(problem, "message", json_string(message->text));
	json_array_append_new(checking->problems, problem);
}

static void tell_file(
	struct checking *checking, const char *path, enum file_kind kind, bool is_good) {
	json_t *file;

	if (!checking->files) {
		if (is_good)
			printf("%s: %s, good\n", path, kind_names[kind]);
		return;
	}
	file = json_object();
	json_object_set_new(file, "file", json_string(path));
	json_object_set_new(
		file, "kind", kind == FILE_UNKNOWN ? json_null() : json_string(kind_names[kind]));
	json_object_set_new(file, "good", json_boolean(is_good));
	json_object_set_new(file, "problems", checking->problems);
	checking->problems = json_array();
	json_array_append_new(checking->files, file);
}

/* ---- the action ---- */

static int check_file(struct checking *checking, const char *path) {
	enum file_kind kind = FILE_UNKNOWN;
	int error = find_kind(path, &kind);

	if (!error)
		error = kind == FILE_UNKNOWN ? -EINVAL : checks[kind](checking, path);
	tell_file(checking, path, kind, !error);
	return error;
}

static void forget(void *owner, const struct document_message *message) {
}

/* The first file of a kind among those that are checked; NULL if there is none. */
static const char *find_file(const struct optics_request *request, enum file_kind wanted) {
	for (size_t i = 0; i < request->word_count; i++) {
		enum file_kind kind;

		if (find_kind(request->words[i], &kind) == 0 && kind == wanted)
			return request->words[i];
	}
	return NULL;
}

/* What the others belong to is named, or among the files. What is wrong with it is told when it is
 * checked itself; if it only is named, at once. */
static int open_base(struct checking *checking, const struct optics_request *request) {
	const char *library = request->equipment, *topology = request->topology;

	if (!library)
		library = find_file(request, FILE_EQUIPMENT);
	if (library && equipment_read(&checking->equipment, library) < 0)
		return request->equipment ? -EINVAL : 0;
	checking->has_equipment = library != NULL;
	if (!topology)
		topology = find_file(request, FILE_TOPOLOGY);
	if (!topology || !checking->has_equipment)
		return 0;
	if (network_read(&checking->network, &checking->equipment, topology) < 0)
		return request->topology ? -EINVAL : 0;
	checking->has_network = true;
	return 0;
}

static void print_json(struct checking *checking, bool good) {
	json_t *whole = json_object();

	json_object_set_new(whole, "good", json_boolean(good));
	json_object_set(whole, "files", checking->files);
	json_dumpf(whole, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(whole);
}

int optics_check(const struct optics_request *request) {
	struct checking checking = {0};
	bool failed;

	if (!request->word_count)
		return optics_wrong_usage();
	document_listen(request->equipment ? NULL : forget, NULL);
	failed = open_base(&checking, request) < 0;
	if (request->json) {
		checking.files = json_array();
		checking.problems = json_array();
	}
	document_listen(request->json ? hear : NULL, &checking);
	for (size_t i = 0; i < request->word_count; i++)
		failed |= check_file(&checking, request->words[i]) < 0;
	document_listen(NULL, NULL);
	if (request->json)
		print_json(&checking, !failed);
	json_decref(checking.files);
	json_decref(checking.problems);
	if (checking.has_network)
		network_free(&checking.network);
	if (checking.has_equipment)
		equipment_free(&checking.equipment);
	return failed ? EXIT_FAILED : EXIT_DONE;
}
