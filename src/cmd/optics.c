/* optics: plans the wavelengths between data centers. */
#include "base/log.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/optics_actions.h"
#include "cmd/optics_trials.h"
#include "optics/design.h"
#include "optics/load.h"
#include "optics/plan.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: heddle optics check [--equipment FILE] FILE...\n"
	"       heddle optics path [OPTION]... --topology FILE --equipment FILE FROM TO\n"
	"       heddle optics design [OPTION]... --topology FILE --equipment FILE [-o FILE]\n"
	"       heddle optics plan [OPTION]... --topology FILE --equipment FILE SERVICES\n"
	"       heddle optics capacity [OPTION]... -t FILE -e FILE FROM TO\n"
	"       heddle optics plot [OPTION]... -t FILE -e FILE [FROM TO|SERVICES] [-o FILE]\n"
	"       heddle optics margin [OPTION]... -t FILE -e FILE --transceiver TYPE\n"
	"                            --uncertainty FILE FROM TO\n"
	"       heddle optics margin [OPTION]... -t FILE -e FILE --uncertainty FILE SERVICES\n"
	"       heddle optics survive [OPTION]... --topology FILE --equipment FILE SERVICES\n"
	"\n"
	"Plans the wavelengths between data centers, from GNPy's files (heddle-optics(1)).\n"
	"\n"
	"  check                 what is wrong with files of any kind, all of it, with lines\n"
	"  path                  what arrives at TO of the channels that FROM sends\n"
	"  design                write the network with all amplifiers chosen and set\n"
	"  plan                  carry services: a route, a mode and spectrum for each\n"
	"  capacity              how much a fibre pair carries, filled with each mode\n"
	"  plot                  a picture of a way and what happens on it, of what services\n"
	"                        light on each line, or of the network\n"
	"  margin                how likely channels, or services as they are carried, close\n"
	"                        if what is built differs from plans\n"
	"  survive               what dies and what is restored when lines are cut\n"
	"\n"
	"  -t, --topology FILE   the network\n"
	"  -e, --equipment FILE  the library of what it is built of\n"
	"      --extra-equipment FILE  more types, of other vendors; any number of times\n"
	"      --sim FILE        by which models to compute (default: GN closed form, no Raman)\n"
	"      --spectrum FILE   the channels to launch (default: the library's band, full)\n"
	"      --power-dbm X     power of the reference channel into fibres (default: the "
	"library's)\n"
	"      --as-designed     path: take the topology as it is: all gains are set in it\n"
	"      --compat gnpy     do as GNPy where Heddle knows better (docs/optics.md)\n"
	"      --why             design: tell each choice and its reason\n"
	"      --bidir           plan: all services go both ways\n"
	"      --redesign        plan: design the network anew for each service's power\n"
	"      --load full|real  plan: judge by a band full of a service's own channels, or at\n"
	"                        last by what is lit (default: full)\n"
	"      --slots first-fit|least-broken  plan: which slot of those that are free\n"
	"                        (default: first-fit)\n"
	"      --alternatives N  plan: routes to try where the shortest does not do (4)\n"
	"      --risks FILE      plan: what elements share a risk\n"
	"      --lit FILE        plan: what an earlier plan's --json has lit already\n"
	"      --transceiver TYPE  margin, capacity: what sends and receives, of the library\n"
	"      --mode MODE       margin: in which mode (default: the best that closes)\n"
	"      --uncertainty FILE  margin: how far what is built may differ\n"
	"      --samples N       margin: how many networks to try (default: 1000)\n"
	"      --seed N          margin: of the lots that are drawn (default: 1)\n"
	"      --amplifiers hold-power|hold-gain  margin: what they do when less arrives\n"
	"                        (default: hold-power)\n"
	"      --jobs N          margin, survive: threads (default: one a core)\n"
	"      --after NAME      plot: show powers behind this element, too; up to six times\n"
	"      --pairs           survive: each pair of cuts, too\n"
	"  -o, --output FILE     design, plot: where to (default: standard output); plan: also\n"
	"                        write GNPy's path response there\n"
	"  -j, --json            as JSON\n"
	"  -h, --help            this text\n";

enum {
	OPTION_SIM = 256,
	OPTION_SPECTRUM,
	OPTION_POWER,
	OPTION_AS_DESIGNED,
	OPTION_COMPAT,
	OPTION_WHY,
	OPTION_EXTRA,
	OPTION_BIDIR,
	OPTION_REDESIGN,
	OPTION_LOAD,
	OPTION_SLOTS,
	OPTION_ALTERNATIVES,
	OPTION_RISKS,
	OPTION_LIT,
	OPTION_TRANSCEIVER,
	OPTION_MODE,
	OPTION_UNCERTAINTY,
	OPTION_SAMPLES,
	OPTION_SEED,
	OPTION_AMPLIFIERS,
	OPTION_JOBS,
	OPTION_AFTER,
	OPTION_PAIRS
};

