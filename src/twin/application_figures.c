/* application_figures: see application_figures.h. */
#include "twin/application_figures.h"

#include "base/json_put.h"

enum { LEAST = 5 };

static double percent(size_t part, size_t whole) {
	return whole ? 100.0 * (double)part / (double)whole : NAN;
}

static double per_second(const struct summary *summary, size_t count) {
	return (double)count / summary->seconds;
}

int application_figures(const struct sample_source *source, const struct summary *summary,
	struct figure figures[FIGURES_MAX]) {
	size_t ended = summary->done + summary->late, all = ended + summary->lost;
	int count = 0;

	switch ((enum application_class)source->class) {
	case APPLICATION_AI:
		figures[count++] = (struct figure){"step time", "ms", summary->p50_ms};
		figures[count++] =
			(struct figure){"all-reduce", "ms", summary->p50_ms - source->compute_ms};
		figures[count++] = (struct figure){"steps", "/s", per_second(summary, ended)};
		break;
	case APPLICATION_XR:
		figures[count++] = (struct figure){
			"late frames", "%", percent(summary->late + summary->lost, all)};
		figures[count++] = (struct figure){"motion to photon", "ms", summary->p50_ms};
		figures[count++] = (struct figure){"frames", "/s", per_second(summary, ended)};
		break;
	case APPLICATION_IOT:
		figures[count++] = (struct figure){"connections", "/s", per_second(summary, ended)};
		figures[count++] = (struct figure){"loss", "%", percent(summary->lost, all)};
		break;
	case APPLICATION_WEB:
	case APPLICATION_CLASSES:
		figures[count++] = (struct figure){"completion, 99%", "ms", summary->p99_ms};
		figures[count++] = (struct figure){"requests", "/s", per_second(summary, ended)};
		figures[count++] = (struct figure){"failed", "%", percent(summary->lost, all)};
	}
	return count;
}

json_t *application_json(const struct sample_source *source, const struct summary *summary) {
	struct figure figures[FIGURES_MAX];
	int count = application_figures(source, summary, figures);
	json_t *list = json_array(), *latency = json_object();

	for (int i = 0; i < count; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:o, s:s}", "name", figures[i].name, "value",
				      json_finite(figures[i].value), "unit", figures[i].unit));
	json_put_number(latency, "p50", summary->p50_ms);
	json_put_number(latency, "p99", summary->p99_ms);
	json_put_number(latency, "p999", summary->p999_ms);
	return json_pack("{s:s, s:s, s:o, s:o}", "name", source->name, "class",
		application_class_name((enum application_class)source->class), "figures", list,
		"latency_ms", latency);
}

int application_summary_now(
	struct samples *samples, int source, double now, struct summary *summary) {
	return samples_summarize(samples, source, now - 1, now, LEAST, summary);
}
