/* view_metrics: a twin as Prometheus' text: gauges of what is, counters of what was counted since
 * each Heddle or port began. */
#include "view/private.h"

#include "http/metrics.h"

#include <math.h>
#include <string.h>

static double is(const char *one, const char *other) {
	return strcmp(one, other) == 0;
}

/* ---- nodes ---- */

static void write_nodes(struct metrics *metrics, const struct view *view) {
	const struct fabric *fabric = view->fabric;

	metrics_begin(metrics, "heddle_node_up", "gauge", "Whether all processes of a node run.");
	for (int id = 0; id < (int)fabric->node_count; id++)
		metrics_sample(metrics, is(view_node_state(view, id), "up"), "node",
			fabric->nodes[id].name, "role", fabric_role_name(fabric->nodes[id].role),
			NULL);
	metrics_begin(metrics, "heddle_node_memory_bytes", "gauge",
		"Memory that is private to the processes of a node.");
	for (int id = 0; id < (int)fabric->node_count; id++)
		metrics_sample(metrics, (double)view->status.nodes[id].memory_bytes, "node",
			fabric->nodes[id].name, NULL);
	metrics_begin(metrics, "heddle_node_cpu_seconds_total", "counter",
		"Processor time that the processes of a node have used.");
	for (int id = 0; id < (int)fabric->node_count; id++)
		metrics_sample(metrics, view->status.nodes[id].cpu_seconds, "node",
			fabric->nodes[id].name, NULL);
	metrics_begin(metrics, "heddle_node_process_restarts_total", "counter",
		"How often processes of a node were started again.");
	for (int id = 0; id < (int)fabric->node_count; id++)
		metrics_sample(metrics, view->status.nodes[id].restarts, "node",
			fabric->nodes[id].name, NULL);
}

static void write_fate(struct metrics *metrics, const struct view *view, const char *fate,
	uint64_t (*of)(const struct node_counters *node)) {
	const struct fabric *fabric = view->fabric;

	for (int id = 0; id < (int)fabric->node_count; id++)
		if (view->now.nodes[id].has_heddle)
			metrics_sample(metrics, (double)of(&view->now.nodes[id]), "node",
				fabric->nodes[id].name, "fate", fate, NULL);
}

static uint64_t forwarded(const struct node_counters *node) {
	return node->forwarded;
}

static uint64_t kernel(const struct node_counters *node) {
	return node->kernel;
}

static uint64_t dropped(const struct node_counters *node) {
	return node->dropped;
}

static void write_packets(struct metrics *metrics, const struct view *view) {
	metrics_begin(metrics, "heddle_node_packets_total", "counter",
		"Packets that a switch's Heddle received, by what became of them.");
	write_fate(metrics, view, "forwarded", forwarded);
	write_fate(metrics, view, "kernel", kernel);
	write_fate(metrics, view, "dropped", dropped);
	metrics_begin(metrics, "heddle_drops_total", "counter",
		"Packets that all Heddles dropped, by reason.");
	for (size_t i = 0; i < view->now.reason_count; i++)
		metrics_sample(metrics, (double)view->now.reasons[i].packets, "reason",
			view->now.reasons[i].name, NULL);
}

/* ---- links ---- */

static void write_links(struct metrics *metrics, const struct view *view) {
	const struct fabric *fabric = view->fabric;
	char name[VIEW_LINK_BYTES];

	metrics_begin(metrics, "heddle_link_up", "gauge", "Whether a link carries traffic.");
	for (int id = 0; id < (int)fabric->link_count; id++) {
		view_write_link(view, id, name);
		metrics_sample(metrics, is(view_link_state(view, id), "up"), "link", name, NULL);
	}
	metrics_begin(metrics, "heddle_link_bytes_total", "counter",
		"What arrived over a link at its ends: a is the upper one.");
	for (int id = 0; id < (int)fabric->link_count; id++)
		for (int end = 0; end < 2; end++) {
			const struct port_counters *port =
				&view->now.ports[fabric->links[id].ports[end]];

			view_write_link(view, id, name);
			metrics_sample(metrics, (double)port->received_bytes, "link", name, "at",
				end ? "b" : "a", NULL);
		}
	metrics_begin(metrics, "heddle_link_lost_frames_total", "counter",
		"Frames that a link's emulator lost or had no room for.");
	for (int id = 0; id < (int)fabric->link_count; id++) {
		const struct wire_counts *counts = &view->now.wires[id];

		if (view->modelled || live_nodes(view->live)->wires[id] < 0)
			continue;
		view_write_link(view, id, name);
		metrics_sample(
			metrics, (double)(counts->lost + counts->overflowed), "link", name, NULL);
	}
}