static const struct option options[] = {
	{"topology", required_argument, NULL, 't'},
	{"equipment", required_argument, NULL, 'e'},
	{"sim", required_argument, NULL, OPTION_SIM},
	{"spectrum", required_argument, NULL, OPTION_SPECTRUM},
	{"power-dbm", required_argument, NULL, OPTION_POWER},
	{"as-designed", no_argument, NULL, OPTION_AS_DESIGNED},
	{"compat", required_argument, NULL, OPTION_COMPAT},
	{"extra-equipment", required_argument, NULL, OPTION_EXTRA},
	{"why", no_argument, NULL, OPTION_WHY},
	{"bidir", no_argument, NULL, OPTION_BIDIR},
	{"redesign", no_argument, NULL, OPTION_REDESIGN},
	{"load", required_argument, NULL, OPTION_LOAD},
	{"slots", required_argument, NULL, OPTION_SLOTS},
	{"alternatives", required_argument, NULL, OPTION_ALTERNATIVES},
	{"risks", required_argument, NULL, OPTION_RISKS},
	{"lit", required_argument, NULL, OPTION_LIT},
	{"transceiver", required_argument, NULL, OPTION_TRANSCEIVER},
	{"mode", required_argument, NULL, OPTION_MODE},
	{"uncertainty", required_argument, NULL, OPTION_UNCERTAINTY},
	{"samples", required_argument, NULL, OPTION_SAMPLES},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"amplifiers", required_argument, NULL, OPTION_AMPLIFIERS},
	{"jobs", required_argument, NULL, OPTION_JOBS},
	{"after", required_argument, NULL, OPTION_AFTER},
	{"pairs", no_argument, NULL, OPTION_PAIRS},
	{"output", required_argument, NULL, 'o'},
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

