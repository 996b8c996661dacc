/* condition_test: what services have when fibres are cut or age and amplifiers fail, on the ring.
 */
#include "ring.h"

#include "optics/condition.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char requests[] = SERVICE("near", "W", "X", "\"slow\"", "50e9", "2e11", "",
	"") ",\n" SERVICE("far", "W", "Y", "null", "50e9", "8e11", "", "");

static struct made made;
static struct condition *condition;

static int open_condition(void **state) {
	ring_plan(&made, requests, "", false);
	return condition_create(&made.plan, &made.options, &condition);
}

static int close_condition(void **state) {
	condition_free(condition);
	ring_drop(&made);
	return 0;
}

static const struct light *look(size_t service) {
	const struct light *lights;

	assert_int_equal(condition_look(condition, &lights), 0);
	return &lights[service];
}

/* The first element of a kind whose name begins so. */
static int element_of(enum element_kind kind, const char *name) {
	for (size_t i = 0; i < ring.network.count; i++)
		if (ring.network.elements[i]->kind == kind &&
			strstr(ring.network.elements[i]->name, name))
			return (int)i;
	fail_msg("nothing is called %s", name);
	return ELEMENT_NONE;
}

static void damage(int element, enum damage_kind kind, double loss_db) {
	const struct damage what = {.element = element, .kind = kind, .loss_db = loss_db};

	assert_int_equal(condition_damage(condition, &what), 0);
}

static void what_is_whole_has_what_was_planned(void **state) {
	struct plan_options options = made.options;
	struct plan plan;

	options.real_load = true;
	assert_int_equal(plan_begin(&plan, &ring.sections, &options), 0);
	assert_int_equal(plan_make(&plan, &made.services, &options), 0);
	for (size_t i = 0; i < 2; i++) {
		const struct light *light = look(i);
		const struct judgement *judgement = &plan.list[i].judgement;

		assert_true(light->is_lit);
		fixture_near(light->margin_db,
			fmin(judgement->there.net_gsnr_db, judgement->back.net_gsnr_db) -
				judgement->mode->osnr_db,
			0.0051); /* hundredths of a dB */
		assert_true(light->frame_loss == 0);
		fixture_near(light->latency_s, judgement->there.latency_ms * 1e-3, 1e-12);
	}
	fixture_near(look(0)->bit_rate, 2e11, 1);
	fixture_near(look(1)->bit_rate, 8e11, 1);
	plan_free(&plan);
}

static void a_cut_darkens_and_light_comes_back(void **state) {
	int fibre = element_of(ELEMENT_FIBRE, "W-X");
	double planned_db = look(0)->margin_db;

	damage(fibre, DAMAGE_CUT, 0);
	assert_false(look(0)->is_lit);
	assert_false(look(1)->is_lit); /* W, X, Y */
	assert_true(look(0)->frame_loss == 1 && look(0)->bit_rate == 0);

	assert_int_equal(condition_restore(condition, false), 0);
	assert_true(look(0)->is_lit && look(0)->is_restored);
	assert_string_equal(ring_sites(look(0)->carried), "WZYX");
	assert_true(look(0)->margin_db < planned_db && look(0)->margin_db > 0);
	assert_true(look(0)->latency_s > 0.0011); /* 250 km */

	/* Mended, it stays where it is, until it is to go back. */
	damage(fibre, DAMAGE_NONE, 0);
	assert_int_equal(condition_restore(condition, false), 0);
	assert_string_equal(ring_sites(look(0)->carried), "WZYX");
	assert_int_equal(condition_restore(condition, true), 0);
	assert_string_equal(ring_sites(look(0)->carried), "WX");
	assert_false(look(0)->is_restored);
	fixture_near(look(0)->margin_db, planned_db, 0.0101);
}

static void the_other_direction_is_cut_as_well(void **state) {
	damage(element_of(ELEMENT_FIBRE, "X-W"), DAMAGE_CUT, 0);
	assert_false(look(0)->is_lit);
	damage(element_of(ELEMENT_FIBRE, "X-W"), DAMAGE_NONE, 0);
	assert_true(look(0)->is_lit);
}

static void age_costs_margin_and_then_everything(void **state) {
	int fibre = element_of(ELEMENT_FIBRE, "W-X");
	double last_db = look(1)->margin_db;

	for (double loss_db = 2; loss_db <= 8; loss_db += 2) {
		damage(fibre, DAMAGE_AGEING, loss_db);
		assert_true(look(1)->margin_db < last_db);
		last_db = look(1)->margin_db;
	}
	damage(fibre, DAMAGE_AGEING, 40);
	assert_true(look(1)->margin_db < -0.6);
	assert_true(look(1)->is_lit && look(1)->frame_loss == 1);
	/* Beyond the cliff it is carried elsewhere. */
	assert_int_equal(condition_restore(condition, false), 0);
	assert_true(look(1)->frame_loss == 0);
	assert_string_equal(ring_sites(look(1)->carried), "WZY");
}

static void an_amplifier_that_failed_darkens_its_line(void **state) {
	int amplifier = element_of(ELEMENT_AMPLIFIER, "W-X");

	damage(amplifier, DAMAGE_FAILED, 0);
	assert_false(look(0)->is_lit);
}

