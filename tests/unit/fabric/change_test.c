/*
 * change_test: what turns one design into another: the steps, applied to the old configurations by
 * hand, give the new ones; what goes is drained before; growth takes nothing away.
 */
#include "fixture.h"

#include "fabric/change.h"
#include "fabric/config_lines.h"
#include "fabric/frr.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct changed {
	struct designed before, after;
	struct change change;
};

static void begin(struct changed *changed, const char *before, const char *after) {
	struct state *kept;

	assert_int_equal(state_open(NULL, &kept), 0);
	fixture_design(&changed->before, before, kept);
	fixture_design(&changed->after, after, kept);
	assert_int_equal(
		change_create(changed->before.fabric, changed->after.fabric, &changed->change), 0);
	state_close(kept);
}

static void end(struct changed *changed) {
	change_free(&changed->change);
	fixture_free(&changed->before);
	fixture_free(&changed->after);
}

/* --- configurations by hand --- */

enum { LINES_MOST = 4096, DEPTHS = 3 };

/* Each line with those that it stands in: "router bgp 1\naddress-family ipv4 unicast\n…". */
struct book {
	char *paths[LINES_MOST];
	size_t count;
	char blocks[DEPTHS][512];
};

static void forget(struct book *book, size_t n) {
	free(book->paths[n]);
	book->paths[n] = book->paths[--book->count];
}

static bool knows(const struct book *book, const char *path) {
	for (size_t i = 0; i < book->count; i++)
		if (strcmp(book->paths[i], path) == 0)
			return true;
	return false;
}

/* A line and all that stands in it; fails if there is none such. */
static void strike(struct book *book, const char *path) {
	size_t size = strlen(path), struck = 0;

	for (size_t i = book->count; i-- > 0;)
		if (strncmp(book->paths[i], path, size) == 0 &&
			(book->paths[i][size] == '\0' || book->paths[i][size] == '\n' ||
				(size > 11 && strcmp(path + size - 11, "description") == 0))) {
			forget(book, i);
			struck++;
		}
	if (!struck)
		fail_msg("not there to be taken away: %s", path);
}

/* With a neighbour goes what a drain has said of it. */
static void strike_drains(struct book *book, const char *line) {
	char drained[256];

	snprintf(drained, sizeof(drained), "\n%.*s route-map DRAIN-",
		(int)(strlen("neighbor ") + strcspn(line + strlen("neighbor "), " ")), line);
	for (size_t i = book->count; i-- > 0;)
		if (strstr(book->paths[i], drained))
			forget(book, i);
}

static void path_of(struct book *book, size_t depth, const char *text, char *path, size_t size) {
	size_t used = 0;

	for (size_t i = 0; i < depth; i++)
		used += (size_t)snprintf(path + used, size - used, "%s\n", book->blocks[i]);
	snprintf(path + used, size - used, "%s", text);
}

static void type_line(struct book *book, const char *line) {
	size_t depth = strspn(line, " ");
	char path[2048];

	line += depth;
	if (line[0] == '\0' || line[0] == '!' || strncmp(line, "exit", 4) == 0)
		return;
	assert_true(depth < DEPTHS);
	assert_true(strlen(line) < sizeof(book->blocks[depth]));
	memcpy(book->blocks[depth], line, strlen(line) + 1);
	if (strcmp(line, "ipv6 nd suppress-ra") == 0) {
		path_of(book, depth, "no ipv6 nd suppress-ra", path, sizeof(path));
		strike(book, path);
		return;
	}
	if (strncmp(line, "no ", 3) == 0 && strncmp(line, "no bgp default", 14) != 0 &&
		strncmp(line, "no zebra nexthop", 16) != 0 &&
		strncmp(line, "no ipv6 nd suppress", 19) != 0) {
		path_of(book, depth, line + 3, path, sizeof(path));
		strike(book, path);
		if (depth == 1 && strncmp(line, "no neighbor ", 12) == 0)
			strike_drains(book, line + 3);
		return;
	}
	path_of(book, depth, line, path, sizeof(path));
	if (knows(book, path))
		return;
	assert_true(book->count < LINES_MOST);
	book->paths[book->count++] = strdup(path);
}

static void type_all(struct book *book, const char *lines) {
	char *copy = strdup(lines), *rest = copy, *line;

	memset(book->blocks, 0, sizeof(book->blocks));
	while ((line = strsep(&rest, "\n")))
		type_line(book, line);
	free(copy);
}

static void close_book(struct book *book) {
	while (book->count)
		forget(book, 0);
	free(book);
}

