/* traffic_test: rows name places, share their rate evenly, and add up; a mistake is told in its
 * place. */
#include "fixture.h"

#include "../base/capture.h"
#include "fabric/traffic.h"

#include <errno.h>

static const char intent[] = "fabric: f\nspines: 2\nleaves: 2\nhosts: 2\nborders: 1\n"
			     "tenants: {web: {ipv4: 10.1.0.0/16}, db: {ipv4: 10.2.0.0/16}}\n"
			     "racks: {leaf2: {hosts: [db1, db2], tenant: db}}\n"
			     "external: {isp1: {asn: 64999, attach: [border1], announces: "
			     "[0.0.0.0/0]}}\n";

struct setting {
	struct designed designed;
	struct state *kept;
};

static void set_up(struct setting *setting) {
	assert_int_equal(state_open(NULL, &setting->kept), 0);
	fixture_design(&setting->designed, intent, setting->kept);
}

static void tear_down(struct setting *setting) {
	fixture_free(&setting->designed);
	state_close(setting->kept);
}

static double sent(const struct fabric *fabric, const struct traffic *traffic, const char *from,
	const char *to) {
	for (size_t i = 0; i < traffic->count; i++)
		if (traffic->demands[i].from == fabric_find(fabric, from) &&
			traffic->demands[i].to == fabric_find(fabric, to))
			return traffic->demands[i].mbps;
	return 0;
}

static void places_share_and_rows_add_up(void **state) {
	struct setting setting;
	struct traffic traffic;
	const struct fabric *fabric;

	set_up(&setting);
	fabric = setting.designed.fabric;
	fixture_write("traffic.yaml", "traffic:\n"
				      "  - {from: leaf1-h1, to: db1, rate: 10G}\n"
				      "  - {from: leaf1, to: db, rate: 4G}\n"
				      "  - {from: db, to: isp1, each: 500M}\n"
				      "  - {from: web, to: all, each: 1M}\n");
	assert_int_equal(traffic_read(&traffic, fabric, "traffic.yaml"), 0);
	assert_int_equal(sent(fabric, &traffic, "leaf1-h1", "db1"), 10000 + 1000 + 1);
	assert_int_equal(sent(fabric, &traffic, "leaf1-h2", "db2"), 1000 + 1);
	assert_int_equal(sent(fabric, &traffic, "db2", "isp1"), 500);
	assert_int_equal(sent(fabric, &traffic, "leaf1-h1", "leaf1-h2"), 1);
	assert_int_equal(sent(fabric, &traffic, "leaf1-h1", "leaf1-h1"), 0);
	assert_int_equal(traffic.count, 4 + 2 + 2);
	traffic_free(&traffic);
	tear_down(&setting);
}

static void each_mistake_is_told_in_its_place(void **state) {
	static const char expected[] =
		"heddle: error: traffic.yaml:2: 'leaf9': expected 'leaf1'? Or a host, an external "
		"router, a leaf with hosts, a tenant with hosts, or all\n"
		"heddle: error: traffic.yaml:2: '3': expected a rate such as 400M or 2.5G\n"
		"heddle: error: traffic.yaml:3: a mapping: expected all of from, to, and rate or "
		"each\n"
		"heddle: error: traffic.yaml:4: 'frm': expected one of from, to, rate, each\n"
		"heddle: error: traffic.yaml:5: 'each': expected either rate or each\n"
		"heddle: error: traffic.yaml:6: 'spine1': expected a host, an external router, "
		"a leaf with hosts, a tenant with hosts, or all\n";
	struct setting setting;
	struct traffic traffic;
	struct capture capture;
	char *told;

	set_up(&setting);
	fixture_write("traffic.yaml", "traffic:\n"
				      " - {from: leaf9, to: all, rate: 3}\n"
				      " - {from: leaf1, rate: 3G}\n"
				      " - {frm: leaf1}\n"
				      " - {from: all, to: all, rate: 1G, each: 1G}\n"
				      " - {from: spine1, to: all, rate: 1G}\n");
	capture = capture_begin(stderr);
	assert_int_equal(traffic_read(&traffic, setting.designed.fabric, "traffic.yaml"), -EINVAL);
	told = capture_end(&capture);
	assert_string_equal(told, expected);
	free(told);
	tear_down(&setting);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_share_and_rows_add_up),
		cmocka_unit_test(each_mistake_is_told_in_its_place),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