int optics_wrong_usage(void) {
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* ---- the files of a request ---- */

static int open_load(struct optics_world *world, const struct optics_request *request) {
	const struct load_rules *rules = &world->equipment.loads[0];
	double tx = isnan(rules->tx_power_dbm) ? world->power_dbm : rules->tx_power_dbm;

	if (request->spectrum)
		return load_read(&world->load, rules, tx, request->spectrum);
	return load_full(&world->load, rules, tx);
}

static int design_world(struct optics_world *world, const struct optics_request *request,
	void (*tell)(void *owner, const struct element *element, const char *why), void *owner) {
	const struct design_options how = {.power_dbm = world->power_dbm,
		.sim = &world->sim,
		.load = request->spectrum ? &world->load : NULL,
		.tell = tell,
		.owner = owner};

	return request->as_designed ? design_accept(&world->network, &world->equipment)
				    : design_network(&world->network, &world->equipment, &how);
}

int optics_open(struct optics_world *world, const struct optics_request *request,
	void (*tell)(void *owner, const struct element *element, const char *why), void *owner) {
	int error;

	*world = (struct optics_world){0};
	sim_params_defaults(&world->sim);
	error = equipment_read(&world->equipment, request->equipment);
	if (error)
		return error;
	world->power_dbm = isnan(request->power_dbm) ? world->equipment.loads[0].power_dbm
						     : request->power_dbm;
	for (size_t i = 0; i < request->extra_count && !error; i++)
		error = equipment_extend(&world->equipment, request->extra[i]);
	if (!error && request->sim)
		error = sim_params_read(&world->sim, request->sim);
	world->sim.compat = request->compat;
	if (!error)
		error = network_read(&world->network, &world->equipment, request->topology);
	if (!error)
		error = open_load(world, request);
	if (!error)
		error = design_world(world, request, tell, owner);
	if (error)
		optics_close(world);
	return error;
}

void optics_close(struct optics_world *world) {
	spectrum_free(&world->load);
	sim_params_free(&world->sim);
	network_free(&world->network);
	equipment_free(&world->equipment);
}

/* ---- the command line ---- */

static const struct {
	const char *name;
	int (*act)(const struct optics_request *request);
} actions[] = {{"check", optics_check}, {"path", optics_path}, {"design", optics_design},
	{"plan", optics_plan}, {"survive", optics_survive}, {"margin", optics_margin},
	{"plot", optics_plot}, {"capacity", optics_capacity}};

static bool take_power(const char *text, double *power_dbm) {
	const char *digits = *text == '-' ? text + 1 : text;

	if (decimal_parse(digits, power_dbm) && *power_dbm < (*text == '-' ? 100 : 60)) {
		*power_dbm = *text == '-' ? -*power_dbm : *power_dbm;
		return true;
	}
	log_error("optics: '%s' is no power in dBm", text);
	return false;
}

static bool take_compat(const char *text) {
	if (strcmp(text, "gnpy") == 0)
		return true;
	log_error("optics: '%s': only gnpy can be asked for", text);
	return false;
}

static bool take_load(const char *text, bool *real) {
	*real = strcmp(text, "real") == 0;
	if (*real || strcmp(text, "full") == 0)
		return true;
	log_error("optics: '%s': full or real is expected", text);
	return false;
}

static bool take_choice(const char *text, enum slot_choice *choice) {
	*choice = strcmp(text, "least-broken") == 0 ? SLOT_LEAST_BROKEN : SLOT_FIRST_FIT;
	if (*choice == SLOT_LEAST_BROKEN || strcmp(text, "first-fit") == 0)
		return true;
	log_error("optics: '%s': first-fit or least-broken is expected", text);
	return false;
}

static bool take_count(
	const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *count) {
	if (number_parse(text, least, most, count))
		return true;
	log_error("optics: '%s': %s is a number from %" PRIu64 " to %" PRIu64, text, what, least,
		most);
	return false;
}

static bool take_control(const char *text, enum amplifier_control *control) {
	*control = strcmp(text, "hold-gain") == 0 ? AMPLIFIER_HOLDS_GAIN : AMPLIFIER_HOLDS_POWER;
	if (*control == AMPLIFIER_HOLDS_GAIN || strcmp(text, "hold-power") == 0)
		return true;
	log_error("optics: '%s': amplifiers hold-power or hold-gain", text);
	return false;
}

/* What to end with, or -1 to go on. */
static int take_option(struct optics_request *request, int option) {
	switch (option) {
	case 't':
		request->topology = optarg;
		break;
	case 'e':
		request->equipment = optarg;
		break;
	case OPTION_SIM:
		request->sim = optarg;
		break;
	case OPTION_SPECTRUM:
		request->spectrum = optarg;
		break;
	case OPTION_POWER:
		if (!take_power(optarg, &request->power_dbm))
			return EXIT_USAGE;
		break;
	case OPTION_AS_DESIGNED:
		request->as_designed = true;
		break;
	case OPTION_COMPAT:
		if (!take_compat(optarg))
			return EXIT_USAGE;
		request->compat = true;
		break;
	case OPTION_EXTRA:
		if (request->extra_count == OPTICS_EXTRA_MAX)
			return optics_wrong_usage();
		request->extra[request->extra_count++] = optarg;
		break;
	case OPTION_WHY:
		request->why = true;
		break;
	case OPTION_BIDIR:
		request->bidir = true;
		break;
	case OPTION_REDESIGN:
		request->redesign = true;
		break;
	case OPTION_LOAD:
		if (!take_load(optarg, &request->real_load))
			return EXIT_USAGE;
		break;
	case OPTION_SLOTS:
		if (!take_choice(optarg, &request->choice))
			return EXIT_USAGE;
		break;
	case OPTION_ALTERNATIVES:
		if (!take_count("--alternatives", optarg, 1, 1000, &request->alternatives))
			return EXIT_USAGE;
		break;
	case OPTION_RISKS:
		request->risks = optarg;
		break;
	case OPTION_PAIRS:
		request->pairs = true;
		break;
	case OPTION_LIT:
		request->lit = optarg;
		break;
	case OPTION_TRANSCEIVER:
		request->transceiver = optarg;
		break;
	case OPTION_MODE:
		request->mode = optarg;
		break;
	case OPTION_UNCERTAINTY:
		request->uncertainty = optarg;
		break;
	case OPTION_SAMPLES:
		if (!take_count("--samples", optarg, 1, TRIALS_MAX, &request->samples))
			return EXIT_USAGE;
		break;
	case OPTION_SEED:
		if (!take_count("--seed", optarg, 0, UINT32_MAX, &request->seed))
			return EXIT_USAGE;
		break;
	case OPTION_AMPLIFIERS:
		if (!take_control(optarg, &request->control))
			return EXIT_USAGE;
		break;
	case OPTION_JOBS:
		if (!take_count("--jobs", optarg, 0, 256, &request->jobs))
			return EXIT_USAGE;
		break;
	case OPTION_AFTER:
		if (request->after_count == OPTICS_AFTER_MAX)
			return optics_wrong_usage();
		request->after[request->after_count++] = optarg;
		break;
	case 'o':
		request->output = optarg;
		break;
	case 'j':
		request->json = true;
		break;
	case 'h':
		fputs(usage, stdout);
		return EXIT_DONE;
	default:
		return optics_wrong_usage();
	}
	return -1;
}

int command_optics(int argc, char **argv) {
	struct optics_request request = {.power_dbm = NAN,
		.alternatives = ALTERNATIVES_DEFAULT,
		.samples = 1000,
		.seed = 1,
		.control = AMPLIFIER_HOLDS_POWER};
	int option, status;

	while ((option = getopt_long(argc, argv, "t:e:o:jh", options, NULL)) != -1)
		if ((status = take_option(&request, option)) >= 0)
			return status;
	if (optind >= argc || argc - optind > 1 + OPTICS_WORDS_MAX)
		return optics_wrong_usage();
	while (optind + 1 + (int)request.word_count < argc) {
		request.words[request.word_count] = argv[optind + 1 + (int)request.word_count];
		request.word_count++;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(argv[optind], actions[i].name) == 0)
			return actions[i].act(&request);
	log_error("optics: '%s' is no action", argv[optind]);
	return optics_wrong_usage();
}