static char *frr_text(const struct fabric *fabric, int id) {
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	frr_write(fabric, id, to);
	assert_int_equal(fclose(to), 0);
	return text;
}

/* What may be left over: interfaces, and a value whose line another one of the same block, with the
 * same two first words, has taken the place of. */
static bool is_superseded(const struct book *wanted, const char *path) {
	const char *last = strrchr(path, '\n'), *line = last ? last + 1 : path;
	size_t words = strcspn(line, " ");

	if (!last && strncmp(line, "interface ", 10) == 0)
		return true;
	if (line[words])
		words += 1 + strcspn(line + words + 1, " ");
	for (size_t i = 0; i < wanted->count; i++)
		if (strncmp(wanted->paths[i], path, (size_t)(line - path) + words) == 0)
			return true;
	return false;
}

/* The old configuration of a node, with what its steps say, against the new one. */
static void check_node(const struct changed *changed, int before_id, int after_id) {
	const struct fabric *after = changed->after.fabric;
	char *old = frr_text(changed->before.fabric, before_id), *new = frr_text(after, after_id);
	struct book *book = calloc(1, sizeof(*book)), *wanted = calloc(1, sizeof(*wanted));

	assert_non_null(book);
	assert_non_null(wanted);
	type_all(book, old);
	type_all(wanted, new);
	for (size_t i = 0; i < changed->change.step_count; i++) {
		const struct change_step *step = &changed->change.steps[i];

		if (step->node != FABRIC_NONE && step->action != CHANGE_REMOVE_NODE &&
			step->action != CHANGE_ADD_NODE &&
			strcmp(step->fabric->nodes[step->node].name, after->nodes[after_id].name) ==
				0)
			type_all(book, step->lines);
	}
	for (size_t i = 0; i < wanted->count; i++)
		if (!knows(book, wanted->paths[i]))
			fail_msg("%s lacks %s", after->nodes[after_id].name, wanted->paths[i]);
	for (size_t i = 0; i < book->count; i++)
		if (!knows(wanted, book->paths[i]) && !is_superseded(wanted, book->paths[i]))
			fail_msg("%s still has %s", after->nodes[after_id].name, book->paths[i]);
	close_book(book);
	close_book(wanted);
	free(old);
	free(new);
}

static bool is_replaced(const struct changed *changed, const char *name) {
	for (size_t i = 0; i < changed->change.step_count; i++) {
		const struct change_step *step = &changed->change.steps[i];

		if (step->action == CHANGE_REPLACE_NODE &&
			strcmp(step->fabric->nodes[step->node].name, name) == 0)
			return true;
	}
	return false;
}

static void check_nodes(const struct changed *changed) {
	const struct fabric *before = changed->before.fabric;

	for (int id = 0; id < (int)before->node_count; id++) {
		int same = fabric_find(changed->after.fabric, before->nodes[id].name);

		if (same != FABRIC_NONE && fabric_is_switch(&before->nodes[id]) &&
			!is_replaced(changed, before->nodes[id].name))
			check_node(changed, id, same);
	}
}

/* --- properties --- */

static size_t count_of(const struct change *change, enum change_action action) {
	size_t count = 0;

	for (size_t i = 0; i < change->step_count; i++)
		count += change->steps[i].action == action;
	return count;
}

static void an_intent_does_not_differ_from_itself(void **state) {
	struct random random = {19};

	for (int i = 0; i < 20; i++) {
		struct shape shape = shape_random(&random);
		char *text = shape_text(&shape);
		struct changed changed;

		begin(&changed, text, text);
		assert_int_equal(changed.change.step_count, 0);
		assert_int_equal(changed.change.address_count, 0);
		end(&changed);
		free(text);
	}
}

static void check_growth(const char *small, const char *large) {
	struct changed changed;

	begin(&changed, small, large);
	assert_true(changed.change.step_count > 0 || strcmp(small, large) == 0);
	for (int action = CHANGE_DRAIN; action < CHANGE_ACTIONS; action++)
		assert_int_equal(count_of(&changed.change, (enum change_action)action), 0);
	for (size_t i = 0; i < changed.change.address_count; i++)
		assert_true(changed.change.addresses[i].is_added);
	check_nodes(&changed);
	end(&changed);
}

static void check_shrinking(const char *large, const char *small) {
	struct changed changed;

	begin(&changed, large, small);
	for (int action = CHANGE_ADD_NODE; action <= CHANGE_ADD_CABLE; action++)
		assert_int_equal(count_of(&changed.change, (enum change_action)action), 0);
	check_nodes(&changed);
	end(&changed);
}

