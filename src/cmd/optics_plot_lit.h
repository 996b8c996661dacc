/* optics_plot_lit: a picture of what a plan has lit: a row for each line. */
#pragma once

#include "optics/plan.h"

#include <stdio.h>

/* What goes wrong in writing is the stream's to tell. */
void plot_lit_draw(const struct plan *plan, FILE *to);
