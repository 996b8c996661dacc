/* twin_traffic: see twin_traffic.h. */
#include "cmd/twin_traffic.h"

#include "base/columns.h"
#include "twin/wires.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Of what was sent, a demand that lost more is told of: packets under way count as lost. */
static const double LOSS_TOLD = 0.001;

int twin_traffic_open(
	struct twin_traffic *playing, const struct live *live, const char *path, double scale) {
	size_t links = live_fabric(live)->link_count + 1;
	int error = traffic_read(&playing->traffic, live_fabric(live), path);

	if (error)
		return error;
	playing->live = live;
	playing->load = NULL;
	playing->before = calloc(links, sizeof(*playing->before));
	playing->after = calloc(links, sizeof(*playing->after));
	error = playing->before && playing->after
			? load_open(live_nodes(live), &playing->traffic, scale, &playing->load)
			: -ENOMEM;
	if (error)
		twin_traffic_close(playing);
	return error;
}

void twin_traffic_close(struct twin_traffic *playing) {
	load_close(playing->load);
	free(playing->before);
	free(playing->after);
	traffic_free(&playing->traffic);
}

static void count_wires(const struct twin_traffic *playing, struct wire_counts *counts) {
	const struct nodes *nodes = live_nodes(playing->live);

	for (int link = 0; link < (int)nodes->fabric->link_count; link++)
		if (nodes->wires[link] >= 0)
			wire_read_counts(nodes, link, &counts[link]);
}

void twin_traffic_start(struct twin_traffic *playing) {
	count_wires(playing, playing->before);
	load_start(playing->load);
}

void twin_traffic_stop(struct twin_traffic *playing) {
	load_stop(playing->load);
	count_wires(playing, playing->after);
}

static uint64_t overflowed(const struct twin_traffic *playing, size_t link) {
	return playing->after[link].overflowed - playing->before[link].overflowed;
}

static double loss_of(const struct load_result *result) {
	return result->sent ? 1 - (double)result->arrived / (double)result->sent : 0;
}

static void print_demand(
	struct columns *columns, const struct fabric *fabric, const struct load_result *result) {
	char asked[32], sent[32], arrived[32], loss[32];
	const char *const cells[] = {fabric->nodes[result->demand->from].name,
		fabric->nodes[result->demand->to].name, asked, sent, arrived, loss};

	snprintf(asked, sizeof(asked), "%.2fM", result->asked_mbps);
	snprintf(sent, sizeof(sent), "%.2fM", result->sent_mbps);
	snprintf(arrived, sizeof(arrived), "%.2fM", result->arrived_mbps);
	snprintf(loss, sizeof(loss), "%.2f%%", loss_of(result) * 100);
	columns_add(columns, cells);
}

static struct load_result sum(const struct twin_traffic *playing) {
	struct load_result all = {0}, result;

	for (size_t n = 0; n < load_count(playing->load); n++) {
		load_result(playing->load, n, &result);
		all.asked_mbps += result.asked_mbps;
		all.sent_mbps += result.sent_mbps;
		all.arrived_mbps += result.arrived_mbps;
		all.sent += result.sent;
		all.arrived += result.arrived;
	}
	return all;
}

void twin_traffic_print(const struct twin_traffic *playing) {
	static const struct column titles[] = {{"FROM", COLUMN_LEFT}, {"TO", COLUMN_LEFT},
		{"ASKED", COLUMN_RIGHT}, {"SENT", COLUMN_RIGHT}, {"ARRIVED", COLUMN_RIGHT},
		{"LOST", COLUMN_RIGHT}};
	const struct fabric *fabric = live_fabric(playing->live);
	struct columns *columns = NULL;
	struct load_result result, all = sum(playing);
	char text[LINK_TEXT_MAX];

	for (size_t n = 0; n < load_count(playing->load); n++) {
		load_result(playing->load, n, &result);
		if (loss_of(&result) < LOSS_TOLD)
			continue;
		if (!columns)
			columns = columns_create(titles, sizeof(titles) / sizeof(titles[0]));
		if (columns)
			print_demand(columns, fabric, &result);
	}
	if (columns)
		columns_finish(columns);
	for (size_t link = 0; link < fabric->link_count; link++)
		if (overflowed(playing, link))
			printf("congested: %s, whose queue overflowed by %lu frames\n",
				fabric_link_text(fabric, (int)link, text),
				overflowed(playing, link));
	printf("traffic: %zu demands, %.1fM asked, %.1fM sent, %.1fM arrived, %.2f%% lost\n",
		load_count(playing->load), all.asked_mbps, all.sent_mbps, all.arrived_mbps,
		loss_of(&all) * 100);
}

json_t *twin_traffic_json(const struct twin_traffic *playing) {
	const struct fabric *fabric = live_fabric(playing->live);
	json_t *demands = json_array(), *links = json_array();
	struct load_result result;
	char text[LINK_TEXT_MAX];

	for (size_t n = 0; n < load_count(playing->load); n++) {
		load_result(playing->load, n, &result);
		json_array_append_new(demands,
			json_pack("{s:s, s:s, s:f, s:f, s:f, s:I, s:I}", "from",
				fabric->nodes[result.demand->from].name, "to",
				fabric->nodes[result.demand->to].name, "asked_mbps",
				result.asked_mbps, "sent_mbps", result.sent_mbps, "arrived_mbps",
				result.arrived_mbps, "sent", (json_int_t)result.sent, "arrived",
				(json_int_t)result.arrived));
	}
	for (size_t link = 0; link < fabric->link_count; link++)
		if (overflowed(playing, link))
			json_array_append_new(links,
				json_pack("{s:s, s:I}", "link",
					fabric_link_text(fabric, (int)link, text), "overflowed",
					(json_int_t)overflowed(playing, link)));
	return json_pack("{s:o, s:o}", "demands", demands, "congested", links);
}
