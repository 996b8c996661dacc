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
	if (loss->first_lost == 0)
		loss->first_lost = record->sent;
	loss->last_lost = record->sent;
}

static void take_arrival(const struct record *record, double *out_since, struct probe_loss *loss) {
	if (*out_since <= 0)
		return;
	loss->longest_outage_s = fmax(loss->longest_outage_s, record->sent - *out_since);
	*out_since = -1; /* hit, and over */
}

int probes_losses(const struct probes *probes, int from, int to, sa_family_t family, double since,
	double until, struct probe_loss *loss) {
	double *out_since = calloc(probes->flow_count + 1, sizeof(*out_since)), last = 0;
	uint32_t *latencies = malloc((probes->record_count + 1) * sizeof(*latencies));
	int error = out_since && latencies ? 0 : -ENOMEM;
	size_t arrived = 0;

	*loss = (struct probe_loss){0};
	for (size_t i = 0; !error && i < probes->record_count; i++) {
		const struct record *record = &probes->records[i];
		const struct probe_flow *flow = &probes->flows[record->flow];

		if ((from != FABRIC_NONE && (flow->from != from || flow->to != to)) ||
			(family != AF_UNSPEC && flow->family != family) || record->sent < since ||
			(until > 0 && record->sent > until) || flow->is_cut)
			continue;
		last = record->sent;
		if (flow->is_denied) {
			loss->leaked += record->latency_ns != 0;
			continue;
		}
		loss->sent++;
		if (!record->latency_ns) {
			take_loss(record, &out_since[record->flow], loss);
			continue;
		}
		take_arrival(record, &out_since[record->flow], loss);
		latencies[arrived++] = record->latency_ns;
	}
	for (size_t i = 0; !error && i < probes->flow_count; i++)
		if (out_since[i] > 0) /* never came back */
			loss->longest_outage_s = fmax(loss->longest_outage_s, last - out_since[i]);
	if (!error)
		take_latencies(latencies, arrived, loss);
	free(latencies);
	free(out_since);
	return error;
}
