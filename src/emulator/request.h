/*
 * request: what a wire is asked, and its answer, as text; by whatever way they come. A request is a
 * JSON object on one line:
 *
 *     {"show": "wire"}
 *     {"set": {"eth1": {"delay": "10ms", "loss": "0.1"}, "eth2": {"down": "yes"}}, "seed": 7}
 *
 * In "set" the interfaces are those where frames arrive, and the settings are named and written as
 * on the command line. A request is carried out whole or, with an error, not at all. The answer is
 * one JSON object a line: for "show" one for each direction, and last {"end": true} or
 * {"error": "…"}.
 */
#pragma once

#include "emulator/settings.h"

struct wire;

enum { REQUEST_BYTES_MAX = 4096, ANSWER_BYTES_MAX = 4096 };

/* Answers one line; returns the bytes of the answer, each line with its newline. */
size_t request_answer(struct wire *wire, const char *line, char answer[ANSWER_BYTES_MAX]);
