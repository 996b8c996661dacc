/* proof_bench: how long a proof of a fabric's tables takes, from files, on one core, beside a walk
 * hop by hop from each switch for each prefix.
 *
 *	proof_bench [--quick] HEDDLE FOLDER
 *
 * Fabrics of 10, 100 and 1,000 switches, with 1,000, 10,000 and 50,000 prefixes from external
 * routers besides their own. The files are made by what `heddle fabric collect` writes with, from
 * the model's tables. HEDDLE is run as a user would, and its time is all of it: reading the intent,
 * designing, the model, loading and the proof. The naive walk gets its tables from memory, and only
 * walking is counted; where all sources would take minutes, some stand for all. */
#include "base/clock.h"
#include "fabric/fib_folder.h"
#include "fabric/model.h"
#include "fabric/state.h"
#include "naive.h"

#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PATH_BYTES = 1024,
	RUNS = 5,
	ROUTERS = 8,
	WRONG_EACH = 10,
	SOURCE_STEP = 371, /* coprime to all sizes: sources come from all tiers and pods */
};

static const double NAIVE_SECONDS = 20; /* of walking, after which some sources stand for all */

struct size {
	uint32_t switches, prefixes;
	uint32_t pods; /* 0: leaves and spines alone */
	const char *shape;
};

static const struct size sizes[] = {
	{10, 1000, 0, "spines: 2\nleaves: 6\nborders: 2\n"},
	{100, 10000, 4,
		"shape: clos\npods: 4\nsuper-spines: 4\nspines: 4\nleaves: 18\nborders: 2\n"},
	{1000, 50000, 24,
		"shape: clos\npods: 24\nsuper-spines: 16\nspines: 4\nleaves: 36\nborders: 1\n"
		"devices: {super-spine: {ports: 128}}\n"},
};

struct world {
	const struct size *size;
	const char *heddle, *folder;
	char intent_path[PATH_BYTES], tables[PATH_BYTES];
	struct intent intent;
	struct state *state;
	struct fabric *fabric;
	struct fib_set *set;
	uint32_t switches;
};

struct run {
	double seconds, load, proof;
	double rss_mib;
	json_int_t entries, prefixes, classes;
};

static void die(const char *what) {
	perror(what);
	exit(1);
}

/* --- files --- */

static FILE *open_beside(const struct world *world, const char *name) {
	char path[PATH_BYTES + 64];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", world->folder, name);
	to = fopen(path, "we");
	if (!to)
		die(path);
	return to;
}

/* /24s, and /21s around them, each announced by one router or two. */
static void write_prefixes(const struct world *world, uint32_t router) {
	char name[32];
	FILE *to;

	snprintf(name, sizeof(name), "isp%u.txt", router);
	to = open_beside(world, name);
	for (uint32_t i = 0; i < world->size->prefixes; i++) {
		/* Every eighth is the /21 around the seven /24s before it, from 20.0.0.0 on. */
		bool is_outer = i % 8 == 7;
		uint32_t base = (20u << 24) + ((is_outer ? i - 7 : i) << 8);

		if (i % ROUTERS != router && !(i % 3 == 0 && (i + 1) % ROUTERS == router))
			continue;
		fprintf(to, "%u.%u.%u.0/%u\n", base >> 24, base >> 16 & 255, base >> 8 & 255,
			is_outer ? 21 : 24);
	}
	if (fclose(to) == EOF)
		die(name);
}

static void write_intent(struct world *world) {
	FILE *to = open_beside(world, "intent.yaml");

	fprintf(to, "fabric: bench\n%sexternal:\n", world->size->shape);
	for (uint32_t i = 0; i < ROUTERS; i++) {
		char pod[16] = "";

		if (world->size->pods)
			snprintf(pod, sizeof(pod), "pod%u-", i % world->size->pods + 1);
		fprintf(to, "  isp%u: {asn: %u, attach: [%sborder1], announces-file: isp%u.txt}\n",
			i, 64500 + i, pod, i);
		write_prefixes(world, i);
	}
	if (fclose(to) == EOF)
		die("intent.yaml");
}

static void make_world(struct world *world) {
	struct mistakes mistakes = {.path = world->intent_path};

	mkdir(world->folder, 0777);
	snprintf(world->intent_path, sizeof(world->intent_path), "%s/intent.yaml", world->folder);
	snprintf(world->tables, sizeof(world->tables), "%s/tables", world->folder);
	write_intent(world);
	world->set = fib_set_create();
	if (intent_read(&world->intent, &mistakes) || state_open(NULL, &world->state) ||
		fabric_create(&world->intent, &mistakes, world->state, &world->fabric) ||
		!world->set || model_tables(world->fabric, NULL, world->set) ||
		fib_set_finish(world->set) ||
		fib_folder_write(world->tables, world->fabric, world->set, NULL))
		exit(1);
	for (size_t id = 0; id < world->fabric->node_count; id++)
		world->switches += fabric_is_switch(&world->fabric->nodes[id]);
}

