/* publish: see publish.h. */
#include "agent/publish.h"

#include "agent/agent.h"
#include "agent/show.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/told.h"
#include "http/http.h"
#include "http/metrics.h"
#include "mirror/link.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HOST_BYTES = 65, BITS = 8 };

/* Rates are of what was counted between two looks, so far apart at least. */
static const double rates_s = 0.9;

/* What was counted longer ago says nothing of now. */
static const double stale_s = 6;

/* Of a port: by fate, and all. */
struct counts {
	struct ledger_count received, fates[FATES];
};

struct look {
	double at, cpu_s;
	struct counts ports[PORTS_MAX];
	uint64_t reasons[REASON_COUNT];
};

struct publish {
	struct agent *agent;
	struct http *http;
	struct http_api api;
	struct look before, last;
	char host[HOST_BYTES];
	char *told; /* the last state that all who listen know */
};

/* ---- counting ---- */

/* clock_gettime, which the system-call filter knows. */
static double cpu_seconds(void) {
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void add_port(struct look *look, unsigned int slot, const struct ledger_entry *entry) {
	struct counts *counts = &look->ports[slot];

	counts->received = entry->received;
	for (int reason = 0; reason < REASON_COUNT; reason++) {
		struct ledger_count *fate = &counts->fates[reason_fate(reason)];

		fate->packets += entry->reasons[reason].packets;
		fate->bytes += entry->reasons[reason].bytes;
		look->reasons[reason] += entry->reasons[reason].packets;
	}
}

static void count(const struct agent *agent, struct look *look) {
	struct ledger_entry entry;

	memset(look, 0, sizeof(*look));
	look->at = clock_now();
	look->cpu_s = cpu_seconds();
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports_at(agent->ports, slot)) {
			datapath_read_ledger(agent->datapath, slot, &entry);
			add_port(look, slot, &entry);
		}
}

static void look_if_due(struct publish *publish) {
	double age = clock_now() - publish->last.at;

	if (publish->last.at != 0 && age < rates_s)
		return;
	publish->before = publish->last;
	if (age > stale_s)
		publish->before.at = 0;
	count(publish->agent, &publish->last);
}

/* Each second; null for the first look. */
static json_t *rate(const struct publish *publish, uint64_t before, uint64_t last) {
	double seconds = publish->last.at - publish->before.at;

	if (publish->before.at == 0)
		return json_null();
	return json_real(rint((double)(last < before ? last : last - before) / seconds));
}

/* ---- documents ---- */

static json_t *design_json(const struct publish *publish) {
	return json_pack("{s:s, s:s, s:s, s:[], s:[{s:s, s:s, s:s}], s:[], s:[], s:[], s:n, s:[], "
			 "s:b}",
		"kind", "router", "name", publish->host, "version", HEDDLE_VERSION, "sites",
		"nodes", "name", publish->host, "role", "router", "site", "", "links", "places",
		"lines", "band", "modes", "actions", 0);
}

static json_t *packets_of(const struct publish *publish, unsigned int slot, enum reason_fate fate) {
	return rate(publish, publish->before.ports[slot].fates[fate].packets,
		publish->last.ports[slot].fates[fate].packets);
}

static json_t *port_json(const struct publish *publish, unsigned int slot) {
	const struct port_state *state = ports_at(publish->agent->ports, slot);
	const struct mirror_link *link = mirror_link(publish->agent->mirror, state->ifindex);
	const struct ledger_count *before = &publish->before.ports[slot].received;
	const struct ledger_count *last = &publish->last.ports[slot].received;

	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
		show_text(state->name), "state",
		link && (link->flags & IFF_UP) && link->carrier ? "up" : "down", "mode",
		!state->attached                 ? "kernel"
		: state->aside                   ? "aside"
		: state->mode == DATAPATH_NATIVE ? "native"
						 : "generic",
		"received_pps", rate(publish, before->packets, last->packets), "received_bps",
		rate(publish, before->bytes * BITS, last->bytes * BITS), "forwarded_pps",
		packets_of(publish, slot, FATE_SENT), "kernel_pps",
		packets_of(publish, slot, FATE_KERNEL), "dropped_pps",
		packets_of(publish, slot, FATE_DROPPED), "trouble", show_text(state->trouble));
}

