/*
 * samples: what came of each thing that applications did, one after the other, in a file that is a
 * ring: how long a step, a frame, a message or a request took, whether it was late or lost, and
 * when that was known. One process writes; any may read meanwhile, and sees the last half million.
 *
 * A sample that is overwritten while it is read is never looked at: the oldest are left out.
 */
#pragma once

#include "fabric/intent.h"

#include <stddef.h>
#include <stdint.h>

enum outcome {
	OUTCOME_DONE,
	OUTCOME_LATE,  /* done, but of no use any more */
	OUTCOME_LOST,  /* never done; of a step: begun again */
	OUTCOME_BEGUN, /* of what can wait for long: none yet */
};

/* Whose samples they are. */
struct sample_source {
	fabric_name name;
	uint32_t kind;       /* enum application_kind */
	uint32_t compute_ms; /* of a step, that is no transfer */
	uint32_t is_present; /* of the intent as it is now */
};

enum { SAMPLE_SOURCES_MAX = 256 };

struct samples;

/* To write: the file is made if there is none of this kind, and goes on otherwise. 0, or a negative
 * errno: -EBUSY if another writes it. */
int samples_create(const char *path, struct samples **samples);

/* To read. 0, or a negative errno: -ENOENT if there is none. */
int samples_open(const char *path, struct samples **samples);
void samples_close(struct samples *samples);

/* Whether somebody writes it. */
bool samples_are_written(const struct samples *samples);

/* The number of a source of this name, new or again; no source is present before. -ENOSPC. */
int samples_add_source(struct samples *samples, const struct sample_source *source);

/* NULL after the last. It may change meanwhile, but for its name. */
const struct sample_source *samples_source(const struct samples *samples, int number);

/* Of now. */
void samples_add(struct samples *samples, int source, enum outcome outcome, double ms);

/* Fewer have no such percentile: it would be the slowest of them. */
enum { SUMMARY_P99 = 100, SUMMARY_P999 = 1000 };

/* All of one source in a span of time (CLOCK_REALTIME). */
struct summary {
	size_t done, late, lost, begun;
	/* What is lost is slower than all others, but for a step, whose time goes on. NAN: there
	 * are none, or too few, or it is lost. */
	double p50_ms, p99_ms, p999_ms;
	double worst_ms, worst_at; /* of those that are not lost; NAN, 0: there are none */
	double last_lost_at;       /* 0: none */
	double seconds;            /* that they are of */
};

/* Later than `from`, up to `to`; and if these are fewer than `least`, as many of those before as
 * make that up, however old. Unless `least` is 0, percentiles that need more samples than these
 * take them from the ten seconds before `from`. What the ring has no more is not in `seconds`. 0 or
 * -ENOMEM. */
int samples_summarize(struct samples *samples, int source, double from, double to, size_t least,
	struct summary *summary);