static double bytes_of_tables(const struct world *world) {
	double bytes = 0;

	for (size_t id = 0; id < world->fabric->node_count; id++) {
		char path[PATH_BYTES + 64];
		struct stat status;

		snprintf(path, sizeof(path), "%s/%s.fib", world->tables,
			world->fabric->nodes[id].name);
		if (stat(path, &status) == 0)
			bytes += (double)status.st_size;
	}
	return bytes;
}

/* --- other tables --- */

enum variant { AS_COLLECTED, SHUFFLED, WRONG, VARIANTS };

static uint32_t random_below(uint32_t below) {
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407; /* Knuth's MMIX */
	return (uint32_t)((state >> 32) * below >> 32);
}

/* Entries in any order: nothing of one file is known from the one before. */
static void shuffle(char **lines, uint32_t count) {
	for (uint32_t i = count; i > 1; i--) {
		uint32_t other = random_below(i);
		char *line = lines[i - 1];

		lines[i - 1] = lines[other];
		lines[other] = line;
	}
}

static void write_lines(FILE *to, char **lines, uint32_t count, enum variant variant) {
	for (uint32_t i = 0; i < count; i++) {
		bool is_wrong = variant == WRONG && random_below(count) < WRONG_EACH;

		fprintf(to, "%.*s%s\n",
			is_wrong ? (int)strcspn(lines[i], " ") : (int)strlen(lines[i]), lines[i],
			is_wrong ? " drop" : "");
	}
}

/* A file again, with its entries (behind the header and groups) spoilt. */
static void spoil_file(const char *path, enum variant variant) {
	FILE *file = fopen(path, "r+e");
	char *text = NULL, **lines = NULL, *rest = NULL;
	size_t room = 0, line_room = 0;
	uint32_t count = 0, head = 0;

	if (!file || getdelim(&text, &room, '\0', file) < 0)
		die(path);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (count == line_room) {
			line_room = line_room ? 2 * line_room : 1024;
			lines = realloc(lines, line_room * sizeof(*lines));
			if (!lines)
				die(path);
		}
		head += *line == 'h' || *line == 'g';
		lines[count++] = line;
	}
	if (variant == SHUFFLED)
		shuffle(lines + head, count - head);
	rewind(file);
	write_lines(file, lines, head, AS_COLLECTED);
	write_lines(file, lines + head, count - head, variant);
	if (fflush(file) == EOF || ftruncate(fileno(file), ftell(file)) < 0 || fclose(file) == EOF)
		die(path);
	free(lines);
	free(text);
}

static void spoil_tables(const struct world *world, enum variant variant) {
	for (size_t id = 0; id < world->fabric->node_count; id++) {
		char path[PATH_BYTES + 64];

		snprintf(path, sizeof(path), "%s/%s.fib", world->tables,
			world->fabric->nodes[id].name);
		if (fabric_is_switch(&world->fabric->nodes[id]))
			spoil_file(path, variant);
	}
}

/* The tables are hundreds of megabytes: they do not stay. */
static void remove_world(struct world *world) {
	char command[PATH_BYTES + 32];

	fib_set_destroy(world->set);
	fabric_destroy(world->fabric);
	state_close(world->state);
	intent_free(&world->intent);
	snprintf(command, sizeof(command), "rm -rf '%s'", world->folder);
	if (system(command) != 0)
		die(command);
}

/* --- the two ways --- */

static json_int_t number(const json_t *answer, const char *key) {
	return json_integer_value(json_object_get(answer, key));
}

static struct run run_heddle(const struct world *world, bool is_right) {
	double began = clock_now();
	struct rusage usage;
	struct run run;
	int ends[2], status;
	json_error_t where;
	json_t *answer;
	FILE *from;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		execl(world->heddle, world->heddle, "fabric", "verify", "--json", "--state",
			"/nonexistent/state.json", "--tables", world->tables, world->intent_path,
			NULL);
		die(world->heddle);
	}
	close(ends[1]);
	from = fdopen(ends[0], "r");
	answer = json_loadf(from, 0, &where);
	fclose(from);
	if (wait4(pid, &status, 0, &usage) != pid || !answer || !WIFEXITED(status) ||
		WEXITSTATUS(status) != !is_right ||
		(number(answer, "violations") == 0) != is_right) {
		fprintf(stderr, "proof_bench: %s failed\n", world->heddle);
		exit(1);
	}
	run = (struct run){.seconds = clock_now() - began,
		.load = json_real_value(json_object_get(answer, "read_s")),
		.proof = json_real_value(json_object_get(answer, "proof_s")),
		.rss_mib = (double)usage.ru_maxrss / 1024,
		.entries = number(answer, "entries"),
		.prefixes = number(answer, "prefixes"),
		.classes = number(answer, "classes")};
	json_decref(answer);
	return run;
}