static uint64_t sum(const struct look *look, int fate) {
	uint64_t packets = 0;

	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		packets += fate < 0 ? look->ports[slot].received.packets
				    : look->ports[slot].fates[fate].packets;
	return packets;
}

static json_t *sum_rate(const struct publish *publish, int fate) {
	return rate(publish, sum(&publish->before, fate), sum(&publish->last, fate));
}

static json_t *cpu_json(const struct publish *publish) {
	double seconds = publish->last.at - publish->before.at;

	if (publish->before.at == 0)
		return json_null();
	return json_real(
		rint((publish->last.cpu_s - publish->before.cpu_s) / seconds * 1000) / 1000);
}

static json_t *node_json(const struct publish *publish) {
	return json_pack("{s:s, s:s, s:i, s:n, s:o, s:o, s:o, s:o, s:o}", "name", publish->host,
		"state", "up", "restarts", 0, "memory_bytes", "cpu", cpu_json(publish),
		"received_pps", sum_rate(publish, -1), "forwarded_pps",
		sum_rate(publish, FATE_SENT), "kernel_pps", sum_rate(publish, FATE_KERNEL),
		"dropped_pps", sum_rate(publish, FATE_DROPPED));
}

static json_t *ports_json(const struct publish *publish) {
	json_t *ports = json_array();

	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports_at(publish->agent->ports, slot))
			json_array_append_new(ports, port_json(publish, slot));
	return ports;
}

static json_t *drops_json(const struct publish *publish) {
	json_t *drops = json_array();

	for (int reason = 0; reason < REASON_COUNT; reason++)
		if (reason_fate(reason) == FATE_DROPPED && publish->last.reasons[reason])
			json_array_append_new(drops,
				json_pack("{s:s, s:I, s:o}", "reason", reason_name(reason),
					"packets", (json_int_t)publish->last.reasons[reason], "pps",
					rate(publish, publish->before.reasons[reason],
						publish->last.reasons[reason])));
	return drops;
}

static json_t *state_json(const struct publish *publish) {
	return json_pack("{s:f, s:s, s:[o], s:[], s:o, s:[], s:[], s:[], s:o}", "at", clock_real(),
		"state", "up", "nodes", node_json(publish), "links", "drops", drops_json(publish),
		"services", "damages", "applications", "ports", ports_json(publish));
}

static char *document(void *owner, const char *name) {
	struct publish *publish = owner;

	look_if_due(publish);
	if (strcmp(name, "design") == 0)
		return told_text(design_json(publish));
	if (strcmp(name, "state") == 0)
		return told_text(state_json(publish));
	return strcmp(name, "timeline") == 0 ? strdup("{\"timeline\":[]}") : NULL;
}

/* ---- metrics ---- */

static void write_port(struct metrics *metrics, const char *port, const struct counts *counts) {
	static const char *const fates[] = {
		[FATE_SENT] = "forwarded", [FATE_KERNEL] = "kernel", [FATE_DROPPED] = "dropped"};

	for (int fate = 0; fate < FATES; fate++)
		metrics_sample(metrics, (double)counts->fates[fate].packets, "port", port, "fate",
			fates[fate], NULL);
}

static void write_ports(struct metrics *metrics, const struct publish *publish) {
	const struct ports *ports = publish->agent->ports;
	const struct port_state *state;

	metrics_begin(metrics, "heddle_port_packets_total", "counter",
		"Packets that arrived at a port, by what became of them.");
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if ((state = ports_at(ports, slot)))
			write_port(metrics, state->name, &publish->last.ports[slot]);
	metrics_begin(
		metrics, "heddle_port_received_bytes_total", "counter", "What arrived at a port.");
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if ((state = ports_at(ports, slot)))
			metrics_sample(metrics, (double)publish->last.ports[slot].received.bytes,
				"port", state->name, NULL);
	metrics_begin(metrics, "heddle_port_attached", "gauge",
		"Whether Heddle forwards what arrives at a port; else its kernel does.");
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if ((state = ports_at(ports, slot)))
			metrics_sample(metrics, state->attached, "port", state->name, NULL);
}

