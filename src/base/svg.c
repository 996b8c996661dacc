/* svg: see svg.h. */
#include "base/svg.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

enum { TIP_BYTES = 1024 };

static const double letter_wide = 0.56;

/* XML 1.0 has no control characters but tab and line ends, and neither U+FFFE nor U+FFFF. */
static size_t forbidden(const char *text) {
	unsigned char c = (unsigned char)*text;

	if (c < 0x20 && c != '\t' && c != '\n')
		return 1;
	return strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0 ? 3
											      : 0;
}

void svg_escape(FILE *to, const char *text) {
	for (; *text; text++) {
		size_t skipped = forbidden(text);

		if (skipped) {
			fputc('?', to);
			text += skipped - 1;
		} else if (*text == '&') {
			fputs("&amp;", to);
		} else if (*text == '<') {
			fputs("&lt;", to);
		} else if (*text == '>') {
			fputs("&gt;", to);
		} else if (*text == '"') {
			fputs("&quot;", to);
		} else {
			fputc(*text, to);
		}
	}
}

void svg_begin(FILE *to, double wide, double high, const char *title, const char *style) {
	fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.6g %.6g\">\n<title>",
		wide, high);
	svg_escape(to, title);
	fprintf(to,
		"</title>\n<style>\n%s</style>\n"
		"<rect x=\"0\" y=\"0\" width=\"%.6g\" height=\"%.6g\" fill=\"#fff\" "
		"style=\"stroke: none\"/>\n",
		style, wide, high);
}

void svg_end(FILE *to) {
	fputs("</svg>\n", to);
}

void svg_tip(FILE *to, const char *format, ...) {
	char text[TIP_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fputs("<title>", to);
	svg_escape(to, text);
	fputs("</title>", to);
}

void svg_text(FILE *to, const char *class, double x, double y, const char *text) {
	fprintf(to, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	svg_escape(to, text);
	fputs("</text>\n", to);
}

void svg_text_turned(
	FILE *to, const char *class, double x, double y, double degrees, const char *text) {
	fprintf(to, "<text class=\"%s\" transform=\"translate(%.1f %.1f) rotate(%.10g)\">", class,
		x, y, degrees);
	svg_escape(to, text);
	fputs("</text>\n", to);
}

void svg_line(FILE *to, const char *class, double x1, double y1, double x2, double y2) {
	fprintf(to, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class, x1, y1, x2, y2);
}

void svg_path_begin(FILE *to, const char *class) {
	fprintf(to, "<path class=\"%s\" d=\"", class);
}

void svg_path_point(FILE *to, double x, double y, bool *is_drawing) {
	bool is_point = isfinite(x) && isfinite(y);

	if (is_point)
		fprintf(to, "%c%.1f %.1f", *is_drawing ? 'L' : 'M', x, y);
	*is_drawing = is_point;
}

void svg_path_end(FILE *to) {
	fputs("\"/>\n", to);
}

double svg_text_wide(const char *text, double size) {
	size_t letters = 0;

	for (; *text; text++)
		letters += ((unsigned char)*text & 0xc0) != 0x80;
	return (double)letters * letter_wide * size;
}
