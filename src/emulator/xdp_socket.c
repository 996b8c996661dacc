/* xdp_socket: see xdp_socket.h. */
#include "emulator/xdp_socket.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <xdp/xsk.h>

/* Since Linux 6.6; Debian 12's headers are older. */
#ifndef XDP_USE_SG
#define XDP_USE_SG    (1 << 4)
#define XDP_PKT_CONTD (1 << 0)
#endif

enum { CHUNK_BYTES = 2048, MEMORY_BYTES = XDP_SOCKET_FRAMES * CHUNK_BYTES };

struct xdp_socket {
	uint8_t *memory;
	struct xsk_umem *umem;
	struct xsk_socket *xsk;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons completion; /* nothing is sent, but there is no memory without */
	struct xsk_ring_cons received;
	uint32_t next, ready; /* descriptors that are there: the next, and how many */
	uint32_t taken;       /* descriptors of the frame taken last: to be given back */
};

static int try_to_bind(
	struct xdp_socket *socket, const char *interface, uint32_t queue, uint16_t flags) {
	struct xsk_socket_config config = {
		.rx_size = XDP_SOCKET_FRAMES,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = flags,
	};

	return xsk_socket__create(
		&socket->xsk, interface, queue, socket->umem, &socket->received, NULL, &config);
}

/* A queue stays taken for some milliseconds after the socket that had it was closed: the kernel
 * lets go of it later, in a work queue of its own. */
static int bind_queue(
	struct xdp_socket *socket, const char *interface, uint32_t queue, uint16_t flags) {
	static const struct timespec pause = {.tv_nsec = 10000000};
	int error = try_to_bind(socket, interface, queue, flags);

	for (int tries = 100; error == -EBUSY && tries > 0; tries--) {
		nanosleep(&pause, NULL);
		error = try_to_bind(socket, interface, queue, flags);
	}
	return error;
}

static int make_memory(struct xdp_socket *socket) {
	struct xsk_umem_config config = {
		.fill_size = XDP_SOCKET_FRAMES,
		.comp_size = 1,
		.frame_size = CHUNK_BYTES,
	};

	socket->memory = mmap(
		NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (socket->memory == MAP_FAILED) {
		socket->memory = NULL;
		return -errno;
	}
	return xsk_umem__create(&socket->umem, socket->memory, MEMORY_BYTES, &socket->fill,
		&socket->completion, &config);
}

/* A chunk goes back without the time that was written into it: should the program fail to write
 * the next, the old one must not be taken for it. */
static void give(struct xdp_socket *socket, uint32_t slot, uint64_t address) {
	uint8_t *chunk = socket->memory + address / CHUNK_BYTES * CHUNK_BYTES;

	memset(chunk + CHUNK_BYTES - XDP_SOCKET_PIECE_BYTES - sizeof(uint64_t), 0,
		sizeof(uint64_t));
	*xsk_ring_prod__fill_addr(&socket->fill, slot) = address / CHUNK_BYTES * CHUNK_BYTES;
}

static void give_all(struct xdp_socket *socket) {
	uint32_t slot = 0;

	xsk_ring_prod__reserve(&socket->fill, XDP_SOCKET_FRAMES, &slot);
	for (uint32_t i = 0; i < XDP_SOCKET_FRAMES; i++)
		give(socket, slot + i, (uint64_t)i * CHUNK_BYTES);
	xsk_ring_prod__submit(&socket->fill, XDP_SOCKET_FRAMES);
}

int xdp_socket_open(
	const char *interface, uint32_t queue, struct xdp_socket **out, bool *in_pieces) {
	struct xdp_socket *socket = calloc(1, sizeof(*socket));
	int error;

	if (!socket)
		return -ENOMEM;
	error = make_memory(socket);
	if (!error) {
		*in_pieces = true;
		error = bind_queue(socket, interface, queue, XDP_COPY | XDP_USE_SG);
	}
	if (error == -EINVAL) {
		*in_pieces = false;
		error = bind_queue(socket, interface, queue, XDP_COPY);
	}
	if (error) {
		xdp_socket_close(socket);
		return error;
	}
	give_all(socket);
	*out = socket;
	return 0;
}

void xdp_socket_close(struct xdp_socket *socket) {
	if (!socket)
		return;
	if (socket->xsk)
		xsk_socket__delete(socket->xsk);
	if (socket->umem)
		xsk_umem__delete(socket->umem);
	if (socket->memory)
		munmap(socket->memory, MEMORY_BYTES);
	free(socket);
}

int xdp_socket_fd(const struct xdp_socket *socket) {
	return xsk_socket__fd(socket->xsk);
}

static const struct xdp_desc *descriptor(const struct xdp_socket *socket, uint32_t at) {
	return xsk_ring_cons__rx_desc(&socket->received, at);
}

/* The ring has as many places as there are chunks: there is room always. */
static void give_back(struct xdp_socket *socket) {
	uint32_t slot = 0, first = socket->next - socket->taken;

	if (socket->taken == 0)
		return;
	xsk_ring_prod__reserve(&socket->fill, socket->taken, &slot);
	for (uint32_t i = 0; i < socket->taken; i++)
		give(socket, slot + i, descriptor(socket, first + i)->addr);
	xsk_ring_prod__submit(&socket->fill, socket->taken);
	xsk_ring_cons__release(&socket->received, socket->taken);
	socket->taken = 0;
}

bool xdp_socket_next(struct xdp_socket *socket, struct arrived_frame *frame) {
	const struct xdp_desc *piece;

	give_back(socket);
	if (socket->ready == 0)
		socket->ready =
			xsk_ring_cons__peek(&socket->received, XDP_SOCKET_FRAMES, &socket->next);
	if (socket->ready == 0)
		return false;
	/* The kernel publishes a frame's pieces together. */
	frame->first = socket->next;
	frame->pieces = 0;
	frame->length = 0;
	do {
		piece = descriptor(socket, frame->first + frame->pieces++);
		frame->length += piece->len;
	} while (piece->options & XDP_PKT_CONTD && frame->pieces < socket->ready);
	memcpy(&frame->arrival_ns,
		socket->memory + descriptor(socket, frame->first)->addr - sizeof(uint64_t),
		sizeof(uint64_t));
	socket->next += frame->pieces;
	socket->ready -= frame->pieces;
	socket->taken = frame->pieces;
	return true;
}

void xdp_socket_copy(
	const struct xdp_socket *socket, const struct arrived_frame *frame, uint8_t *to) {
	for (uint32_t i = 0; i < frame->pieces; i++) {
		const struct xdp_desc *piece = descriptor(socket, frame->first + i);

		memcpy(to, socket->memory + piece->addr, piece->len);
		to += piece->len;
	}
}

uint64_t xdp_socket_missed(const struct xdp_socket *socket) {
	struct xdp_statistics statistics = {0};
	socklen_t size = sizeof(statistics);

	if (getsockopt(xdp_socket_fd(socket), SOL_XDP, XDP_STATISTICS, &statistics, &size) < 0)
		return 0;
	return statistics.rx_dropped + statistics.rx_ring_full;
}
