/*
 * plan_test: services are read or refused; and carried over a ring with a chord (golden/optics,
 * ring.json: W, X, Y, Z, 80 km apart, but Z and W 90; and 200 km from W to Y), each with the route,
 * mode, slots or reason that can be told by hand, and with the figures that propagation alone has.
 */
#include "ring.h"

#include "../base/capture.h"
#include "optics/capacity.h"
#include "optics/design.h"
#include "optics/plan.h"
#include "optics/plan_write.h"
#include "optics/survive.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- services ---- */

static void assert_refused(const char *requests, const char *groups, const char *why) {
	const char *path = ring_services(requests, groups);
	struct capture capture = capture_begin(stderr);
	struct services services;
	int error = services_read(&services, &ring.network, &ring.equipment, path);
	char *said = capture_end(&capture);

	if (error != -EINVAL || !strstr(said, why))
		fail_msg("%s: %d, '%s' instead of '%s'", requests, error, said, why);
	free(said);
}

static void impossible_services_are_refused_in_their_place(void **state) {
	assert_refused(SERVICE("1", "V", "X", "null", "50e9", "100e9", "", ""), "",
		"services.json:2: $.path-request[0].source: no transceiver is called 'V'");
	assert_refused(SERVICE("1", "W", "W", "null", "50e9", "100e9", "", ""), "", "are the same");
	assert_refused(SERVICE("1", "W", "X", "\"slo\"", "50e9", "100e9", "", ""), "",
		"no mode of 't' is called 'slo'; 'slow'?");
	assert_refused(SERVICE("1", "W", "X", "\"wide\"", "50e9", "100e9", "", ""), "",
		"50 GHz is less than the 75 GHz that 'wide' takes");
	assert_refused(SERVICE("1", "W", "X", "null", "1e9", "-1", "", ""), "", "out of range");
	assert_refused(
		SERVICE("1", "W", "X", "null", "1e12", "100e9", "", ""), "", "holds 0 channels");
	assert_refused(SERVICE("1", "W", "X", "null", "50e9", "100e9", SLOT("1.5", "4"), ""), "",
		"a whole number is expected");
	assert_refused(SERVICE("1", "W", "X", "null", "50e9", "100e9", SLOT("1", "null"), ""), "",
		"'N' takes an 'M'");
	assert_refused(
		SERVICE("1", "W", "X", "null", "50e9", "100e9", "", HOP("STRICT", "roadm V")), "",
		"no element is called 'roadm V'; 'roadm ");
	assert_refused(SERVICE("1", "W", "X", "null", "50e9", "100e9", "", HOP("TIGHT", "roadm X")),
		"", "'TIGHT': STRICT or LOOSE is expected");
	assert_refused(SERVICE("1", "W", "X", "null", "50e9", "100e9", "", "") ",\n" SERVICE(
			       "1", "W", "X", "null", "50e9", "100e9", "", ""),
		"", ":3: $.path-request[1]: '1' is the request-id of another request");
	assert_refused(SERVICE("1", "W", "X", "null", "50e9", "100e9", "", ""),
		APART("a", "1", "2", "link"), "no request is called '2'");
	assert_refused(SERVICE("1", "W", "X", "null", "50e9", "100e9", "", ""),
		APART("a", "1", "1", "links"), "'links': link, node or srlg is expected");
	assert_refused("{}", "", "'request-id' is missing");
}

/* ---- plans ---- */

static void assert_carried(
	const struct made *made, size_t i, const char *route, const char *mode, int n, int m) {
	const struct carried *carried = &made->plan.list[i];

	assert_int_equal(carried->blocking, BLOCKED_NOT);
	assert_string_equal(ring_sites(carried), route);
	assert_string_equal(carried->judgement.mode->format, mode);
	assert_int_equal(carried->slot_count, 1);
	assert_int_equal(carried->slots[0].n, n);
	assert_int_equal(carried->slots[0].m, m);
}

/* Amplifiers' bands begin at 186 THz: n = -1136; GNPy leaves 25 GHz free: n = -1132. */
enum { LOW = -1136, LOW_GNPY = -1132 };

