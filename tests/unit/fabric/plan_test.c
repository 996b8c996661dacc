/*
 * plan_test: the files of a plan. The same intent and state give the same bytes; what FRR and BIRD
 * are to run, they take; and the configurations of one fabric are what is kept under
 * tests/golden/fabric, which is renewed by
 *
 *   HEDDLE_RENEW_GOLDEN=1 meson test -C build fabric_plan
 */
#include "fixture.h"

#include "fabric/plan.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHAPES = 12 };

/* Plans an intent into a folder, from a state that is kept there if it is. */
static void plan_text(const char *text, const char *folder) {
	struct designed designed;
	struct state *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/state.json", folder);
	assert_int_equal(state_open(path, &state), 0);
	fixture_design(&designed, text, state);
	assert_int_equal(plan_write(designed.fabric, state, folder), 0);
	fixture_free(&designed);
	state_close(state);
}

/* --- the same bytes --- */

static size_t files_seen;

static int check_same(const char *path, const struct stat *status, int kind, struct FTW *ftw) {
	char other_path[256], *one, *other;

	if (kind != FTW_F)
		return 0;
	snprintf(other_path, sizeof(other_path), "again%s", path + strlen("first"));
	one = fixture_read(path);
	other = fixture_read(other_path);
	if (strcmp(one, other) != 0)
		fail_msg("%s differs", path);
	free(one);
	free(other);
	files_seen++;
	return 0;
}

static void run(const char *command) {
	assert_int_equal(system(command), 0);
}

/* Afresh, and from the state of the first. */
static void the_same_intent_gives_the_same_files(void **state) {
	struct random random = {11};

	for (int i = 0; i < SHAPES; i++) {
		struct shape shape = shape_random(&random);
		char *text = shape_text(&shape);

		run("rm -rf first again");
		plan_text(text, "first");
		plan_text(text, "again");
		files_seen = 0;
		nftw("first", check_same, 16, 0);
		assert_true(files_seen >= 4);
		plan_text(text, "again");
		nftw("first", check_same, 16, 0);
		free(text);
	}
}

/* --- what the daemons say --- */

static char *said;
static size_t said_size;

/* Runs a daemon's check over a file; what it says is kept. 77 if there is no such program. */
static int check_by(const char *program, const char *before, const char *path) {
	char command[512];
	FILE *from;

	if (access(program, X_OK) < 0)
		return 77;
	snprintf(command, sizeof(command), "%s %s %s 2>&1", program, before, path);
	from = popen(command, "re");
	assert_non_null(from);
	if (getdelim(&said, &said_size, '\0', from) < 0 && said)
		said[0] = '\0';
	return WEXITSTATUS(pclose(from));
}

static int check_configuration(
	const char *path, const struct stat *status, int kind, struct FTW *ftw) {
	const char *name = path + ftw->base;
	int result;

	if (kind == FTW_F && strcmp(name, "frr.conf") == 0)
		result = check_by("/usr/bin/vtysh", "-C -f", path);
	else if (kind == FTW_F && strcmp(name, "bird.conf") == 0)
		result = check_by("/usr/sbin/bird", "-p -c", path);
	else
		return 0;
	if (result == 77)
		return 0;
	files_seen++;
	if (result != 0 || (said && said[0]))
		fail_msg("%s: status %d: %s", path, result, said ? said : "");
	return 0;
}

static const char leaf_spine[] = "leaves: 3\nborders: 1\n"
				 "external:\n  isp1: {asn: 64496, attach: [border1], announces: "
				 "[0.0.0.0/0, '::/0']}\n"
				 "  isp2: {asn: 64497, attach: [border1], daemon: bird, announces: "
				 "[0.0.0.0/0, '::/0']}\n";