static void growth_only_adds_and_going_back_takes_it_away(void **state) {
	struct random random = {23};

	for (int i = 0; i < 15; i++) {
		struct shape shape = shape_random(&random);
		char *small = shape_text(&shape), *large;

		shape_grow(&shape, &random);
		shape_grow(&shape, &random);
		large = shape_text(&shape);
		check_growth(small, large);
		check_shrinking(large, small);
		free(small);
		free(large);
	}
}

/* Wherever it comes in the list: the sites after it keep their numbers. */
static void one_more_site_takes_nothing_away(void **state) {
	static const char two[] = "shape: sites\nsites: [east, west]\nborders: 2\nhosts: 1\n";
	static const char three[] =
		"shape: sites\nsites: [east, mid, west]\nborders: 2\nhosts: 1\n";

	check_growth(two, three);
	check_shrinking(three, two);
}

/* Two that have nothing to do with each other. */
static void any_design_becomes_any_other(void **state) {
	struct random random = {29};

	for (int i = 0; i < 15; i++) {
		struct shape one = shape_random(&random), other = shape_random(&random);
		char *before, *after;
		struct changed changed;

		other.is_numbered = one.is_numbered;
		before = shape_text(&one);
		after = shape_text(&other);
		begin(&changed, before, after);
		check_nodes(&changed);
		end(&changed);
		free(before);
		free(after);
	}
}

/* --- order --- */

static int place_of(const struct change *change, enum change_action action, const char *node) {
	for (size_t i = 0; i < change->step_count; i++) {
		const struct change_step *step = &change->steps[i];

		if (step->action == action && step->node != FABRIC_NONE &&
			strcmp(step->fabric->nodes[step->node].name, node) == 0)
			return (int)i;
	}
	fail_msg("no step '%s' of %s", change_action_name(action), node);
	return -1;
}

static int first_of(const struct change *change, enum change_action action) {
	for (size_t i = 0; i < change->step_count; i++)
		if (change->steps[i].action == action)
			return (int)i;
	fail_msg("no step '%s'", change_action_name(action));
	return -1;
}

static void new_things_come_from_the_top_down(void **state) {
	struct changed changed;
	const struct change *change = &changed.change;

	begin(&changed, "spines: 1\nleaves: 1\n", "spines: 2\nleaves: 2\n");
	assert_true(place_of(change, CHANGE_ADD_NODE, "spine2") <
		    place_of(change, CHANGE_ADD_NODE, "leaf2"));
	assert_true(
		place_of(change, CHANGE_ADD_NODE, "leaf2-h1") < first_of(change, CHANGE_ADD_CABLE));
	assert_true(
		first_of(change, CHANGE_ADD_CABLE) < place_of(change, CHANGE_ADD_LINES, "spine1"));
	assert_true(place_of(change, CHANGE_ADD_LINES, "spine1") <
		    place_of(change, CHANGE_ADD_LINES, "leaf1"));
	end(&changed);
}

static void what_goes_is_drained_first_and_goes_from_the_bottom_up(void **state) {
	struct changed changed;
	const struct change *change = &changed.change;

	begin(&changed, "spines: 3\nleaves: 3\n", "spines: 2\nleaves: 2\n");
	assert_true(place_of(change, CHANGE_DRAIN, "spine3") <
		    place_of(change, CHANGE_REMOVE_LINES, "leaf1"));
	assert_true(place_of(change, CHANGE_REMOVE_LINES, "leaf1") <
		    place_of(change, CHANGE_REMOVE_LINES, "spine1"));
	assert_true(place_of(change, CHANGE_REMOVE_LINES, "spine1") <
		    first_of(change, CHANGE_REMOVE_CABLE));
	assert_true(first_of(change, CHANGE_REMOVE_CABLE) <
		    place_of(change, CHANGE_REMOVE_NODE, "leaf3"));
	assert_true(place_of(change, CHANGE_REMOVE_NODE, "leaf3") <
		    place_of(change, CHANGE_REMOVE_NODE, "spine3"));
	end(&changed);
}

static void cables_are_swapped_one_by_one(void **state) {
	static const enum change_action order[] = {
		CHANGE_DRAIN, CHANGE_DRAIN, CHANGE_SWAP_CABLE, CHANGE_UNDRAIN, CHANGE_UNDRAIN};
	struct changed changed;
	const struct change *change = &changed.change;
	size_t first;

	begin(&changed, "leaves: 2\nhosts: 0\n",
		"leaves: 2\nhosts: 0\nlinks: {leaf-spine: {speed: 200G}}\n");
	first = (size_t)first_of(change, CHANGE_DRAIN);
	assert_int_equal(change->step_count - first, 4 * 5);
	for (size_t i = first; i < change->step_count; i++)
		assert_int_equal(change->steps[i].action, order[(i - first) % 5]);
	end(&changed);
}

