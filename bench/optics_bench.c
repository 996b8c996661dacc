/* optics_bench: how long the physics and the design of optical lines take on one core, beside what
 * the reference planner took (its recorded times, on a machine of the same kind).
 *
 *	optics_bench HEDDLE REFERENCE
 *
 * REFERENCE is the folder of the reference's inputs, results and times. HEDDLE is run as a user
 *would, and its time is all of it: start, reading, design, propagation, printing. The other rows
 *are calls of the library. The last rows say how much of what the core can compute is reached. */
#include "base/clock.h"
#include "optics/design.h"
#include "optics/load.h"
#include "optics/network.h"
#include "optics/nli.h"
#include "optics/physics.h"
#include "optics/propagation.h"
#include "optics/routes.h"

#include <jansson.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 9, PATH_BYTES = 1024, LANES = 128, FMA_ROUNDS = 1 << 20 };

struct world {
	const char *heddle, *reference;
	struct equipment equipment;
	struct spectrum load;
	struct fibre fibre;
	double times[RUNS];
};

static const char *in_reference(const struct world *world, const char *name) {
	static char paths[4][PATH_BYTES];
	static int next;

	next = (next + 1) % 4;
	snprintf(paths[next], PATH_BYTES, "%s/%s", world->reference, name);
	return paths[next];
}

/* ---- what the reference took ---- */

/* A time in a result; NAN if it is not there. */
static double recorded(const struct world *world, const char *file, const char *key) {
	json_t *json = json_load_file(in_reference(world, file), 0, NULL);
	json_t *value = json_object_get(json_object_get(json, "timing_s"), key);
	double seconds = value ? json_number_value(value) : NAN;

	json_decref(json);
	return seconds;
}

static double recorded_scattering(const struct world *world, const char *method, int order) {
	json_t *json = json_load_file(in_reference(world, "unit/srs_100km.json"), 0, NULL), *one;
	double seconds = NAN;
	size_t i;

	json_array_foreach(json_object_get(json, "cases"), i, one) {
		const char *band = json_string_value(json_object_get(one, "band"));
		const char *by = json_string_value(json_object_get(one, "method"));

		if (isnan(seconds) && strcmp(band, "C96") == 0 && strcmp(by, method) == 0 &&
			json_integer_value(json_object_get(one, "order")) == order)
			seconds = json_number_value(json_object_get(one, "gnpy_s"));
	}
	json_decref(json);
	return seconds;
}

/* Wall time of a command line: the third column of the row that begins with a name. */
static double recorded_command(const struct world *world, const char *name) {
	FILE *file = fopen(in_reference(world, "index_cli.csv"), "r");
	char line[1024];
	double seconds = NAN;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line, "%*[^,],%*[^,],%lf", &seconds);
	if (file)
		fclose(file);
	return seconds;
}

/* ---- rows ---- */

