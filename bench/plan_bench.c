/* plan_bench: how long planning takes as a user runs it, start-up and reading and printing
 *included, on one core, and how much memory; beside the reference planner: its recorded times, and,
 *where it is at hand, its time now.
 *
 *	plan_bench HEDDLE REFERENCE [GNPY]
 *
 * REFERENCE is the folder of the reference's inputs and times, GNPY that of its program. */
#include "base/clock.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 5, PATH_BYTES = 1024, WORDS_MOST = 16, SITES_MOST = 512 };

static const char *reference;

static const char *in_reference(const char *name) {
	static char paths[16][PATH_BYTES];
	static int next;

	next = (next + 1) % 16;
	snprintf(paths[next], PATH_BYTES, "%s/inputs/%s", reference, name);
	return paths[next];
}

/* ---- runs ---- */

/* Seconds and bytes that a program took; the last word is followed by NULL. */
static double run(const char *const *words, double *bytes) {
	double began = clock_now();
	struct rusage usage;
	pid_t child = fork();
	int status;

	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execvp(words[0], (char *const *)words);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
		fprintf(stderr, "plan_bench: '%s' failed\n", words[0]);
		exit(1);
	}
	*bytes = (double)usage.ru_maxrss * 1024;
	return clock_now() - began;
}

static int compare(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static void print_row(
	const char *what, const char *const *words, double reference_s, double *median) {
	double times[RUNS], bytes = 0;

	for (int i = 0; i < RUNS; i++)
		times[i] = run(words, &bytes);
	qsort(times, RUNS, sizeof(*times), compare);
	*median = times[RUNS / 2];
	printf("%-42s %9.1f %9.1f-%-9.1f %7.0f", what, *median * 1e3, times[0] * 1e3,
		times[RUNS - 1] * 1e3, bytes / (1 << 20));
	if (isnan(reference_s))
		printf(" %10s %8s\n", "-", "-");
	else
		printf(" %10.0f %7.0fx\n", reference_s * 1e3, reference_s / *median);
}

/* ---- what the reference took ---- */

/* Wall time of a command line: the third column of the row that begins with a name. */
static double recorded(const char *name) {
	char path[PATH_BYTES], line[1024];
	double seconds = NAN;
	FILE *file;

	snprintf(path, sizeof(path), "%s/index_cli.csv", reference);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line, "%*[^,],%*[^,],%lf", &seconds);
	if (file)
		fclose(file);
	return seconds;
}

static double run_gnpy(const char *gnpy, const char *topology, const char *services) {
	const char *const words[] = {"python3", "-c",
		"from gnpy.tools.cli_examples import path_requests_run; path_requests_run()",
		topology, services, "-e", in_reference("eqpt_config.json"), NULL};
	double bytes;

	if (!gnpy)
		return NAN;
	setenv("PYTHONPATH", gnpy, 1);
	return run(words, &bytes);
}

/* ---- services ---- */

/* Between random sites of a topology, the mode open. */
static void write_services(const char *path, size_t count) {
	json_t *topology = json_load_file(in_reference("CORONET_CONUS_Topology.json"), 0, NULL);
	const char *sites[SITES_MOST];
	unsigned int seed = 7;
	size_t found = 0, i;
	json_t *element;
	FILE *file = fopen(path, "w");

	json_array_foreach(json_object_get(topology, "elements"), i,
		element) if (strcmp(json_string_value(json_object_get(element, "type")),
				     "Transceiver") == 0 &&
			     found < SITES_MOST) sites[found++] =
		json_string_value(json_object_get(element, "uid"));
	if (!file || found < 2) {
		fprintf(stderr, "plan_bench: no services can be written\n");
		exit(1);
	}
	fputs("{\"path-request\": [", file);
	for (size_t k = 0; k < count; k++) {
		size_t from = (size_t)rand_r(&seed) % found, to = (size_t)rand_r(&seed) % found;

		fprintf(file,
			"%s\n{\"request-id\": \"%zu\", \"source\": \"%s\", \"destination\": "
			"\"%s\", "
			"\"bidirectional\": false, \"path-constraints\": {\"te-bandwidth\": "
			"{\"trx_type\": \"Voyager\", \"trx_mode\": null, \"spacing\": 75e9, "
			"\"path_bandwidth\": 100e9}}}",
			k ? "," : "", k, sites[from], sites[from == to ? (to + 1) % found : to]);
	}
	fputs("]}\n", file);
	if (fclose(file) != 0)
		exit(1);
	json_decref(topology);
}

/* ---- all of it ---- */

static void plan(const char *heddle, const char *what, const char *action, const char *topology,
	const char *services, const char *option, double reference_s) {
	const char *words[WORDS_MOST] = {heddle, "optics", action, services, "-t",
		in_reference(topology), "-e", in_reference("eqpt_config.json"), "--json"};
	size_t count = 9;
	double median;

	if (option) {
		words[count++] = option;
		words[count++] = "gnpy";
	}
	print_row(what, words, reference_s, &median);
}

static void stay_on_one_core(void) {
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

int main(int argc, char **argv) {
	static const char conus[] = "CORONET_CONUS_Topology.json";
	static const char mesh[] = "meshTopologyExampleV2.json";
	const char *heddle, *gnpy, *auto_modes;
	char many[] = "/tmp/heddle-services-XXXXXX";

	if (argc != 3 && argc != 4) {
		fputs("usage: plan_bench HEDDLE REFERENCE [GNPY]\n", stderr);
		return 2;
	}
	heddle = argv[1];
	reference = argv[2];
	gnpy = argc > 3 ? argv[3] : NULL;
	auto_modes = in_reference("svc_conus_120.json");
	close(mkstemp(many));
	stay_on_one_core();
	printf("\n%-42s %9s %19s %7s %10s %8s\n", "as a user runs it, one core, ms", "median",
		"range", "MiB", "reference", "faster");
	plan(heddle, "7 requests, mesh", "plan", mesh,
		in_reference("meshTopologyExampleV2_services.json"), "--compat", recorded("P01"));
	plan(heddle, "1 request, CORONET Global", "plan", "CORONET_Global_Topology.json",
		in_reference("CORONET_services.json"), "--compat", recorded("P05"));
	plan(heddle, "120 requests, modes open, CONUS, as GNPy", "plan", conus, auto_modes,
		"--compat", run_gnpy(gnpy, in_reference(conus), auto_modes));
	plan(heddle, "120 requests, modes open, CONUS", "plan", conus, auto_modes, NULL, NAN);
	plan(heddle, "all single cuts, 120 requests, CONUS", "survive", conus, auto_modes, NULL,
		NAN);
	write_services(many, 1000);
	plan(heddle, "1000 requests, CONUS", "plan", conus, many, NULL, NAN);
	write_services(many, 10000);
	plan(heddle, "10000 requests, CONUS", "plan", conus, many, NULL, NAN);
	unlink(many);
	return 0;
}
