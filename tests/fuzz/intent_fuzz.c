/* intent_fuzz: bytes as an intent. It is refused, or within its bounds; and if what it asks for is
 * small, what is right of it is designed, and its tables are computed, or it is refused then. */
#include "fabric/intent.h"
#include "fabric/model.h"
#include "fabric/state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SMALL = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_name(const char *name) {
	assert(memchr(name, 0, FABRIC_NAME_MAX) && name[0] && !strchr(name, '/'));
}

static void check_names(const struct intent_names *names) {
	assert(names->count <= INTENT_SWITCHES_MAX + 1);
	for (size_t i = 0; i < names->count; i++)
		check_name(names->names[i]);
}

static void check_application(const struct intent_application *application) {
	check_name(application->name);
	check_names(&application->hosts);
	check_names(&application->from);
	check_names(&application->to);
	assert(application->says_kind && application->kind < APPLICATION_KINDS);
	assert(application->size_bytes > 0 && application->size_bytes <= 1000000000);
	assert(application->headsets > 0 && application->frames > 0 && application->devices > 0);
	assert(application->size_scale > 0 && application->size_scale <= 1);
}

static void check_bounds(const struct intent *intent) {
	check_name(intent->name);
	check_names(&intent->super_spines);
	check_names(&intent->spines);
	check_names(&intent->leaves);
	check_names(&intent->borders);
	assert(intent->tenant_count > 0 && intent->tenant_count <= INTENT_TENANTS_MAX);
	for (size_t i = 0; i < intent->external_count; i++) {
		const struct intent_external *external = &intent->externals[i];

		check_name(external->name);
		check_names(&external->attach);
		assert(external->asn && !strchr(external->announces_file, '/'));
		for (size_t n = 0; n < external->announce_count; n++)
			assert(external->announces[n].length <=
				prefix_bits(external->announces[n].family));
	}
	assert(intent->application_count <= INTENT_APPLICATIONS_MAX);
	for (size_t i = 0; i < intent->application_count; i++)
		check_application(&intent->applications[i]);
	assert(intent->mtu >= 1280 && intent->mtu <= 9216);
}

static bool is_small(const struct intent *intent) {
	size_t pods = intent->shape == SHAPE_CLOS ? intent->pods : 1, externals = 0;

	for (size_t i = 0; i < intent->external_count; i++)
		externals += intent->externals[i].attach.count;
	return pods * (intent->spines.count + intent->leaves.count + intent->borders.count) <
		       SMALL &&
	       intent->super_spines.count < SMALL && intent->hosts_per_leaf < SMALL &&
	       intent->node_count < SMALL && intent->cable_count < SMALL && externals < SMALL &&
	       intent->rack_count < SMALL;
}

static void check_design(const struct intent *intent, struct mistakes *mistakes) {
	struct fib_set *set = fib_set_create();
	struct fabric *fabric;
	struct state *state;

	assert(set && state_open(NULL, &state) == 0);
	if (fabric_create(intent, mistakes, state, &fabric) == 0) {
		assert(model_tables(fabric, NULL, set) == 0 && fib_set_finish(set) == 0);
		fabric_destroy(fabric);
	}
	state_close(state);
	fib_set_destroy(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static int fd = -1;
	static char path[64];
	struct mistakes mistakes = {.path = path};
	struct intent intent;

	if (size > 8192)
		return 0;
	if (fd < 0) {
		fd = memfd_create("intent", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		return 0;
	if (intent_read(&intent, &mistakes) < 0)
		goto out;
	if (!mistakes_any(&mistakes))
		check_bounds(&intent);
	if (is_small(&intent))
		check_design(&intent, &mistakes);
	intent_free(&intent);
out:
	mistakes_drop(&mistakes);
	return 0;
}