static void routes_modes_and_slots_are_those_told_by_hand(void **state) {
	static const char requests[] = SERVICE(
		"near", "W", "X", "\"slow\"", "50e9", "250e9", "", "") ",\n" SERVICE("over", "W",
		"Y", "null", "75e9", "400e9", "", "") ",\n" SERVICE("round", "W", "X", "\"slow\"",
		"50e9", "100e9", "", HOP("STRICT", "roadm Z")) ",\n" SERVICE("loose", "W", "X",
		"\"slow\"", "50e9", "100e9", "", HOP("LOOSE", "X-W")) ",\n" SERVICE("avoid", "W",
		"Y", "\"slow\"", "50e9", "100e9", "", AVOID("roadm X")) ",\n" SERVICE("fixed", "X",
		"Y", "\"slow\"", "50e9", "100e9", SLOT("0", "4"), "");
	struct made made;

	ring_plan(&made, requests, "", false);
	assert_int_equal(made.plan.blocked, 0);
	/* Those whose slots are given go first; 3 channels of 50 GHz are M = 12. */
	assert_carried(&made, 5, "XY", "slow", 0, 4);
	assert_carried(&made, 0, "WX", "slow", LOW + 12, 12);
	/* The highest bit rate, 400G in 75 GHz; behind those on the way. */
	assert_carried(&made, 1, "WXY", "dense", LOW + 24 + 6, 6);
	assert_carried(&made, 2, "WZYX", "slow", LOW + 4, 4);
	assert_true(made.plan.list[3].routing.loose_left_out);
	assert_carried(&made, 3, "WX", "slow", LOW + 24 + 12 + 4, 4);
	assert_carried(&made, 4, "WZY", "slow", LOW + 8 + 4, 4);
	ring_drop(&made);

	/* GNPy takes the highest baud rate, in the order of the file. */
	ring_plan(&made, requests, "", true);
	assert_carried(&made, 0, "WX", "slow", LOW_GNPY + 12, 12);
	assert_carried(&made, 1, "WXY", "wide", LOW_GNPY + 24 + 12, 12);
	ring_drop(&made);
}