static void a_node_of_another_role_is_replaced(void **state) {
	struct changed changed;

	begin(&changed, "shape: custom\nnodes: {a: {role: leaf}}\n",
		"shape: custom\nnodes: {a: {role: spine}}\n");
	assert_int_equal(changed.change.step_count, 2);
	assert_string_equal(
		changed.change.steps[0].lines, "router bgp 4200000000\n bgp graceful-shutdown\n");
	assert_int_equal(changed.change.steps[1].action, CHANGE_REPLACE_NODE);
	end(&changed);
}

static void one_more_tenant_in_front_changes_no_others_line(void **state) {
	struct changed changed;

	begin(&changed,
		"tenants: {b: {ipv4: 10.1.0.0/16}}\nracks: {leaf1: {tenant: b}}\nleaves: 1\n",
		"tenants: {a: {ipv4: 10.2.0.0/16}, b: {ipv4: 10.1.0.0/16}}\n"
		"racks: {leaf1: {tenant: b}}\nleaves: 1\n");
	assert_int_equal(count_of(&changed.change, CHANGE_REMOVE_LINES), 0);
	assert_int_equal(count_of(&changed.change, CHANGE_ADD_LINES), 3);
	assert_string_equal(
		changed.change.steps[place_of(&changed.change, CHANGE_ADD_LINES, "leaf1")].lines,
		"ip route 10.2.0.0/16 reject 254\n"
		"bgp large-community-list standard TENANT-2 permit 4200000000:1:2\n"
		"route-map TENANT-2 permit 10\n"
		" set large-community 4200000000:1:2\n");
	end(&changed);
}

static void a_timer_is_set_over(void **state) {
	struct changed changed;

	begin(&changed, "leaves: 1\nspines: 1\n",
		"leaves: 1\nspines: 1\ntimers: {keepalive: 1s, hold: 3s}\n");
	assert_int_equal(changed.change.step_count, 2);
	assert_string_equal(
		changed.change.steps[0].lines, "router bgp 4200000000\n timers bgp 1 3\n");
	end(&changed);
}

static void no_more_bfd_is_taken_away(void **state) {
	struct changed changed;

	begin(&changed, "leaves: 1\nspines: 1\nhosts: 0\n",
		"leaves: 1\nspines: 1\nhosts: 0\ntimers: {bfd: 0, restart: 120s}\n");
	assert_int_equal(changed.change.step_count, 2);
	assert_string_equal(changed.change.steps[1].lines,
		"router bgp 4200000000\n no neighbor below bfd profile fabric\nno bfd\n");
	end(&changed);
}

static void a_host_that_moves_gets_other_addresses(void **state) {
	struct changed changed;

	begin(&changed, "leaves: 2\nhosts: 0\nracks: {leaf1: {hosts: [a]}}\n",
		"leaves: 2\nhosts: 0\nracks: {leaf2: {hosts: [a]}}\n");
	assert_int_equal(count_of(&changed.change, CHANGE_ADD_CABLE), 1);
	assert_int_equal(count_of(&changed.change, CHANGE_REMOVE_CABLE), 1);
	assert_string_equal(
		changed.change.steps[place_of(&changed.change, CHANGE_ADD_LINES, "a")].lines,
		"address 10.0.1.1/31 on eth2\naddress fd00:0:1:1::1/127 on eth2\n");
	assert_string_equal(
		changed.change.steps[place_of(&changed.change, CHANGE_REMOVE_LINES, "a")].lines,
		"no address fd00:0:1::1/127 on eth1\nno address 10.0.0.1/31 on eth1\n");
	end(&changed);
}

/* --- what vtysh says --- */

/* All lines of all steps, at once. */
static void check_by_vtysh(const struct change *change) {
	FILE *lines = fopen("lines.conf", "we"), *from;
	char said[512];

	assert_non_null(lines);
	for (size_t i = 0; i < change->step_count; i++) {
		const struct change_step *step = &change->steps[i];

		if (step->lines[0] && step->fabric->nodes[step->node].role != ROLE_HOST)
			fputs(step->lines, lines);
	}
	assert_int_equal(fclose(lines), 0);
	from = popen("/usr/bin/vtysh -C -f lines.conf 2>&1", "re");
	assert_non_null(from);
	if (fgets(said, sizeof(said), from))
		fail_msg("vtysh: %s in lines.conf", said);
	assert_int_equal(WEXITSTATUS(pclose(from)), 0);
}

