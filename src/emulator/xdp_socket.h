/*
 * xdp_socket: takes the frames that arrive on one queue of an interface (AF_XDP, copy mode, into
 * memory of its own). One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A frame that has arrived; good until the next call of xdp_socket_next. */
struct arrived_frame {
	uint64_t arrival_ns; /* as ingress.bpf.c wrote it (CLOCK_MONOTONIC); 0: it did not */
	uint32_t length;
	uint32_t first, pieces; /* its descriptors */
};

struct xdp_socket;

/*
 * Opens a socket on that queue; XDP_SOCKET_FRAMES of 1.5 kB find room until they are taken, larger
 * ones in several pieces, if the kernel can (6.6). *in_pieces says so. The frames come once its fd
 * is in the XSKMAP of an attached program. 0 or a negative errno.
 */
int xdp_socket_open(
	const char *interface, uint32_t queue, struct xdp_socket **socket, bool *in_pieces);
void xdp_socket_close(struct xdp_socket *socket);

enum {
	XDP_SOCKET_FRAMES = 1024,
	XDP_SOCKET_PIECE_BYTES =
		2048 - 256, /* the kernel keeps the first 256 (XDP_PACKET_HEADROOM) */
};

/* Readable when a frame has arrived. */
int xdp_socket_fd(const struct xdp_socket *socket);

/* Takes the next frame that has arrived; false if there is none. */
bool xdp_socket_next(struct xdp_socket *socket, struct arrived_frame *frame);

/* Its bytes, frame->length of them. */
void xdp_socket_copy(
	const struct xdp_socket *socket, const struct arrived_frame *frame, uint8_t *to);

/* How many frames found no room since the socket was opened. */
uint64_t xdp_socket_missed(const struct xdp_socket *socket);
