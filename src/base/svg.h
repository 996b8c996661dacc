/*
 * svg: pictures as Scalable Vector Graphics (W3C, SVG 1.1): one document from svg_begin to svg_end,
 * no scripts. Lengths in user units, y downwards. What goes wrong in writing is the stream's to
 * tell (ferror). Texts are UTF-8; what XML reserves or forbids in them is escaped or replaced.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* `style` is CSS, of which a class is named below. The ground is white. */
void svg_begin(FILE *to, double wide, double high, const char *title, const char *style);
void svg_end(FILE *to);

void svg_escape(FILE *to, const char *text);

/* What the pointer shows that rests on the element that is open. */
void svg_tip(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A text at its class' anchor; and one that is turned, in degrees, clockwise. */
void svg_text(FILE *to, const char *class, double x, double y, const char *text);
void svg_text_turned(
	FILE *to, const char *class, double x, double y, double degrees, const char *text);

void svg_line(FILE *to, const char *class, double x1, double y1, double x2, double y2);

/* A line through points; one that is no number leaves a gap. `is_drawing` is false at first. */
void svg_path_begin(FILE *to, const char *class);
void svg_path_point(FILE *to, double x, double y, bool *is_drawing);
void svg_path_end(FILE *to);

/* About how wide a text is: letters of a face without serifs are 0.56 of its size, on average. */
double svg_text_wide(const char *text, double size);