static void check_both_ways(const char *one, const char *other) {
	for (int turn = 0; turn < 2; turn++) {
		struct changed changed;

		begin(&changed, turn ? other : one, turn ? one : other);
		check_by_vtysh(&changed.change);
		check_nodes(&changed);
		end(&changed);
	}
}

static void vtysh_takes_all_lines(void **state) {
	static const char before[] =
		"spines: 3\nleaves: 3\nborders: 2\n"
		"tenants: {a: {ipv4: 10.1.0.0/16, ipv6: 'fd00:1::/48'}, b: {ipv4: 10.2.0.0/16}}\n"
		"racks: {leaf1: {tenant: b}, leaf3: {dual-homed-to: leaf2}}\n"
		"external: {isp: {asn: 64496, attach: [border1, border2]}}\n"
		"policies:\n- deny: [a, b]\n- deny: [b, external]\n";
	static const char after[] =
		"spines: 2\nleaves: 4\nborders: 2\naddressing: {links: numbered}\n"
		"tenants: {a: {ipv4: 10.1.0.0/16, ipv6: 'fd00:1::/48'}, b: {ipv4: 10.2.0.0/16}}\n"
		"racks: {leaf3: {hosts: 1}, leaf4: {tenant: b}}\n"
		"external: {isp: {asn: 64496, attach: [border2]}}\n"
		"links: {leaf-spine: {speed: 400G}}\n"
		"timers: {bfd: 0, restart: 0, connect: 2s, keepalive: 1s, hold: 4s}\n";
	static const char sites_before[] =
		"shape: sites\nsites: [east, west]\nborders: 2\nhosts: 1\n"
		"links: {interconnect: {count: 2}}\n";
	static const char sites_after[] =
		"shape: sites\nsites: [west, mid, east]\nborders: 1\nhosts: 1\n"
		"links: {interconnect: {speed: 100G}}\n";

	if (access("/usr/bin/vtysh", X_OK) < 0) {
		print_message("skipped: there is no vtysh\n");
		skip();
	}
	check_both_ways(before, after);
	check_both_ways(sites_before, sites_after);
}

/* --- the command --- */

static int run(const char *words) {
	char command[512];

	snprintf(command, sizeof(command), "%s fabric diff %s >told 2>&1", HEDDLE, words);
	return WEXITSTATUS(system(command));
}

static void the_command_ends_as_diff_does(void **state) {
	char *told;

	fixture_write("one.yaml", "leaves: 2\n");
	fixture_write("two.yaml", "leaves: 3\n");
	fixture_write("bad.yaml", "leaves: many\n");
	assert_int_equal(run("one.yaml one.yaml"), 0);
	told = fixture_read("told");
	assert_string_equal(told, "");
	free(told);
	assert_int_equal(run("one.yaml two.yaml"), 1);
	told = fixture_read("told");
	assert_memory_equal(told, "added: 3 nodes, 4 cables, 10 addresses; removed: 0", 50);
	free(told);
	assert_int_equal(run("--json two.yaml one.yaml"), 1);
	told = fixture_read("told");
	assert_non_null(strstr(told, "\"action\": \"remove node\""));
	free(told);
	assert_int_equal(run("one.yaml"), 2);
	assert_int_equal(run("one.yaml bad.yaml"), 2);
	assert_int_equal(run("one.yaml nosuch.yaml"), 2);
	assert_int_equal(run("--state bad.yaml one.yaml two.yaml"), 2);
	assert_int_equal(access("fabric", F_OK), -1); /* nothing is written */
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_intent_does_not_differ_from_itself),
		cmocka_unit_test(growth_only_adds_and_going_back_takes_it_away),
		cmocka_unit_test(one_more_site_takes_nothing_away),
		cmocka_unit_test(any_design_becomes_any_other),
		cmocka_unit_test(new_things_come_from_the_top_down),
		cmocka_unit_test(what_goes_is_drained_first_and_goes_from_the_bottom_up),
		cmocka_unit_test(cables_are_swapped_one_by_one),
		cmocka_unit_test(a_node_of_another_role_is_replaced),
		cmocka_unit_test(one_more_tenant_in_front_changes_no_others_line),
		cmocka_unit_test(a_timer_is_set_over),
		cmocka_unit_test(no_more_bfd_is_taken_away),
		cmocka_unit_test(a_host_that_moves_gets_other_addresses),
		cmocka_unit_test(vtysh_takes_all_lines),
		cmocka_unit_test(the_command_ends_as_diff_does),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
