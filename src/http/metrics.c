/* metrics: see metrics.h. */
#include "http/metrics.h"

#include "base/utf8.h"

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

/* A label that is no UTF-8, as an interface may be called, would spoil all that is told. */
static size_t write_character(FILE *to, const char *text) {
	size_t length = utf8_length(text);

	if (length == 0) {
		fputc('?', to);
		return 1;
	}
	if (*text == '\n') {
		fputs("\\n", to);
		return length;
	}
	if (*text == '"' || *text == '\\')
		fputc('\\', to);
	fwrite(text, 1, length, to);
	return length;
}

static void write_value(FILE *to, const char *text) {
	while (*text)
		text += write_character(to, text);
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
