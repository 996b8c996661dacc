/*
 * wire_end: an interface that a wire is fixed to. All frames that arrive there are taken from the
 * kernel, which sees none of them, on all queues and to whatever address; and frames can be sent by
 * it. With the end all of that goes, also when the process is killed.
 *
 * Frames are taken by AF_XDP and sent by a packet socket past the queueing disciplines: in copy
 * mode both send by the same function of the kernel, and the packet socket says of each frame
 * whether the device took it.
 */
#pragma once

#include "emulator/xdp_socket.h"

#include <net/if.h>
#include <stddef.h>
#include <sys/uio.h>

enum { WIRE_END_QUEUES_MAX = 64, WIRE_END_BURST_MAX = 64 };

struct wire_end;

struct wire_sent {
	uint64_t frames, bytes;
};

/* 0, or a negative errno after a message that says what to do. */
int wire_end_open(const char *interface, struct wire_end **end);
void wire_end_close(struct wire_end *end);

const char *wire_end_name(const struct wire_end *end);

/* Whether the interface is still there. */
bool wire_end_exists(const struct wire_end *end);

/* Its sockets, one a queue. */
size_t wire_end_queues(const struct wire_end *end);
struct xdp_socket *wire_end_queue(struct wire_end *end, size_t queue);

/* Sends up to WIRE_END_BURST_MAX frames in their order; returns how much of it the device took. */
struct wire_sent wire_end_send(struct wire_end *end, const struct iovec *frames, size_t count);

/* Frames that arrived and found no room, since the end was opened. */
uint64_t wire_end_missed(const struct wire_end *end);