static const char clos[] =
	"shape: clos\npods: 2\nsuper-spines: 2\nleaves: 2\nborders: 1\n"
	"addressing: {links: numbered}\n"
	"tenants:\n  web: {ipv4: 10.0.0.0/16, ipv6: 'fd00:1::/48'}\n  db: {ipv4: 10.1.0.0/16}\n"
	"racks: {pod1-leaf1: {tenant: db}, pod2-leaf1: {dual-homed-to: pod2-leaf2}}\n"
	"external: {isp1: {asn: 64496, attach: [pod1-border1, pod2-border1], daemon: bird}}\n"
	"policies:\n- deny: [web, db]\n- deny: [db, external]\n"
	"timers: {hold: 3600s, keepalive: 1800s, connect: 3600s, advertisement: 600s, restart: "
	"3600s,\n"
	"  bfd: 60s, bfd-multiplier: 255}\n";
static const char custom[] =
	"shape: custom\nnodes:\n  a: {role: leaf}\n  b: {role: leaf}\n  s: {role: spine}\n"
	"  h: {role: host}\n  x: {role: external}\n"
	"external: {y: {asn: 64500, attach: [a], daemon: bird}}\n"
	"cables:\n- {from: a, to: s, count: 2}\n- {from: b, to: s}\n- {from: h, to: a}\n"
	"- {from: h, to: b}\n- {from: x, to: b}\n"
	"tenants: {only: {ipv6: 'fd00:5::/48'}}\n"
	"timers: {hold: 0, keepalive: 0, connect: 0, restart: 0, bfd: 0}\n";

static void check_configurations(const char *text) {
	run("rm -rf first");
	plan_text(text, "first");
	files_seen = 0;
	nftw("first/nodes", check_configuration, 16, 0);
	assert_true(files_seen > 0);
	free(said);
	said = NULL;
}

static void frr_and_bird_take_their_configurations(void **state) {
	static const char *const texts[] = {leaf_spine, clos, custom};

	if (access("/usr/bin/vtysh", X_OK) < 0 && access("/usr/sbin/bird", X_OK) < 0) {
		print_message("skipped: there is neither vtysh nor bird\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_configurations(texts[i]);
}

static void examples_are_planned(void **state) {
	static const char *const names[] = {"fabric", "clos", "two-sites"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[512], *text;

		snprintf(path, sizeof(path), "%s/%s.yaml", EXAMPLES_FOLDER, names[i]);
		text = fixture_read(path);
		run("rm -rf first");
		plan_text(text, "first");
		if (access("/usr/bin/vtysh", X_OK) == 0 && access("/usr/sbin/bird", X_OK) == 0)
			check_configurations(text);
		free(text);
	}
}

/* --- golden files --- */

static void check_golden(const char *name, const char *path) {
	char golden_path[512], *planned = fixture_read(path), *golden;

	snprintf(golden_path, sizeof(golden_path), "%s/%s", GOLDEN_FOLDER, name);
	if (getenv("HEDDLE_RENEW_GOLDEN"))
		fixture_write(golden_path, planned);
	golden = fixture_read(golden_path);
	if (strcmp(planned, golden) != 0)
		fail_msg("%s differs from the plan; see above how to renew it, and look at the "
			 "difference",
			golden_path);
	free(planned);
	free(golden);
}

static void configurations_are_those_that_are_kept(void **state) {
	char *text = fixture_read(GOLDEN_FOLDER "/intent.yaml");

	run("rm -rf first");
	plan_text(text, "first");
	check_golden("leaf1.conf", "first/nodes/leaf1/frr.conf");
	check_golden("spine1.conf", "first/nodes/spine1/frr.conf");
	check_golden("border1.conf", "first/nodes/border1/frr.conf");
	check_golden("isp2-bird.conf", "first/nodes/isp2/bird.conf");
	check_golden("cabling.csv", "first/cabling.csv");
	free(text);
	text = fixture_read(EXAMPLES_FOLDER "/two-sites.yaml");
	run("rm -rf first");
	plan_text(text, "first");
	check_golden("east-border1.conf", "first/nodes/east-border1/frr.conf");
	check_golden("west-border2.conf", "first/nodes/west-border2/frr.conf");
	check_golden("two-sites-cabling.csv", "first/cabling.csv");
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_intent_gives_the_same_files),
		cmocka_unit_test(frr_and_bird_take_their_configurations),
		cmocka_unit_test(examples_are_planned),
		cmocka_unit_test(configurations_are_those_that_are_kept),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
