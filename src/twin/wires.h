/*
 * wires: links of a twin that run through 'heddle wire': instead of one veth between two nodes
 * there are two, to a namespace between them, where the emulator carries frames from the one to the
 * other.
 *
 * The namespace is named after the link's upper port, NAME.spine1:swp1; its interfaces are "a",
 * towards the upper end, and "b".
 */
#pragma once

#include "twin/nodes.h"

struct wire_settings;

void wire_namespace(const char *twin, const struct fabric *fabric, int link, char *text);

/* Makes the namespace, where IPv6 is off: nothing but the emulator speaks there. 0, or a negative
 * errno (-EEXIST). */
int wire_create(const char *twin, const struct fabric *fabric, int link);
int wire_delete(const char *twin, const struct fabric *fabric, int link);

/* Both veths, to a namespace that is open. 0 or a negative errno. */
int wire_lay(const struct nodes *nodes, int link);

/* Takes the end at the lower node up or down, whose carrier follows. */
int wire_set_carrier(const struct nodes *nodes, int link, bool is_up);

/* What its process is started with: "wire", "a", "b", and its settings; `texts` keeps them. NULL at
 * the end. */
enum { WIRE_WORDS_MAX = 40, WIRE_TEXTS_BYTES = 1024 };
void wire_arguments(const char *heddle_path, const struct wire_settings *settings,
	const char *arguments[WIRE_WORDS_MAX], char texts[WIRE_TEXTS_BYTES]);

/* Waits until it carries frames. 0, or -ETIME. */
int wire_await(const struct nodes *nodes, int link);

/* Changes what it does, at once: to the settings, or to carry nothing, both ways. 0, or a negative
 * errno after a message. */
int wire_change(const struct nodes *nodes, int link, const struct wire_settings *settings);
int wire_cut(const struct nodes *nodes, int link, bool is_cut);

/* What it has done so far, both ways together. */
struct wire_counts {
	uint64_t received, delivered, overflowed, lost;
};
int wire_read_counts(const struct nodes *nodes, int link, struct wire_counts *counts);
