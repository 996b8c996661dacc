/* fixture: fabrics for tests: from a text, or of a random shape that can grow. All files lie in a
 * folder of the test's own, which is the working directory. */
#pragma once

#include "fabric/fabric.h"
#include "fabric/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's group setup and teardown: a folder, and without it again. */
int fixture_enter(void **state);
int fixture_leave(void **state);

struct designed {
	struct intent intent;
	struct fabric *fabric;
};

/* The design of an intent's text; it must be right. What is given out goes to `state`. */
void fixture_design(struct designed *designed, const char *text, struct state *state);
void fixture_free(struct designed *designed);

/* Puts a text into a file of the folder. */
void fixture_write(const char *name, const char *text);

/* The text of a file, for free(). */
char *fixture_read(const char *path);

/* What tests choose at random, the same at each run. */
struct random {
	uint32_t state;
};

uint32_t random_below(struct random *random, uint32_t below);

enum { SHAPE_PODS_MAX = 3 };

/* A fabric of some shape, in numbers that can grow. */
struct shape {
	bool is_clos, is_sites, is_numbered, has_ipv4, has_ipv6, denies_external;
	uint32_t pods /* or sites */, supers, spines, leaves, borders, hosts, tenants, externals,
		denials;
	uint32_t cables;      /* between each leaf and spine, and borders of sites */
	uint32_t host_cables; /* of each host to its leaf */
	uint32_t pairs;       /* of leaves that share dual-homed hosts; in the first pod */
	bool names_racks;
};

struct shape shape_random(struct random *random);

/* One thing more, or several. */
void shape_grow(struct shape *shape, struct random *random);

/* The intent as a text, for free(). */
char *shape_text(const struct shape *shape);

/* The designs of many random shapes, one after the other; what the check chooses follows on. */
void fixture_each_shape(uint32_t seed, int count,
	void (*check)(const struct fabric *fabric, struct random *random));