static struct topology make_topology(const struct fabric *fabric) {
	uint32_t *far = calloc(fabric->port_count + 1, sizeof(*far));

	if (!far)
		die("topology");
	for (size_t port = 0; port < fabric->port_count; port++) {
		int node = fabric->ports[fabric->ports[port].other].node;

		far[port] =
			fabric_is_switch(&fabric->nodes[node]) ? (uint32_t)node : TOPOLOGY_OUTSIDE;
	}
	return (struct topology){.node_count = (uint32_t)fabric->node_count,
		.port_count = (uint32_t)fabric->port_count,
		.far_node = far};
}

/* From one switch to all prefixes: the model has no loop. */
static void walk_from(struct naive *naive, const struct fib_set *set, uint32_t node) {
	for (size_t n = 0; n < fib_set_prefix_count(set); n++) {
		struct prefix address = *fib_set_prefix(set, n);

		address.length = (uint8_t)prefix_bits(address.family);
		if (naive_follow(naive, node, &address) & OUTCOME_LOOP) {
			fprintf(stderr, "proof_bench: a loop in the model\n");
			exit(1);
		}
	}
}

/* Seconds for all sources, from as many as there is time for, spread over the fabric. */
static double run_naive(const struct world *world, uint32_t *walked) {
	struct topology topology = make_topology(world->fabric);
	struct naive *naive = naive_create(world->set, &topology);
	double began, seconds;

	if (!naive)
		die("naive");
	*walked = 0;
	began = clock_now();
	while (*walked < world->switches && clock_now() - began < NAIVE_SECONDS)
		walk_from(naive, world->set, SOURCE_STEP * (*walked)++ % world->switches);
	seconds = (clock_now() - began) * world->switches / *walked;
	naive_destroy(naive);
	free((void *)topology.far_node);
	return seconds;
}

/* --- the table --- */

static int by_seconds(const void *one, const void *other) {
	double a = ((const struct run *)one)->seconds, b = ((const struct run *)other)->seconds;

	return a < b ? -1 : a > b;
}

static void print_row(
	const struct world *world, const char *name, const struct run *all, int runs) {
	const struct run *median = &all[runs / 2];

	printf("%8u %8lld %9lld %4.0f  %-12s %7.3f (%.3f-%.3f) %7.3f %6.3f %4.0f %7lld",
		world->switches, (long long)median->prefixes, (long long)median->entries / 2,
		bytes_of_tables(world) / 1e6, name, median->seconds, all[0].seconds,
		all[runs - 1].seconds, median->load, median->proof, median->rss_mib,
		(long long)median->classes);
}

static double measure_variant(const struct world *world, enum variant variant, int runs) {
	static const char *const names[VARIANTS] = {"as collected", "shuffled", "wrong"};
	struct run all[RUNS];

	for (int i = 0; i < runs; i++)
		all[i] = run_heddle(world, variant != WRONG);
	qsort(all, (size_t)runs, sizeof(*all), by_seconds);
	print_row(world, names[variant], all, runs);
	return all[runs / 2].seconds;
}

static void measure(struct world *world, int runs) {
	uint32_t walked;
	double seconds, naive;

	make_world(world);
	seconds = measure_variant(world, AS_COLLECTED, runs);
	naive = run_naive(world, &walked);
	printf(" %7.2f %6u %6.1fx\n", naive, walked, naive / seconds);
	for (enum variant variant = SHUFFLED; variant < VARIANTS; variant++) {
		if (fib_folder_write(world->tables, world->fabric, world->set, NULL))
			exit(1);
		spoil_tables(world, variant);
		measure_variant(world, variant, runs);
		putchar('\n');
	}
	fflush(stdout);
	remove_world(world);
}

int main(int argc, char **argv) {
	bool is_quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	int runs = is_quick ? 1 : RUNS;
	cpu_set_t one;

	if (argc != 3 + is_quick) {
		fprintf(stderr, "usage: proof_bench [--quick] HEDDLE FOLDER\n");
		return 2;
	}
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	printf("one core; seconds of the whole command: median (least-most) of %d; of them those "
	       "of "
	       "the model and loading,\nand of the proof; the naive walk's for all sources, from "
	       "those that were walked. Shuffled: each file's entries in\nan order of its own; "
	       "wrong: "
	       "some %d entries of each switch\n"
	       "switches prefixes   entries   MB  tables       seconds               loading  "
	       "proof  "
	       "MiB classes   naive walked   ratio\n",
		runs, WRONG_EACH);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) - is_quick; i++) {
		struct world world = {.size = &sizes[i],
			.heddle = argv[1 + is_quick],
			.folder = argv[2 + is_quick]};

		measure(&world, runs);
	}
	return 0;
}
