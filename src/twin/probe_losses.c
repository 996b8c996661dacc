/* probe_losses: what became of the probes that were sent (probes_losses of probe.h). */
#include "twin/probe_private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int compare_latencies(const void *one, const void *other) {
	uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

	return (a > b) - (a < b);
}

static void take_latencies(uint32_t *latencies, size_t count, struct probe_loss *loss) {
	if (!count)
		return;
	qsort(latencies, count, sizeof(*latencies), compare_latencies);
	loss->latency_median_s = latencies[count / 2] / 1e9;
	loss->latency_p99_s = latencies[(size_t)((double)(count - 1) * 0.99)] / 1e9;
	loss->latency_max_s = latencies[count - 1] / 1e9;
}

static void take_loss(const struct record *record, double *out_since, struct probe_loss *loss) {
	loss->lost++;
	loss->flows_hit += *out_since == 0;
	if (*out_since <= 0)
		*out_since = record->sent;
	if (loss->first_lost == 0 || record->sent < loss->first_lost)
		loss->first_lost = record->sent;
	loss->last_lost = fmax(loss->last_lost, record->sent);
}

static void take_arrival(const struct record *record, double *out_since, struct probe_loss *loss) {
	if (*out_since <= 0)
		return;
	loss->longest_outage_s = fmax(loss->longest_outage_s, record->sent - *out_since);
	*out_since = -1; /* hit, and over */
}

/* Records by flow, in the order of sending: made anew when more have been sent. */
static int index_records(struct probes *probes) {
	size_t count = probes->record_count;

	if (probes->by_flow && probes->indexed == count)
		return 0;
	free(probes->by_flow);
	free(probes->first_of_flow);
	probes->by_flow = malloc((count + 1) * sizeof(*probes->by_flow));
	probes->first_of_flow = calloc(probes->flow_count + 2, sizeof(*probes->first_of_flow));
	probes->indexed = count;
	if (!probes->by_flow || !probes->first_of_flow)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		probes->first_of_flow[probes->records[i].flow + 2]++;
	for (size_t flow = 0; flow < probes->flow_count; flow++)
		probes->first_of_flow[flow + 2] += probes->first_of_flow[flow + 1];
	for (size_t i = 0; i < count; i++) /* each start moves to its end, the next flow's start */
		probes->by_flow[probes->first_of_flow[probes->records[i].flow + 1]++] = (uint32_t)i;
	return 0;
}

/* One flow's probes, in their order. */
static void count_flow(const struct probes *probes, size_t flow, double since, double until,
	struct probe_loss *loss, uint32_t *latencies, size_t *arrived) {
	double out_since = 0, last = 0;

	for (size_t i = probes->first_of_flow[flow]; i < probes->first_of_flow[flow + 1]; i++) {
		const struct record *record = &probes->records[probes->by_flow[i]];

		if (record->sent < since || (until > 0 && record->sent > until))
			continue;
		last = record->sent;
		if (probes->flows[flow].is_denied) {
			loss->leaked += record->latency_ns != 0;
			continue;
		}
		loss->sent++;
		if (!record->latency_ns) {
			take_loss(record, &out_since, loss);
			continue;
		}
		take_arrival(record, &out_since, loss);
		latencies[(*arrived)++] = record->latency_ns;
	}
	if (out_since > 0) /* never came back */
		loss->longest_outage_s = fmax(loss->longest_outage_s, last - out_since);
}

int probes_losses(struct probes *probes, size_t first, size_t end, double since, double until,
	struct probe_loss *loss) {
	int error = index_records(probes);
	size_t arrived = 0, most;
	uint32_t *latencies;

	*loss = (struct probe_loss){0};
	if (error)
		return error;
	most = probes->first_of_flow[end] - probes->first_of_flow[first];
	latencies = malloc((most + 1) * sizeof(*latencies));
	if (!latencies)
		return -ENOMEM;
	for (size_t flow = first; flow < end; flow++)
		if (!probes->flows[flow].is_cut)
			count_flow(probes, flow, since, until, loss, latencies, &arrived);
	take_latencies(latencies, arrived, loss);
	free(latencies);
	return 0;
}

double probes_longest_pause(const struct probes *probes, double since) {
	double longest = 0;

	for (size_t i = 1; i < probes->record_count; i++)
		if (probes->records[i].sent >= since)
			longest = fmax(
				longest, probes->records[i].sent - probes->records[i - 1].sent);
	return longest;
}
