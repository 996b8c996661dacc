/*
 * intent_values: how single values are taken: names, numbers with their bounds, times, lengths,
 * speeds, prefixes, words. What `into` points to stands beside each.
 */
#pragma once

#include "fabric/intent_reading.h"

intent_taker intent_take_name;  /* fabric_name */
intent_taker intent_take_names; /* struct intent_names; a list */

/* uint32_t */
intent_taker intent_take_count;
intent_taker intent_take_cable_count;
void intent_take_scale(struct intent_reading *reading, const yaml_node_t *value, void *into);
intent_taker intent_take_asn;
intent_taker intent_take_mtu;
intent_taker intent_take_multiplier;
intent_taker intent_take_duration;
intent_taker intent_take_restore; /* "100ms", "3s", "0": milliseconds */
intent_taker intent_take_length;  /* "15m", "0.5m", "2km": metres, rounded, at least 1 */

intent_taker intent_take_bytes; /* uint64_t: "64K", "4M", "1.5G", in powers of ten */
intent_taker intent_take_speed; /* uint64_t: megabits a second */
intent_taker intent_take_watts; /* double */

/* struct prefix, of the one family or the other */
intent_taker intent_take_prefix4;
intent_taker intent_take_prefix6;

/* struct intent_names: a list of names, or how many; then they are called spine1, spine2 … */
intent_taker intent_take_super_spines;
intent_taker intent_take_spines;
intent_taker intent_take_leaves;
intent_taker intent_take_borders;

intent_taker intent_take_shape;          /* enum intent_shape */
intent_taker intent_take_role;           /* struct intent_node: its role */
intent_taker intent_take_daemon;         /* enum intent_daemon */
intent_taker intent_take_link_addresses; /* bool: whether they are numbered */

/* A number within bounds; one of some words (NULL at the end), by its place among them. */
void intent_take_number(struct intent_reading *reading, const yaml_node_t *value, uint64_t least,
	uint64_t most, uint32_t *into);
void intent_take_word(struct intent_reading *reading, const yaml_node_t *value,
	const char *const *words, int *into);

/* A list of names, or how many, that begin with a stem. */
void intent_take_some(struct intent_reading *reading, const yaml_node_t *value,
	struct intent_names *into, const char *stem);
