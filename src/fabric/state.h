/*
 * state: what has been given out, so that it stays given: a number per key in each of some pools
 * ("loopback", "port/leaf1/up" …). A plan with the state of the last one changes nothing that
 * exists; without one it starts afresh, in the order of asking.
 *
 * It is a JSON file to be read and committed. What is no longer asked for keeps its number, so that
 * it comes back the same; deleting its line frees it.
 */
#pragma once

#include <stdint.h>

struct state;

/* Reads a state, or makes an empty one if there is no such file, or `path` is NULL. 0, or a
 * negative errno after a message. */
int state_open(const char *path, struct state **state);
void state_close(struct state *state);

/* The number of the key, from now on; the least that no other key of the pool has, if it is new.
 * UINT32_MAX without memory. */
uint32_t state_take(struct state *state, const char *pool, const char *key);

/* Writes it whole or not at all. 0, or a negative errno after a message. */
int state_write(const struct state *state, const char *path);