static int compare(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static void print_row(struct world *world, const char *what, double reference_s) {
	double *t = world->times;

	qsort(t, RUNS, sizeof(*t), compare);
	printf("%-44s %10.3f %10.3f-%-9.3f", what, t[RUNS / 2] * 1e3, t[0] * 1e3,
		t[RUNS - 1] * 1e3);
	if (isnan(reference_s))
		printf(" %10s %8s\n", "-", "-");
	else
		printf(" %10.1f %7.0fx\n", reference_s * 1e3, reference_s / t[RUNS / 2]);
}

static void scatter(
	struct world *world, const char *what, enum raman_method method, int order, double step_m) {
	struct power_profile profile = {0};
	struct raman_work work = {0};
	struct sim_params sim;

	sim_params_defaults(&sim);
	sim.raman = true;
	sim.raman_method = method;
	sim.raman_order = order;
	sim.solver_step_m = step_m;
	for (int run = 0; run < RUNS; run++) {
		double began = clock_now();

		if (raman_solve(&profile, &work, &world->fibre, &world->load, &sim) < 0)
			exit(1);
		world->times[run] = clock_now() - began;
	}
	print_row(world, what,
		recorded_scattering(
			world, method == RAMAN_NUMERICAL ? "numerical" : "perturbative", order));
	power_profile_free(&profile);
	raman_free(&work);
}

/* A call of the library for a case of the reference: reading is not counted. */
static void carry(struct world *world, const char *what, const char *topology, const char *sim_file,
	double reference_s) {
	struct propagation propagation = {0};
	struct design_options how = {0};
	struct propagation_options options;
	struct network network;
	struct sim_params sim;
	size_t count;
	int *way;

	if (sim_params_read(&sim, in_reference(world, sim_file)) < 0 ||
		network_read(&network, &world->equipment, in_reference(world, topology)) < 0)
		exit(1);
	how.sim = &sim;
	options = (struct propagation_options){.sim = &sim};
	if (design_network(&network, &world->equipment, &how) < 0)
		exit(1);
	way = route_shortest_way(
		&network, network_find(&network, "trx A"), network_find(&network, "trx B"), &count);
	for (int run = 0; run < RUNS; run++) {
		double began = clock_now();

		if (propagation_run(&propagation, &network, way, count, &world->load, &options) < 0)
			exit(1);
		world->times[run] = clock_now() - began;
	}
	print_row(world, what, reference_s);
	free(way);
	propagation_free(&propagation);
	sim_params_free(&sim);
	network_free(&network);
}

static void design(struct world *world) {
	const char *topology = in_reference(world, "inputs/CORONET_CONUS_Topology.json");
	struct design_options how = {0};
	struct sim_params sim;

	sim_params_defaults(&sim);
	how.sim = &sim;
	for (int run = 0; run < RUNS; run++) {
		struct network network;
		double began;

		if (network_read(&network, &world->equipment, topology) < 0)
			exit(1);
		began = clock_now();
		if (design_network(&network, &world->equipment, &how) < 0)
			exit(1);
		world->times[run] = clock_now() - began;
		network_free(&network);
	}
	print_row(world, "design of CORONET CONUS",
		recorded(world, "tx/t15a_conus.json", "design_whole_network"));
}

static void run_heddle(struct world *world, const char *from, const char *to, const char *what,
	double reference_s) {
	const char *topology = in_reference(world, "inputs/CORONET_CONUS_Topology.json");
	const char *equipment = in_reference(world, "inputs/eqpt_config.json");

	fflush(stdout);
	for (int run = 0; run < RUNS; run++) {
		double began = clock_now();
		int status;
		pid_t child = fork();

		if (child == 0) {
			if (!freopen("/dev/null", "w", stdout))
				_exit(1);
			execl(world->heddle, world->heddle, "optics", "path", from, to,
				"--topology", topology, "--equipment", equipment, "--json", NULL);
			_exit(1);
		}
		if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
			exit(1);
		world->times[run] = clock_now() - began;
	}
	print_row(world, what, reference_s);
}

/* ---- what the core can do ---- */

/* As many independent multiply-adds of single precision as keep every unit busy; returns something
 * that depends on all.
 */
VECTORIZED static float multiply_and_add(float factor) {
	float lane[LANES], sum = 0;

	for (int i = 0; i < LANES; i++)
		lane[i] = (float)i;
	for (int n = 0; n < FMA_ROUNDS; n++)
		for (int i = 0; i < LANES; i++)
			lane[i] = lane[i] * factor + 0.5F;
	for (int i = 0; i < LANES; i++)
		sum += lane[i];
	return sum;
}

/* The best of all runs, for both: a shared machine only takes away. */
static void compare_with_the_core(struct world *world) {
	double steps = world->fibre.length_m / 50, n = (double)world->load.count;
	double flops = steps * (2 * n * n + 4 * n), peak = 0, reached = 0;
	struct power_profile profile = {0};
	struct raman_work work = {0};
	struct sim_params sim;
	volatile double sink;

	sim_params_defaults(&sim);
	sim.raman = true;
	sim.raman_method = RAMAN_NUMERICAL;
	sim.solver_step_m = 50;
	for (int run = 0; run < RUNS; run++) {
		double began = clock_now();

		sink = multiply_and_add(0.999F);
		(void)sink;
		peak = fmax(peak, 2.0 * LANES * FMA_ROUNDS / (clock_now() - began));
		began = clock_now();
		if (raman_solve(&profile, &work, &world->fibre, &world->load, &sim) < 0)
			exit(1);
		reached = fmax(reached, flops / (clock_now() - began));
	}
	printf("\nscattering by steps: %.1f GFLOP/s of %.1f that multiply-adds reach on this core "
	       "(%.0f %%)\n",
		reached / 1e9, peak / 1e9, 100 * reached / peak);
	power_profile_free(&profile);
	raman_free(&work);
}

/* ---- all of it ---- */

static void stay_on_one_core(void) {
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static void open_world(struct world *world) {
	static const double loss_at[] = {FIBRE_REFERENCE_HZ}, loss[] = {0.2e-3};

	if (equipment_read(&world->equipment, in_reference(world, "inputs/eqpt_fullC.json")) < 0 ||
		load_full(&world->load, &world->equipment.loads[0], 0) < 0)
		exit(1);
	spectrum_launch(&world->load);
	world->fibre = (struct fibre){
		.length_m = 100e3,
		.loss_db_m = {loss_at, loss, 1},
		.dispersion = 1.67e-5,
		.dispersion_slope = NAN,
		.area_m2 = 83e-12,
		.raman = world->equipment.raman,
		.temperature_k = 283,
	};
}

int main(int argc, char **argv) {
	struct world world = {0};

	if (argc != 3) {
		fputs("usage: optics_bench HEDDLE REFERENCE\n", stderr);
		return 2;
	}
	world.heddle = argv[1];
	world.reference = argv[2];
	stay_on_one_core();
	open_world(&world);
	printf("%-44s %10s %20s %10s %8s\n", "one core, ms", "median", "range", "reference",
		"faster");
	scatter(&world, "SRS, 96 channels, 100 km, 2nd order", RAMAN_PERTURBATIVE, 2, 10e3);
	scatter(&world, "SRS, 96 channels, 100 km, 4th order, 1 km", RAMAN_PERTURBATIVE, 4, 1e3);
	scatter(&world, "SRS, 96 channels, 100 km, 50 m steps", RAMAN_NUMERICAL, 2, 50);
	carry(&world, "GN, 96 channels, 5 x 80 km", "inputs/c_ssmf_5x80.json", "inputs/sim_gn.json",
		recorded(&world, "tx/t20_5x80_gn.json", "propagate"));
	carry(&world, "GGN separated + SRS, 96 channels, 5 x 80 km", "inputs/c_ssmf_5x80.json",
		"inputs/sim_ggn_ss_srs.json",
		recorded(&world, "tx/t20_5x80_ggn_ss_srs.json", "propagate"));
	design(&world);
	run_heddle(&world, "trx Abilene", "trx Albany", "CONUS, Abilene to Albany, with start-up",
		recorded_command(&world, "C15"));
	run_heddle(
		&world, "trx Seattle", "trx Miami", "CONUS, Seattle to Miami, with start-up", NAN);
	compare_with_the_core(&world);
	spectrum_free(&world.load);
	equipment_free(&world.equipment);
	return 0;
}
