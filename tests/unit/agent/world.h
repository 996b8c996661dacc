/*
 * world: an agent in a small world: a mirror that was told of links, neighbours and routes, and a
 * data path without BPF; its control socket listens in a folder of its own.
 */
#pragma once

#include "fixture.h"
#include "no_bpf.h"

#include "agent/agent.h"
#include "agent/control.h"

struct world {
	struct fixture *fixture;
	struct datapath datapath;
	struct agent agent;
	char folder[32];
};

struct world *world_create(void);
void world_destroy(struct world *world);

/* A client of the socket, that does not block; -1 if it cannot connect. */
int world_connect(const struct world *world);
