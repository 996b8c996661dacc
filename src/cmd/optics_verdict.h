/* optics_verdict: what trials came to for one channel, service or whole: how GSNR and margin
 * spread, and how likely it closes; as JSON and as cells of a table. */
#pragma once

#include "base/columns.h"
#include "optics/amplifier.h"
#include "optics/statistics.h"

#include <jansson.h>
#include <stddef.h>

struct verdict {
	double planned_gsnr_db, planned_margin_db;
	struct spread gsnr_db, margin_db;
	struct chance closes;
};

/* Of samples, at least one, which it sorts; as planned is left to the caller. */
struct verdict verdict_of(double *gsnr_db, double *margin_db, size_t samples);

/* The members of a verdict: how many, and of each the key and the value (null if not finite). */
size_t verdict_members(void);
const char *verdict_key(size_t member);
json_t *verdict_value(const struct verdict *verdict, size_t member);

/* All of them into an object. */
void verdict_put(json_t *object, const struct verdict *verdict);

/* The last columns of a table: GSNR as planned, mean, std, 1 %, 50 %, 99 %; margin as planned, 1 %;
 * closes, 95 % sure. A row begins with `count` cells of the caller's. */
enum { VERDICT_COLUMNS = 10 };
extern const struct column verdict_titles[VERDICT_COLUMNS];
void verdict_row(
	struct columns *table, const char *const *own, size_t count, const struct verdict *verdict);

/* "hold-power" or "hold-gain". */
const char *verdict_control(enum amplifier_control control);