static void what_cannot_be_damaged_so_is_not(void **state) {
	const struct damage wrong[] = {
		{.element = element_of(ELEMENT_ROADM, "roadm W"), .kind = DAMAGE_CUT, .loss_db = 0},
		{.element = element_of(ELEMENT_ROADM, "roadm W"),
			.kind = DAMAGE_AGEING,
			.loss_db = 1},
		{.element = element_of(ELEMENT_FIBRE, "W-X"), .kind = DAMAGE_FAILED, .loss_db = 0},
		{.element = element_of(ELEMENT_FIBRE, "W-X"), .kind = DAMAGE_AGEING, .loss_db = -1},
		{.element = -1, .kind = DAMAGE_CUT, .loss_db = 0},
		{.element = 1000000, .kind = DAMAGE_CUT, .loss_db = 0},
		{.element = element_of(ELEMENT_FIBRE, "W-X"), .kind = DAMAGE_PUMP, .pump = 1},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(condition_damage(condition, &wrong[i]), -EINVAL);
}

/* Two pumps against the channels, 13 THz above those that are lit first. */
static struct raman_pump pumps[] = {{0.1, 199.3e12, true}, {0.1, 199.0e12, true}};

/* Both ways: the worse of the two counts. */
static void pump(const struct raman_pump *list, size_t count) {
	static const char *const names[] = {"W-X", "X-W"};

	for (size_t i = 0; i < 2; i++) {
		struct fibre *fibre =
			ring.network.elements[element_of(ELEMENT_FIBRE, names[i])]->fibre;

		fibre->pumps = list;
		fibre->pump_count = count;
		fibre->temperature_k = 283;
	}
	ring.sim.raman = count > 0;
}

static int open_pumped(void **state) {
	pump(pumps, 2);
	return open_condition(state);
}

static int close_pumped(void **state) {
	pump(NULL, 0);
	return close_condition(state);
}

static void lose(unsigned int number) {
	struct damage what = {.kind = DAMAGE_PUMP, .pump = number};

	what.element = element_of(ELEMENT_FIBRE, "W-X");
	assert_int_equal(condition_damage(condition, &what), 0);
	what.element = element_of(ELEMENT_FIBRE, "X-W");
	assert_int_equal(condition_damage(condition, &what), 0);
}

static void each_pump_that_is_lost_costs_gsnr_until_it_is_mended(void **state) {
	int there = element_of(ELEMENT_FIBRE, "W-X"), back = element_of(ELEMENT_FIBRE, "X-W");
	double both_db = look(0)->gsnr_db, one_db, none_db;

	lose(1);
	one_db = look(0)->gsnr_db;
	lose(2);
	none_db = look(0)->gsnr_db;
	assert_true(both_db > one_db + 1e-4 && one_db > none_db + 1e-2);
	assert_int_equal(condition_damage_at(condition, there)->pumps, 3);
	lose(1); /* again */
	fixture_near(look(0)->gsnr_db, none_db, 1e-9);
	damage(there, DAMAGE_NONE, 0);
	damage(back, DAMAGE_NONE, 0);
	fixture_near(look(0)->gsnr_db, both_db, 1e-9);
}

static void an_upgrade_carries_more_with_less_margin(void **state) {
	double slow_db = look(0)->margin_db, gsnr_db = look(0)->gsnr_db;
	double slow_rate = look(0)->bit_rate;
	int channels = look(0)->carried->channels;
	enum blocking blocking;

	assert_int_equal(condition_upgrade(condition, 0, "dense", &blocking), 0);
	assert_int_equal(blocking, BLOCKED_NOT);
	assert_string_equal(look(0)->carried->judgement.mode->format, "dense");
	assert_int_equal(look(0)->carried->channels, channels);
	assert_true(look(0)->bit_rate > slow_rate && look(0)->margin_db < slow_db);
	fixture_near(look(0)->gsnr_db, gsnr_db, 3);
	assert_string_equal(ring_sites(look(0)->carried), "WX");
	assert_int_equal(condition_upgrade(condition, 0, "none such", &blocking), -ENOENT);

	/* What comes back from another route comes back as that. */
	damage(element_of(ELEMENT_FIBRE, "W-X"), DAMAGE_CUT, 0);
	assert_int_equal(condition_restore(condition, false), 0);
	damage(element_of(ELEMENT_FIBRE, "W-X"), DAMAGE_NONE, 0);
	assert_int_equal(condition_restore(condition, true), 0);
	assert_string_equal(look(0)->carried->judgement.mode->format, "dense");
	assert_false(look(0)->is_restored);
}

static void the_cliff_is_where_the_need_is(void **state) {
	assert_true(condition_frame_loss(0) == 0);
	fixture_near(condition_frame_loss(-0.1), 1e-5, 1e-9);
	fixture_near(condition_frame_loss(-0.3), 1e-3, 1e-9);
	assert_true(condition_frame_loss(-0.7) == 1);
	assert_true(condition_frame_loss(-INFINITY) == 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_whole_has_what_was_planned, open_condition, close_condition),
		cmocka_unit_test_setup_teardown(
			a_cut_darkens_and_light_comes_back, open_condition, close_condition),
		cmocka_unit_test_setup_teardown(
			the_other_direction_is_cut_as_well, open_condition, close_condition),
		cmocka_unit_test_setup_teardown(
			age_costs_margin_and_then_everything, open_condition, close_condition),
		cmocka_unit_test_setup_teardown(
			an_amplifier_that_failed_darkens_its_line, open_condition, close_condition),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_damaged_so_is_not, open_condition, close_condition),
		cmocka_unit_test_setup_teardown(
			each_pump_that_is_lost_costs_gsnr_until_it_is_mended, open_pumped,
			close_pumped),
		cmocka_unit_test_setup_teardown(
			an_upgrade_carries_more_with_less_margin, open_condition, close_condition),
		cmocka_unit_test(the_cliff_is_where_the_need_is),
	};

	return cmocka_run_group_tests(tests, ring_open, ring_close);
}
