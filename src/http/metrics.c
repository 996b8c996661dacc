/* metrics: see metrics.h. */
#include "http/metrics.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

int metrics_open(struct metrics *metrics) {
	*metrics = (struct metrics){0};
	metrics->to = open_memstream(&metrics->text, &metrics->size);
	return metrics->to ? 0 : -ENOMEM;
}

void metrics_begin(struct metrics *metrics, const char *name, const char *type, const char *help) {
	metrics->name = name;
	fprintf(metrics->to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_value(FILE *to, const char *text) {
	for (; *text; text++)
		switch (*text) {
		case '\n':
			fputs("\\n", to);
			break;
		case '"':
		case '\\':
			fputc('\\', to);
			/* fallthrough */
		default:
			fputc(*text, to);
		}
}

void metrics_sample(struct metrics *metrics, double value, ...) {
	const char *name, *text;
	char before = '{';
	va_list labels;

	fputs(metrics->name, metrics->to);
	va_start(labels, value);
	while ((name = va_arg(labels, const char *)) && (text = va_arg(labels, const char *))) {
		fprintf(metrics->to, "%c%s=\"", before, name);
		write_value(metrics->to, text);
		fputc('"', metrics->to);
		before = ',';
	}
	va_end(labels);
	if (before == ',')
		fputc('}', metrics->to);
	if (isinf(value))
		fputs(value > 0 ? " +Inf\n" : " -Inf\n", metrics->to);
	else if (isnan(value))
		fputs(" NaN\n", metrics->to);
	else
		fprintf(metrics->to, " %.15g\n", value);
}

char *metrics_finish(struct metrics *metrics) {
	if (fclose(metrics->to) == 0)
		return metrics->text;
	free(metrics->text);
	return NULL;
}
