/*
 * witness: the packets that show what is wrong with a class of destinations (classes.h): whose fare
 * worst, how, and by what way.
 */
#pragma once

#include "fabric/classes.h"
#include "fabric/fabric.h"
#include "fabric/verify.h"

/* One layer's tables for the destinations of one class, beside the model's, which are layer 0. */
struct look {
	const struct fabric *fabric;
	const struct fib_set *set;
	uint32_t nodes, ports; /* of one layer */
	const uint32_t *far_node;
	const bool *port_is_dead;
	const struct class_result *result; /* of a new class */
	const uint8_t *turns;              /* each node's, of all layers (witness_turns) */
	size_t layer;
};

uint32_t look_group(const struct look *look, uint32_t node);
uint8_t look_outcome(const struct look *look, uint32_t node);

/* Finds from which nodes of the layer packets may make a valley: come down and go up again, or
 * cross to a third site. `turns` has an element for each node of all layers. */
void witness_turns(const struct look *look, uint8_t *turns);

/* The leaf whose packets fare worst, any switch if no leaf's do, FABRIC_NONE if none's; and how. */
int witness_sender(const struct look *look, enum violation_kind *kind);

/* Its way: "pod1-ams:swp64 > pod1-spine1:swp1 > pod1-ams: a loop". */
void witness_way(
	const struct look *look, int sender, enum violation_kind kind, char *way, size_t size);

/* "10.1.0.1 to 10.1.1.4, udp 49152 to 443" */
void witness_packet(const struct fabric *fabric, int sender, const struct prefix *destination,
	char *packet, size_t size);

/* "swp63 (spine1), swp64 (spine2)", "unreachable" … */
void witness_group(const struct fabric *fabric, const struct fib_set *set, uint32_t first_port,
	uint32_t group, char *text, size_t size);
