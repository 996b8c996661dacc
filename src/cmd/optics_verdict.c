/* optics_verdict: see optics_verdict.h. */
#include "cmd/optics_verdict.h"

#include "base/json_put.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct verdict verdict_of(double *gsnr_db, double *margin_db, size_t samples) {
	struct verdict verdict = {0};
	size_t hits = 0;

	for (size_t i = 0; i < samples; i++)
		hits += margin_db[i] >= 0;
	verdict.gsnr_db = spread_of(gsnr_db, samples);
	verdict.margin_db = spread_of(margin_db, samples);
	verdict.closes = chance_of(hits, samples);
	return verdict;
}

const char *verdict_control(enum amplifier_control control) {
	return control == AMPLIFIER_HOLDS_POWER ? "hold-power" : "hold-gain";
}

/* ---- JSON ---- */

static const struct {
	const char *key;
	size_t offset;
} members[] = {
	{"gsnr_planned_db", offsetof(struct verdict, planned_gsnr_db)},
	{"gsnr_mean_db", offsetof(struct verdict, gsnr_db.mean)},
	{"gsnr_std_db", offsetof(struct verdict, gsnr_db.std)},
	{"gsnr_1_percent_db", offsetof(struct verdict, gsnr_db.low)},
	{"gsnr_50_percent_db", offsetof(struct verdict, gsnr_db.median)},
	{"gsnr_99_percent_db", offsetof(struct verdict, gsnr_db.high)},
	{"margin_planned_db", offsetof(struct verdict, planned_margin_db)},
	{"margin_mean_db", offsetof(struct verdict, margin_db.mean)},
	{"margin_std_db", offsetof(struct verdict, margin_db.std)},
	{"margin_1_percent_db", offsetof(struct verdict, margin_db.low)},
	{"margin_50_percent_db", offsetof(struct verdict, margin_db.median)},
	{"margin_99_percent_db", offsetof(struct verdict, margin_db.high)},
	{"closes", offsetof(struct verdict, closes.value)},
	{"closes_low", offsetof(struct verdict, closes.low)},
	{"closes_high", offsetof(struct verdict, closes.high)},
};

size_t verdict_members(void) {
	return sizeof(members) / sizeof(members[0]);
}

const char *verdict_key(size_t member) {
	return members[member].key;
}

json_t *verdict_value(const struct verdict *verdict, size_t member) {
	double value;

	memcpy(&value, (const char *)verdict + members[member].offset, sizeof(value));
	return json_finite(value);
}

void verdict_put(json_t *object, const struct verdict *verdict) {
	for (size_t k = 0; k < verdict_members(); k++)
		json_object_set_new(object, verdict_key(k), verdict_value(verdict, k));
}

/* ---- text ---- */

enum { CELL_BYTES = 32 };

const struct column verdict_titles[VERDICT_COLUMNS] = {{"GSNR", COLUMN_RIGHT},
	{"mean", COLUMN_RIGHT}, {"std", COLUMN_RIGHT}, {"1 %", COLUMN_RIGHT},
	{"50 %", COLUMN_RIGHT}, {"99 %", COLUMN_RIGHT}, {"margin", COLUMN_RIGHT},
	{"1 %", COLUMN_RIGHT}, {"closes", COLUMN_RIGHT}, {"95 % sure", COLUMN_RIGHT}};

void verdict_row(struct columns *table, const char *const *own, size_t count,
	const struct verdict *verdict) {
	const double decibels[] = {verdict->planned_gsnr_db, verdict->gsnr_db.mean,
		verdict->gsnr_db.std, verdict->gsnr_db.low, verdict->gsnr_db.median,
		verdict->gsnr_db.high, verdict->planned_margin_db, verdict->margin_db.low};
	const size_t plain = sizeof(decibels) / sizeof(decibels[0]);
	char text[VERDICT_COLUMNS][CELL_BYTES];
	const char *cells[COLUMNS_MAX];

	for (size_t i = 0; i < plain; i++)
		snprintf(text[i], CELL_BYTES, isfinite(decibels[i]) ? "%.2f" : "-", decibels[i]);
	snprintf(text[plain], CELL_BYTES, "%.2f %%", 100 * verdict->closes.value);
	snprintf(text[plain + 1], CELL_BYTES, "%.2f to %.2f", 100 * verdict->closes.low,
		100 * verdict->closes.high);
	assert(count + VERDICT_COLUMNS <= COLUMNS_MAX);
	memcpy(cells, own, count * sizeof(*own));
	for (size_t i = 0; i < VERDICT_COLUMNS; i++)
		cells[count + i] = text[i];
	columns_add(table, cells);
}