static void what_is_blocked_says_why(void **state) {
	static const struct {
		const char *request;
		enum blocking blocking;
		const char *why;
	} cases[] = {
		{SERVICE("1", "W", "alone", "null", "50e9", "1e11", "", ""), BLOCKED_NO_PATH,
			"nothing leads from 'W' to 'alone'"},
		{SERVICE("1", "W", "X", "null", "50e9", "1e11", "", HOP("STRICT", "alone")),
			BLOCKED_NO_PATH_WITH_CONSTRAINT, "no route passes"},
		{SERVICE("1", "W", "X", "null", "40e9", "1e11", "", ""),
			BLOCKED_NO_FEASIBLE_BAUDRATE_WITH_SPACING,
			"no mode of 't' fits into 40 GHz"},
		{SERVICE("1", "W", "X", "\"perfect\"", "50e9", "1e11", "", ""),
			BLOCKED_MODE_NOT_FEASIBLE, "'perfect' needs 62.00 dB with margin"},
		{SERVICE("1", "W", "X", "\"slow\"", "50e9", "1e11", SLOT("-5000", "4"), ""),
			BLOCKED_NO_SPECTRUM, "no slot for 1 x 50 GHz"},
		{SERVICE("1", "W", "X", "\"slow\"", "50e9", "3e11", SLOT("0", "8"), ""),
			BLOCKED_NOT_ENOUGH_RESERVED_SPECTRUM,
			"3 x 50 GHz do not fit into the slots given"},
		{SERVICE("1", "W", "X", "\"slow\"", "50e9", "1e15", "", ""), BLOCKED_NO_SPECTRUM,
			"no slot for 10000 x 50 GHz"},
		{SERVICE("1", "W", "X", "\"slow\"", "1e11", "1e16", SLOT("0", "8"), ""),
			BLOCKED_NOT_ENOUGH_RESERVED_SPECTRUM, "100000 x 100 GHz"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena = {0};
		struct made made;
		const char *why;

		ring_plan(&made, cases[i].request, "", false);
		assert_int_equal(made.plan.list[0].blocking, cases[i].blocking);
		assert_int_equal(made.plan.blocked, 1);
		why = plan_why(&made.plan, &made.plan.list[0], 2, &arena);
		assert_non_null(strstr(why, cases[i].why));
		arena_free(&arena);
		ring_drop(&made);
	}
}

static void a_mode_that_none_is_good_enough_for_is_told(void **state) {
	char *text = strdup(SERVICE("1", "W", "X", "null", "50e9", "1e11", "", ""));
	char *type = strstr(text, "\"t\"");
	char request[1024];
	struct made made;

	snprintf(
		request, sizeof(request), "%.*s\"hopeless\"%s", (int)(type - text), text, type + 3);
	ring_plan(&made, request, "", false);
	assert_int_equal(made.plan.list[0].blocking, BLOCKED_NO_FEASIBLE_MODE);
	ring_drop(&made);
	free(text);
}

static void services_that_ask_for_the_same_are_one(void **state) {
	static const char requests[] = SERVICE("6", "W", "X", "\"slow\"", "50e9", "1e11",
		SLOT("100", "4"), "") ",\n" SERVICE("a", "X", "W", "\"slow\"", "50e9", "1e11", "",
		"") ",\n" SERVICE("7", "W", "X", "\"slow\"", "50e9", "2e11", "", "");
	struct made made;

	ring_plan(&made, requests, "", false);
	assert_int_equal(made.plan.count, 2);
	assert_string_equal(made.plan.list[1].service->id, "7 | 6");
	assert_int_equal(made.plan.list[1].channels, 3);
	assert_int_equal(made.plan.list[1].slot_count, 2);
	assert_int_equal(made.plan.list[1].slots[0].n, 100);
	assert_int_equal(made.plan.list[1].slots[1].m, 8);
	ring_drop(&made);
}

/* In any disjunctions, but in the same way. */
static void services_of_the_same_company_are_one(void **state) {
	static const char requests[] = SERVICE(
		"a", "W", "Y", "\"slow\"", "50e9", "1e11", "", "") ",\n" SERVICE("x", "W", "Y",
		"\"slow\"", "50e9", "1e11", "", "") ",\n" SERVICE("b", "W", "Y", "\"slow\"", "50e9",
		"1e11", "", "") ",\n" SERVICE("c", "W", "Y", "\"slow\"", "50e9", "1e11", "", "");
	struct made made;

	ring_plan(&made, requests,
		APART("1", "a", "x", "link") "," APART("2", "x", "b", "link") "," APART(
			"3", "c", "x", "link"),
		false);
	assert_int_equal(made.plan.count, 2);
	assert_string_equal(made.plan.list[0].service->id, "x");
	assert_string_equal(made.plan.list[1].service->id, "c | b | a");
	assert_int_equal(made.plan.list[1].channels, 3);
	ring_drop(&made);
	ring_plan(&made, requests,
		APART("1", "a", "x", "link") "," APART("2", "x", "b", "node") "," APART(
			"3", "c", "x", "link"),
		false);
	assert_int_equal(made.plan.count, 3);
	assert_string_equal(made.plan.list[2].service->id, "c | a");
	ring_drop(&made);
}

static void services_that_are_kept_apart_share_no_line(void **state) {
	static const char requests[] = SERVICE("1", "W", "Y", "\"slow\"", "50e9", "1e11", "",
		"") ",\n" SERVICE("2", "W", "Y", "\"slow\"", "50e9", "1e11", "", "");
	struct made made;

	ring_plan(&made, requests, APART("g", "1", "2", "node link"), false);
	assert_int_equal(made.plan.count, 2);
	assert_carried(&made, 0, "WXY", "slow", LOW + 4, 4);
	assert_carried(&made, 1, "WZY", "slow", LOW + 4, 4);
	ring_drop(&made);
}

/* All channels of the band, as propagation alone has them. */
static void figures_are_those_of_propagation(void **state) {
	const struct propagation_options options = {.sim = &ring.sim};
	struct propagation propagation = {0};
	const struct transceiver_mode *mode;
	const struct carried *carried;
	double least = INFINITY;
	struct spectrum load;
	struct made made;

	ring_plan(&made,
		SERVICE("1", "W", "Y", "\"wide\"", "75e9", "3e11", "", HOP("LOOSE", "roadm Z")), "",
		false);
	carried = &made.plan.list[0];
	mode = carried->judgement.mode;
	assert_int_equal(spectrum_create(&load, 5), 0);
	for (int k = 1; k <= 5; k++)
		spectrum_add(&load, &(struct channel){193e12 + k * 75e9, mode->baud_hz, 75e9,
					    mode->roll_off, mode->tx_osnr_db, 0, 0});
	assert_int_equal(propagation_run(&propagation, &ring.network, carried->ways.there,
				 carried->ways.there_count, &load, &options),
		0);
	for (size_t i = 0; i < 5; i++) {
		struct reception one;

		propagation_receive(&propagation, i, &one);
		least = fmin(least, one.gsnr_01nm_db);
	}
	assert_int_equal(carried->judgement.there.channels, 5);
	fixture_near(carried->judgement.there.gsnr_01nm_db.least, least, 1e-9);
	fixture_near(carried->judgement.there.net_gsnr_db, least, 1e-9);
	propagation_free(&propagation);
	spectrum_free(&load);
	ring_drop(&made);
}

static void what_is_lit_is_judged_as_it_travels(void **state) {
	const struct propagation_options options = {.sim = &ring.sim};
	struct propagation propagation = {0};
	const struct carried *carried;
	struct reception one;
	struct spectrum load;
	struct made made;

	/* One service alone: its own channel, and nothing beside it. */
	ring_plan(&made, SERVICE("1", "W", "Y", "\"slow\"", "50e9", "1e11", SLOT("0", "4"), ""), "",
		false);
	ring_drop(&made);
	made.options.real_load = true;
	assert_int_equal(services_read(&made.services, &ring.network, &ring.equipment,
				 ring_services(SERVICE("1", "W", "Y", "\"slow\"", "50e9", "1e11",
						       SLOT("0", "4"), ""),
					 "")),
		0);
	assert_int_equal(plan_begin(&made.plan, &ring.sections, &made.options), 0);
	assert_int_equal(plan_make(&made.plan, &made.services, &made.options), 0);
	carried = &made.plan.list[0];
	assert_int_equal(carried->judgement.there.channels, 1);
	assert_int_equal(spectrum_create(&load, 1), 0);
	spectrum_add(&load, &(struct channel){193.1e12, 32e9, 50e9, 0.15, 40, 0, 0});
	assert_int_equal(propagation_run(&propagation, &ring.network, carried->ways.there,
				 carried->ways.there_count, &load, &options),
		0);
	propagation_receive(&propagation, 0, &one);
	fixture_near(carried->judgement.there.gsnr_01nm_db.least, one.gsnr_01nm_db, 1e-9);
	propagation_free(&propagation);
	spectrum_free(&load);
	ring_drop(&made);
}

static void company_on_a_line_costs_what_it_does_there(void **state) {
	static const char requests[] = SERVICE("1", "W", "Y", "\"slow\"", "50e9", "1e11",
		SLOT("0", "4"), HOP("STRICT", "roadm X")) ",\n" SERVICE("2", "X", "Y", "\"slow\"",
		"50e9", "1e11", SLOT("8", "4"), "");
	struct services services;
	struct plan_options options = {
		.equipment = &ring.equipment, .sim = &ring.sim, .real_load = true};
	double alone, among;
	struct plan plan;

	for (int both = 0; both < 2; both++) {
		assert_int_equal(services_read(&services, &ring.network, &ring.equipment,
					 ring_services(requests, "")),
			0);
		services.count = both ? 2 : 1;
		assert_int_equal(plan_begin(&plan, &ring.sections, &options), 0);
		assert_int_equal(plan_make(&plan, &services, &options), 0);
		*(both ? &among : &alone) = plan.list[0].judgement.there.gsnr_bw_db.least;
		assert_true(plan.list[0].holds);
		plan_free(&plan);
		services_free(&services);
	}
	/* Less than in a full band, but something. */
	assert_true(among < alone - 1e-4 && among > alone - 1);
}

static const struct network *redesign(void *owner, double power_dbm, size_t channels) {
	return power_dbm > 1 ? owner : &ring.network;
}

/* In the end as in the beginning: by the network that was designed for its power, whichever was
 * asked for last. */
static void what_is_lit_is_judged_in_the_network_of_its_power(void **state) {
	static const char requests[] =
		SERVICE("1", "W", "X", "\"slow\"", "50e9", "1e11", "", "") ",\n" SERVICE(
			"2", "Y", "Z", "\"slow\"", "50e9", "1e11", ", \"output-power\": 2e-3", "");
	const struct design_options how = {.power_dbm = 3, .sim = &ring.sim};
	struct network louder;
	struct plan_options options = {.equipment = &ring.equipment,
		.sim = &ring.sim,
		.real_load = true,
		.redesign = redesign,
		.owner = &louder};
	struct services services;
	struct plan plan;
	double gsnr[2];

	assert_int_equal(network_read(&louder, &ring.equipment, GOLDEN_FOLDER "/ring.json"), 0);
	assert_int_equal(design_network(&louder, &ring.equipment, &how), 0);
	for (int both = 0; both < 2; both++) {
		assert_int_equal(services_read(&services, &ring.network, &ring.equipment,
					 ring_services(requests, "")),
			0);
		services.count = both ? 2 : 1;
		assert_int_equal(plan_begin(&plan, &ring.sections, &options), 0);
		assert_int_equal(plan_make(&plan, &services, &options), 0);
		gsnr[both] = plan.list[0].judgement.there.gsnr_bw_db.least;
		plan_free(&plan);
		services_free(&services);
	}
	fixture_near(gsnr[1], gsnr[0], 1e-9);
	network_free(&louder);
}

static void bands_that_no_grid_is_wide_enough_for_are_refused(void **state) {
	struct load_rules rules = ring.equipment.loads[0];
	struct occupancy occupancy;

	rules.f_max_hz = 800e12;
	assert_int_equal(occupancy_create(&occupancy, &ring.sections, &rules, 0), -ERANGE);
	assert_null(occupancy.lit);
	occupancy_free(&occupancy);
}

/* ---- what is lit already ---- */

static void what_is_lit_stays_lit(void **state) {
	static const char request[] = SERVICE("1", "W", "X", "\"slow\"", "50e9", "1e11", "", "");
	struct made made, later;
	struct capture capture;
	const char *path;
	json_t *results;
	char *text, *said;

	ring_plan(&made, request, "", false);
	results = plan_results_json(&made.plan);
	text = json_dumps(results, 0);
	json_decref(results);
	ring_drop(&made);
	path = fixture_file("lit.json", text);
	assert_int_equal(plan_begin(&later.plan, &ring.sections, &made.options), 0);
	assert_int_equal(plan_read_lit(&later.plan, path), 0);
	/* Twice is once too often. */
	capture = capture_begin(stderr);
	assert_int_equal(plan_read_lit(&later.plan, path), -EINVAL);
	said = capture_end(&capture);
	assert_non_null(strstr(said, "is not free on the line of"));
	free(said);
	free(text);
	assert_int_equal(services_read(&later.services, &ring.network, &ring.equipment,
				 ring_services(request, "")),
		0);
	assert_int_equal(plan_make(&later.plan, &later.services, &made.options), 0);
	assert_carried(&later, 0, "WX", "slow", LOW + 8 + 4, 4);
	ring_drop(&later);
}

static void slots_that_break_less_leave_more(void **state) {
	static const char requests[] = SERVICE(
		"1", "W", "X", "\"slow\"", "50e9", "1e11", SLOT("0", "4"), "") ",\n" SERVICE("2",
		"W", "X", "\"slow\"", "50e9", "1e11", SLOT("16", "4"),
		"") ",\n" SERVICE("3", "W", "X", "\"slow\"", "50e9", "1e11", "", "");
	struct plan_options options = {
		.equipment = &ring.equipment, .sim = &ring.sim, .choice = SLOT_LEAST_BROKEN};
	struct services services;
	struct plan plan;

	assert_int_equal(services_read(&services, &ring.network, &ring.equipment,
				 ring_services(requests, "")),
		0);
	assert_int_equal(plan_begin(&plan, &ring.sections, &options), 0);
	assert_int_equal(plan_make(&plan, &services, &options), 0);
	/* The gap of its own width, from 4 to 12. */
	assert_int_equal(plan.list[2].slots[0].n, 8);
	plan_free(&plan);
	services_free(&services);
}

/* ---- cuts ---- */

static int line_between(const char *from, const char *to) {
	char name[16];

	snprintf(name, sizeof(name), "%s-%s", from, to);
	for (size_t s = 0; s < ring.sections.count; s++)
		for (size_t i = 0; i < ring.sections.list[s].count; i++) {
			const char *element =
				ring.network.elements[ring.sections.list[s].elements[i]]->name;

			if (strncmp(element, name, strlen(name)) == 0)
				return (int)s;
		}
	fail_msg("no line %s", name);
	return SECTION_NONE;
}

static void services_are_restored_on_what_is_left(void **state) {
	static const char requests[] = SERVICE("1", "W", "X", "\"slow\"", "50e9", "1e11", "",
		"") ",\n" SERVICE("2", "Y", "Z", "\"slow\"", "50e9", "2e11", "", "");
	struct cut cut = {{line_between("W", "X")}, 1};
	struct survivor *survivor;
	struct survival survival;
	struct made made;

	ring_plan(&made, requests, "", false);
	survivor = survivor_create(&made.plan, &made.options);
	assert_int_equal(survivor_cut(survivor, &cut, &survival), 0);
	assert_int_equal(survival.count, 1);
	assert_int_equal(survival.restored, 1);
	assert_string_equal(survival.fates[0].was->service->id, "1");
	assert_string_equal(ring_sites(&survival.fates[0].now), "WZYX"); /* 250 km; WYX has 280 */
	/* The other's slot on Y-Z stays its own. */
	assert_int_equal(survival.fates[0].now.slots[0].n, LOW + 16 + 4);
	survival_free(&survival);

	cut = (struct cut){{line_between("W", "X"), line_between("Y", "X")}, 2};
	assert_int_equal(survivor_cut(survivor, &cut, &survival), 0);
	assert_int_equal(survival.restored, 0);
	assert_int_equal(survival.fates[0].now.blocking, BLOCKED_NO_PATH);
	fixture_near(survival.lost_bit_rate, 1e11, 1);
	fixture_near(survival.bit_rate, 3e11, 1);
	survival_free(&survival);

	/* And what was cut before is whole again. */
	cut = (struct cut){{line_between("Z", "W")}, 1};
	assert_int_equal(survivor_cut(survivor, &cut, &survival), 0);
	assert_int_equal(survival.count, 0);
	survival_free(&survival);
	survivor_free(survivor);
	ring_drop(&made);
}

/* ---- capacity ---- */

static void capacity_is_that_of_the_channels_that_close(void **state) {
	const struct capacity_options options = {&ring.equipment, &ring.sim, NULL, 0};
	const struct filling *mix;
	struct occupancy occupancy;
	struct capacity capacity;
	struct made made;
	double most = 0;

	ring_plan(&made, SERVICE("1", "W", "X", "\"slow\"", "50e9", "1e11", "", ""), "", false);
	assert_int_equal(
		occupancy_create(&occupancy, &ring.sections, &ring.equipment.loads[0], 0), 0);
	assert_int_equal(capacity_compute(&capacity, &occupancy, &made.plan.list[0].routing.route,
				 &made.plan.list[0].ways, &options),
		0);
	mix = &capacity.mix;
	assert_int_equal(capacity.count, 5);
	/* 193 to 193.4 THz hold 8 x 50 GHz or 5 x 75 GHz. */
	assert_int_equal(capacity.fillings[0].closing, 8);
	assert_int_equal(capacity.fillings[1].count, 5);
	assert_int_equal(capacity.fillings[3].closing, 0); /* perfect */
	for (size_t i = 0; i < capacity.count; i++)
		most = fmax(most, capacity.fillings[i].bit_rate);
	fixture_near(mix->bit_rate, 8 * 400e9, 1);
	fixture_near(mix->bit_rate, most, 1);
	for (size_t i = 0; i < mix->count; i++) {
		assert_true(mix->channels[i].margin_db >= 0);
		assert_true(i == 0 || mix->channels[i - 1].slot.n + mix->channels[i - 1].slot.m <=
					      mix->channels[i].slot.n - mix->channels[i].slot.m);
	}
	/* No watts of amplifiers are told. */
	assert_true(isnan(capacity_watts_per_tbit(&capacity, mix)));
	capacity.amplifier_w = 40;
	fixture_near(capacity_watts_per_tbit(&capacity, mix), (40 + 8 * 2 * 20) / 3.2, 1e-9);
	capacity_free(&capacity);
	occupancy_free(&occupancy);
	ring_drop(&made);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_services_are_refused_in_their_place),
		cmocka_unit_test(routes_modes_and_slots_are_those_told_by_hand),
		cmocka_unit_test(what_is_blocked_says_why),
		cmocka_unit_test(a_mode_that_none_is_good_enough_for_is_told),
		cmocka_unit_test(services_that_ask_for_the_same_are_one),
		cmocka_unit_test(services_of_the_same_company_are_one),
		cmocka_unit_test(services_that_are_kept_apart_share_no_line),
		cmocka_unit_test(figures_are_those_of_propagation),
		cmocka_unit_test(what_is_lit_is_judged_as_it_travels),
		cmocka_unit_test(company_on_a_line_costs_what_it_does_there),
		cmocka_unit_test(what_is_lit_is_judged_in_the_network_of_its_power),
		cmocka_unit_test(bands_that_no_grid_is_wide_enough_for_are_refused),
		cmocka_unit_test(what_is_lit_stays_lit),
		cmocka_unit_test(slots_that_break_less_leave_more),
		cmocka_unit_test(services_are_restored_on_what_is_left),
		cmocka_unit_test(capacity_is_that_of_the_channels_that_close),
	};

	return cmocka_run_group_tests(tests, ring_open, ring_close);
}