static void write_reasons(struct metrics *metrics, const struct publish *publish,
	enum reason_fate fate, const char *name, const char *help) {
	metrics_begin(metrics, name, "counter", help);
	for (int reason = 0; reason < REASON_COUNT; reason++)
		if (reason_fate(reason) == fate)
			metrics_sample(metrics, (double)publish->last.reasons[reason], "reason",
				reason_name(reason), NULL);
}

static void write_tables(struct metrics *metrics, const struct agent *agent) {
	struct mirror_statistics mirror = mirror_statistics(agent->mirror);

	metrics_begin(metrics, "heddle_routes", "gauge", "Routes that are known of the kernel.");
	metrics_sample(metrics, (double)mirror.routes4, "family", "ipv4", NULL);
	metrics_sample(metrics, (double)mirror.routes6, "family", "ipv6", NULL);
	metrics_begin(metrics, "heddle_refused_routes", "gauge",
		"Routes that there was no room for: the kernel forwards by them.");
	metrics_sample(metrics, (double)mirror.refused_routes, NULL);
	metrics_begin(metrics, "heddle_map_bytes", "gauge", "Memory of the data path's tables.");
	metrics_sample(metrics, (double)datapath_memory(agent->datapath), NULL);
	metrics_begin(metrics, "heddle_netlink_overruns_total", "counter",
		"How often the kernel told more than could be taken, so that all was read again.");
	metrics_sample(metrics, (double)mirror.overruns, NULL);
}

static char *metrics_text(void *owner) {
	struct publish *publish = owner;
	struct metrics metrics;

	if (metrics_open(&metrics) < 0)
		return NULL;
	look_if_due(publish);
	metrics_begin(&metrics, "heddle_router_info", "gauge", "What runs here.");
	metrics_sample(&metrics, 1, "version", HEDDLE_VERSION, NULL);
	metrics_begin(&metrics, "heddle_cpu_seconds_total", "counter",
		"Processor time of the daemon; what its programs take in the kernel is not in it.");
	metrics_sample(&metrics, publish->last.cpu_s, NULL);
	write_ports(&metrics, publish);
	write_reasons(&metrics, publish, FATE_DROPPED, "heddle_drops_total",
		"Packets that were dropped, by reason.");
	write_reasons(&metrics, publish, FATE_KERNEL, "heddle_kernel_total",
		"Packets that were left to the kernel, by reason.");
	write_tables(&metrics, publish->agent);
	return metrics_finish(&metrics);
}

/* ---- events ---- */

static void greet(void *owner, struct http_listener *listener, uint64_t after) {
	static const char *const names[] = {"design", "state"};

	for (size_t i = 0; i < 2; i++) {
		char *text = document(owner, names[i]);

		if (text)
			http_tell_one(listener, names[i], text, 0);
		free(text);
	}
}

static void tell_news(struct publish *publish) {
	char *text;

	look_if_due(publish);
	text = told_text(state_json(publish));
	if (!text || !told_is_news(publish->told, text)) {
		free(text);
		return;
	}
	http_tell(publish->http, "state", text, 0);
	free(publish->told);
	publish->told = text;
}

void publish_tick(struct publish *publish) {
	if (http_is_heard(publish->http))
		tell_news(publish);
	http_process(publish->http);
}

/* ---- life ---- */

int publish_open(struct agent *agent, struct publish **out) {
	struct publish *publish = calloc(1, sizeof(*publish));
	int error;

	if (!publish)
		return -ENOMEM;
	publish->agent = agent;
	publish->api = (struct http_api){
		.owner = publish, .document = document, .metrics = metrics_text, .greet = greet};
	gethostname(publish->host, sizeof(publish->host) - 1);
	error = http_open(agent->config.http, &publish->api, &publish->http);
	if (error) {
		free(publish);
		return error;
	}
	log_info("page at %s", http_url(publish->http));
	*out = publish;
	return 0;
}

void publish_close(struct publish *publish) {
	if (!publish)
		return;
	http_close(publish->http);
	free(publish->told);
	free(publish);
}

int publish_fd(const struct publish *publish) {
	return http_fd(publish->http);
}

void publish_process(struct publish *publish) {
	http_process(publish->http);
}
