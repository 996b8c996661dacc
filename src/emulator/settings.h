/*
 * settings: what one direction of a wire does to the frames that it carries. Each setting has one
 * name, which is that of the option of 'heddle wire' and of the key in a request; its value is
 * written in one way in both: "600us", "10G", "256K", "0.1". What reads, checks and prints them is
 * one table.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_ERROR_BYTES = 256, WIRE_VALUE_BYTES = 32 };

enum jitter_distribution {
	JITTER_UNIFORM, /* the delay, less or more up to the jitter */
	JITTER_NORMAL,  /* the jitter is the standard deviation */
	JITTER_PARETO,  /* the delay, and more: the jitter in the mean, with a heavy tail */
};

struct wire_settings {
	uint64_t delay_ns;
	uint64_t jitter_ns;
	uint64_t distribution; /* enum jitter_distribution */
	uint64_t rate_bps;     /* 0: as fast as it goes */
	uint64_t overhead_bytes;
	uint64_t limit_bytes;
	double loss_percent;
	double loss_burst; /* mean length in frames; 0: each frame by itself */
	double corrupt_percent;
	double duplicate_percent;
	double reorder_percent;
	uint64_t down; /* 1: carries nothing */
};

/* Nothing is impaired; a rate, once there is one, counts what a frame takes on an Ethernet medium
 * (24 bytes beside it: preamble 8, frame check 4, gap 12; IEEE 802.3, 3.1.1 and 4.4.2) and has a
 * queue of 1 MiB. */
void wire_settings_init(struct wire_settings *settings);

/* The names in their order; NULL after the last. */
const char *wire_setting_name(size_t n);

/* Takes one setting from its text. 0; -ENOENT if there is none of this name; -EINVAL if the text
 * is no such value. `error` then says what was expected; *settings is as it was. */
int wire_settings_take(struct wire_settings *settings, const char *name, const char *text,
	char error[WIRE_ERROR_BYTES]);

/* Whether they go together: 0, or -EINVAL and why not. */
int wire_settings_check(const struct wire_settings *settings, char error[WIRE_ERROR_BYTES]);

/* The value of the n-th setting as wire_settings_take reads it. */
void wire_setting_text(const struct wire_settings *settings, size_t n, char text[WIRE_VALUE_BYTES]);

/* All as numbers, with units in the keys ("delay_ns"). NULL without memory. */
json_t *wire_settings_json(const struct wire_settings *settings);

/* A size such as 64M, between the two: 0 or -EINVAL. */
int wire_bytes_parse(const char *text, uint64_t least, uint64_t most, uint64_t *bytes);