/* ---- light ---- */

static void write_of_lights(struct metrics *metrics, const struct light *lights, size_t count,
	double (*of)(const struct light *light)) {
	for (size_t i = 0; i < count; i++)
		if (isfinite(of(&lights[i])))
			metrics_sample(metrics, of(&lights[i]), "service",
				lights[i].carried->service->id, NULL);
}

static double lit(const struct light *light) {
	return light->frame_loss < 1;
}

static double margin(const struct light *light) {
	return light->margin_db;
}

static double gsnr(const struct light *light) {
	return light->gsnr_db;
}

static double rate(const struct light *light) {
	return light->bit_rate / 8;
}

static double latency(const struct light *light) {
	return light->is_lit ? light->latency_s : NAN;
}

static void write_lights(struct metrics *metrics, const struct view *view) {
	const struct light *lights;
	size_t count = 0;

	lights = view->light ? light_services(view->light, &count) : NULL;
	if (!lights)
		return;
	metrics_begin(metrics, "heddle_light_up", "gauge",
		"Whether the wavelengths of a service carry frames.");
	write_of_lights(metrics, lights, count, lit);
	metrics_begin(metrics, "heddle_light_margin_decibels", "gauge",
		"GSNR of a service's worst channel above what its mode needs.");
	write_of_lights(metrics, lights, count, margin);
	metrics_begin(metrics, "heddle_light_gsnr_decibels", "gauge",
		"GSNR of a service's worst channel, in 0.1 nm.");
	write_of_lights(metrics, lights, count, gsnr);
	metrics_begin(metrics, "heddle_light_rate_bytes_per_second", "gauge",
		"What a service's wavelengths carry, in the world; the twin is slower by its "
		"scale.");
	write_of_lights(metrics, lights, count, rate);
	metrics_begin(metrics, "heddle_light_latency_seconds", "gauge",
		"How long light takes along a service's route.");
	write_of_lights(metrics, lights, count, latency);
}

/* ---- applications ---- */

static const char *text_of(const json_t *object, const char *key) {
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void write_latency(struct metrics *metrics, const json_t *application, const char *key,
	const char *percentile) {
	const json_t *value = json_object_get(json_object_get(application, "latency_ms"), key);

	if (json_is_number(value))
		metrics_sample(metrics, json_number_value(value) / 1e3, "application",
			text_of(application, "name"), "class", text_of(application, "class"),
			"percentile", percentile, NULL);
}

static void write_applications(struct metrics *metrics, const struct view *view) {
	const json_t *application, *figure;
	size_t i, k;

	metrics_begin(metrics, "heddle_application_figure", "gauge",
		"What an application is judged by, in the unit that it names.");
	json_array_foreach(view->applications, i, application) {
		json_array_foreach(json_object_get(application, "figures"), k, figure) {
			if (json_is_number(json_object_get(figure, "value")))
				metrics_sample(metrics,
					json_number_value(json_object_get(figure, "value")),
					"application", text_of(application, "name"), "class",
					text_of(application, "class"), "figure",
					text_of(figure, "name"), "unit", text_of(figure, "unit"),
					NULL);
		}
	}
	metrics_begin(metrics, "heddle_application_latency_seconds", "gauge",
		"Latency of an application as its users see it.");
	json_array_foreach(view->applications, i, application) {
		write_latency(metrics, application, "p50", "50");
		write_latency(metrics, application, "p99", "99");
		write_latency(metrics, application, "p999", "99.9");
	}
}

char *view_metrics(const struct view *view) {
	struct metrics metrics;

	if (metrics_open(&metrics) < 0)
		return NULL;
	metrics_begin(&metrics, "heddle_twin_up", "gauge",
		"Whether the twin is up: neither changing, nor torn, nor without its supervisor.");
	metrics_sample(&metrics, view->status.state == STATUS_UP, "twin", view->name, "version",
		HEDDLE_VERSION, NULL);
	write_nodes(&metrics, view);
	write_packets(&metrics, view);
	write_links(&metrics, view);
	write_lights(&metrics, view);
	write_applications(&metrics, view);
	return metrics_finish(&metrics);
}
