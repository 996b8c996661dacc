/*
 * emulator: a wire at work: the loop that carries frames when they are due, and sleeps when none is
 * under way. One wire, one process, one thread.
 *
 * Exactness. A frame's delay counts from the moment when it arrived, as ingress.bpf.c wrote it
 * down, so it does not matter when the process was woken for it. The process sleeps until shortly
 * before the next frame is due, and then looks at the clock until it is. How long before, it learns
 * from how late it was woken; how long sending takes, from sending. Where being late by that would
 * be less than half a percent of the delay, it sleeps until the frame is due: precision has its
 * price in CPU time, and a machine that runs many wires pays it only for short delays.
 *
 * As a process of its own. 'heddle wire A B ...' is this. Its control socket answers once frames
 * are carried; it ends on SIGTERM or SIGINT with status 0, and with 1 after a
 * message if an interface goes away. Killed in whatever way, it leaves nothing in the network.
 */
#pragma once

#include "emulator/settings.h"

struct emulator_options {
	const char *a, *b;        /* interfaces of this network namespace */
	const char *control_path; /* of the control socket (control.h, request.h) */
	struct wire_settings from_a, from_b;
	uint64_t seed;
	size_t memory_bytes; /* for frames under way, both directions together */
};

struct emulator;

/* 0, or a negative errno after a message. The process is the emulator's from then on: SIGTERM and
 * SIGINT are blocked, its priority is raised, and its capabilities are gone. */
int emulator_open(const struct emulator_options *options, struct emulator **emulator);

/* Returns 0 when it was told to end, or a negative errno after a message. */
int emulator_run(struct emulator *emulator);

void emulator_close(struct emulator *emulator);

/* Where a wire of this network namespace is asked unless told otherwise, whichever of its ends is
 * named first. */
void emulator_control_path(const char *a, const char *b, char *path, size_t size);
