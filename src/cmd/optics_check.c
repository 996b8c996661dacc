/* optics_check: `heddle optics check`: what is wrong with files, each by what is in it. */
#include "cmd/optics_actions.h"

#include "base/log.h"
#include "cmd/command.h"
#include "optics/document.h"
#include "optics/load.h"
#include "optics/uncertainty.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

enum file_kind {
	FILE_EQUIPMENT,
	FILE_EXTENSION, /* types alone, for a library that is there */
	FILE_TOPOLOGY,
	FILE_SIM,
	FILE_SPECTRUM,
	FILE_UNCERTAINTY,
	FILE_UNKNOWN
};

static const char *const kind_names[] = {"an equipment library", "more equipment", "a topology",
	"simulation parameters", "a spectrum", "uncertainties", "?"};

/* By the keys that only files of a kind have. -EINVAL after messages if it is no JSON. */
static int find_kind(const char *path, enum file_kind *kind) {
	static const struct {
		const char *key;
		enum file_kind kind;
	} keys[] = {{"SI", FILE_EQUIPMENT}, {"Span", FILE_EQUIPMENT}, {"Edfa", FILE_EXTENSION},
		{"Transceiver", FILE_EXTENSION}, {"elements", FILE_TOPOLOGY},
		{"connections", FILE_TOPOLOGY}, {"raman_params", FILE_SIM},
		{"nli_params", FILE_SIM}, {"spectrum", FILE_SPECTRUM}};
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
		log_error("%s: neither equipment, topology, simulation parameters, spectrum nor "
			  "uncertainties",
			path);
	return error;
}

/* What only a library makes sense of. */
static int need(const struct equipment *equipment, const char *path) {
	if (equipment)
		return 0;
	log_error("%s: --equipment is to say which library it belongs to", path);
	return -EINVAL;
}

static int check_topology(const char *path, const struct equipment *equipment) {
	struct network network;
	int error = need(equipment, path);

	if (error)
		return error;
	error = network_read(&network, equipment, path);
	if (!error)
		network_free(&network);
	return error;
}

static int check_equipment(const char *path) {
	struct equipment equipment;
	int error = equipment_read(&equipment, path);

	if (!error)
		equipment_free(&equipment);
	return error;
}

static int check_sim(const char *path) {
	struct sim_params params;
	int error = sim_params_read(&params, path);

	if (!error)
		sim_params_free(&params);
	return error;
}

static int check_spectrum(const char *path) {
	static const struct load_rules rules = {.spacing_hz = 50e9, .baud_hz = 32e9};
	struct spectrum spectrum;
	int error = load_read(&spectrum, &rules, 0, path);

	if (!error)
		spectrum_free(&spectrum);
	return error;
}

static int check_uncertainty(const char *path, const struct equipment *equipment) {
	struct uncertainty uncertainty;
	int error = need(equipment, path);

	if (error)
		return error;
	error = uncertainty_read(&uncertainty, equipment, path);
	if (!error)
		uncertainty_free(&uncertainty);
	return error;
}

static int check_file(const char *path, struct equipment *equipment) {
	enum file_kind kind;
	int error = find_kind(path, &kind);

	if (error)
		return error;
	switch (kind) {
	case FILE_EQUIPMENT:
		error = check_equipment(path);
		break;
	case FILE_EXTENSION:
		error = need(equipment, path);
		if (!error)
			error = equipment_extend(equipment, path);
		break;
	case FILE_TOPOLOGY:
		error = check_topology(path, equipment);
		break;
	case FILE_SIM:
		error = check_sim(path);
		break;
	case FILE_SPECTRUM:
		error = check_spectrum(path);
		break;
	case FILE_UNCERTAINTY:
		error = check_uncertainty(path, equipment);
		break;
	default:
		return -EINVAL;
	}
	if (!error)
		printf("%s: %s, good\n", path, kind_names[kind]);
	return error;
}

int optics_check(const struct optics_request *request) {
	const char *library = request->equipment;
	struct equipment equipment;
	int error = 0;

	if (!request->word_count)
		return optics_wrong_usage();
	/* An equipment file among those that are checked is the topologies' library, too. */
	for (size_t i = 0; i < request->word_count && !library; i++) {
		enum file_kind kind;

		if (find_kind(request->words[i], &kind) == 0 && kind == FILE_EQUIPMENT)
			library = request->words[i];
	}
	if (library && equipment_read(&equipment, library) < 0)
		return EXIT_FAILED;
	for (size_t i = 0; i < request->word_count; i++)
		error |= check_file(request->words[i], library ? &equipment : NULL);
	if (library)
		equipment_free(&equipment);
	return error ? EXIT_FAILED : EXIT_DONE;
}
