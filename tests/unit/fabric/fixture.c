/* fixture: see fixture.h. */
#include "fixture.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/heddle-fabric-XXXXXX";

int fixture_enter(void **state) {
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

int fixture_leave(void **state) {
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

void fixture_write(const char *name, const char *text) {
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

char *fixture_read(const char *path) {
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		fail_msg("%s: cannot be opened", path);
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

void fixture_design(struct designed *designed, const char *text, struct state *state) {
	struct mistakes mistakes = {.path = "intent.yaml"};

	fixture_write("intent.yaml", text);
	if (intent_read(&designed->intent, &mistakes) ||
		fabric_create(&designed->intent, &mistakes, state, &designed->fabric)) {
		mistakes_tell(&mistakes);
		fail_msg("refused:\n%s", text);
	}
}

void fixture_free(struct designed *designed) {
	fabric_destroy(designed->fabric);
	intent_free(&designed->intent);
}

uint32_t random_below(struct random *random, uint32_t below) {
	random->state = random->state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random->state * below >> 32);
}

/* Two borders where one may be a router's that some hosts may not reach (design_policies.c). */
static void make_sites(struct shape *shape, struct random *random) {
	shape->pods = 2 + random_below(random, SHAPE_PODS_MAX - 1);
	shape->borders = 2;
}

struct shape shape_random(struct random *random) {
	uint32_t kind = random_below(random, 3);
	struct shape shape = {
		.is_clos = kind == 1,
		.is_sites = kind == 2,
		.is_numbered = random_below(random, 2),
		.has_ipv4 = random_below(random, 4) > 0,
		.spines = 1 + random_below(random, 4),
		.leaves = 1 + random_below(random, 5),
		.borders = random_below(random, 3),
		.hosts = random_below(random, 4),
		.tenants = 1 + random_below(random, 4),
		.cables = 1 + random_below(random, 2),
		.host_cables = 1 + random_below(random, 4) / 3,
		.names_racks = random_below(random, 2),
	};

	shape.has_ipv6 = !shape.has_ipv4 || random_below(random, 2);
	shape.pods = shape.is_clos ? 1 + random_below(random, SHAPE_PODS_MAX) : 0;
	if (shape.is_sites)
		make_sites(&shape, random);
	shape.supers = shape.is_clos ? 1 + random_below(random, 3) : 0;
	shape.externals = shape.borders ? random_below(random, 3) : 0;
	shape.denials = shape.tenants > 1 ? random_below(random, shape.tenants) : 0;
	shape.denies_external = random_below(random, 2);
	shape.pairs = random_below(random, shape.leaves / 2 + 1);
	return shape;
}

void shape_grow(struct shape *shape, struct random *random) {
	switch (random_below(random, 6)) {
	case 0:
		shape->leaves += 1 + random_below(random, 3);
		break;
	case 1:
		shape->hosts++;
		break;
	case 2:
		shape->spines++;
		break;
	case 3:
		shape->cables++;
		break;
	case 4:
		shape->borders++;
		break;
	default:
		if (shape->pods)
			shape->pods++;
		else
			shape->leaves++;
	}
	if (shape->is_clos && random_below(random, 3) == 0)
		shape->supers++;
}

static void print_tenants(const struct shape *shape, FILE *to) {
	fputs("tenants:\n", to);
	for (uint32_t i = 0; i < shape->tenants; i++) {
		fprintf(to, "  t%u: {", i);
		if (shape->has_ipv4)
			fprintf(to, "ipv4: 10.%u.0.0/16%s", i + 1, shape->has_ipv6 ? ", " : "");
		if (shape->has_ipv6)
			fprintf(to, "ipv6: 'fd00:%u::/48'", i + 1);
		fputs("}\n", to);
	}
}

/* What a pod's or a site's names begin with. */
static const char *stem_of(const struct shape *shape, uint32_t pod) {
	static char stem[16];

	snprintf(stem, sizeof(stem), shape->is_sites ? "s%u-" : "pod%u-", pod);
	return pod ? stem : "";
}

/* Each leaf is one tenant's, so that every policy can be kept; those of a pair are the same's. */
static void print_racks(const struct shape *shape, FILE *to) {
	fputs("racks:\n", to);
	for (uint32_t pod = shape->pods ? 1 : 0; pod <= shape->pods; pod++)
		for (uint32_t leaf = 1; leaf <= shape->leaves; leaf++) {
			bool is_paired = pod <= 1 && leaf <= 2 * shape->pairs;
			uint32_t tenant = (is_paired ? (leaf - 1) / 2 : leaf) % shape->tenants;
			const char *stem = stem_of(shape, pod);

			fprintf(to, "  %sleaf%u: {tenant: t%u", stem, leaf, tenant);
			if (is_paired && leaf % 2)
				fprintf(to, ", dual-homed-to: %sleaf%u", stem, leaf + 1);
			if (shape->names_racks) {
				fputs(", hosts: [", to);
				for (uint32_t host = 0; host < shape->hosts; host++)
					fprintf(to, "%ssrv%u-%u-%u", host ? ", " : "", pod, leaf,
						host);
				fputs("]", to);
			}
			fputs("}\n", to);
		}
}

static void print_externals(const struct shape *shape, FILE *to) {
	fputs(shape->externals ? "external:\n" : "external: {}\n", to);
	for (uint32_t i = 0; i < shape->externals; i++)
		fprintf(to,
			"  isp%u: {asn: %u, attach: [%sborder1], daemon: %s, "
			"announces: [0.0.0.0/0, '::/0', 192.0.2.%u/32]}\n",
			i + 1, 64496 + i, stem_of(shape, shape->pods ? 1 : 0),
			i % 2 ? "bird" : "frr", i);
}

static void print_policies(const struct shape *shape, FILE *to) {
	if (!shape->denials && !shape->denies_external)
		return;
	fputs("policies:\n", to);
	for (uint32_t i = 0; i < shape->denials; i++)
		fprintf(to, "  - deny: [t%u, t%u]\n", i, i + 1);
	if (shape->denies_external)
		fputs("  - deny: [external, t0]\n", to);
}

static void print_shape(const struct shape *shape, FILE *to) {
	fprintf(to, "shape: %s\n",
		shape->is_clos    ? "clos"
		: shape->is_sites ? "sites"
				  : "leaf-spine");
	if (shape->is_clos)
		fprintf(to, "pods: %u\nsuper-spines: %u\n", shape->pods, shape->supers);
	for (uint32_t site = 1; shape->is_sites && site <= shape->pods; site++)
		fprintf(to, "%ss%u%s", site == 1 ? "sites: [" : ", ", site,
			site == shape->pods ? "]\n" : "");
}

char *shape_text(const struct shape *shape) {
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	fputs("fabric: random\n", to);
	print_shape(shape, to);
	fprintf(to, "spines: %u\nleaves: %u\nborders: %u\nhosts: %u\n", shape->spines,
		shape->leaves, shape->borders, shape->hosts);
	fprintf(to,
		"links: {leaf-spine: {count: %u}, interconnect: {count: %u}, host: {count: %u}}\n",
		shape->cables, shape->cables, shape->host_cables);
	fprintf(to, "addressing: {links: %s}\n", shape->is_numbered ? "numbered" : "unnumbered");
	print_tenants(shape, to);
	print_racks(shape, to);
	print_externals(shape, to);
	print_policies(shape, to);
	assert_int_equal(fclose(to), 0);
	return text;
}

void fixture_each_shape(uint32_t seed, int count,
	void (*check)(const struct fabric *fabric, struct random *random)) {
	struct random random = {seed};

	for (int i = 0; i < count; i++) {
		struct shape shape = shape_random(&random);
		char *text = shape_text(&shape);
		struct designed designed;
		struct state *kept;

		assert_int_equal(state_open(NULL, &kept), 0);
		fixture_design(&designed, text, kept);
		check(designed.fabric, &random);
		fixture_free(&designed);
		state_close(kept);
		free(text);
	}
}
