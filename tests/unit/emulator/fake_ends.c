/* fake_ends: see fake_ends.h. */
#include "fake_ends.h"

#include <stdlib.h>
#include <string.h>

struct fake_frame {
	uint64_t arrival_ns;
	uint32_t length;
	uint8_t mark;
};

struct xdp_socket {
	struct fake_frame frames[FAKE_FRAMES_MAX];
	uint32_t arrived, taken;
};

struct wire_end {
	char name[IFNAMSIZ];
	bool refuses;
	size_t sent;
	uint8_t marks[FAKE_FRAMES_MAX];
	struct xdp_socket queue;
};

int wire_end_open(const char *interface, struct wire_end **end) {
	*end = calloc(1, sizeof(**end));
	strncpy((*end)->name, interface, IFNAMSIZ - 1);
	return 0;
}

void wire_end_close(struct wire_end *end) {
	free(end);
}

const char *wire_end_name(const struct wire_end *end) {
	return end->name;
}

size_t wire_end_queues(const struct wire_end *end) {
	return 1;
}

struct xdp_socket *wire_end_queue(struct wire_end *end, size_t queue) {
	return &end->queue;
}

uint64_t wire_end_missed(const struct wire_end *end) {
	return 0;
}

struct wire_sent wire_end_send(struct wire_end *end, const struct iovec *frames, size_t count) {
	struct wire_sent sent = {0};

	for (size_t i = 0; i < count && !end->refuses; i++) {
		const uint8_t *bytes = frames[i].iov_base;

		end->marks[end->sent++] = bytes[frames[i].iov_len - 1];
		sent.frames++;
		sent.bytes += frames[i].iov_len;
	}
	return sent;
}

bool xdp_socket_next(struct xdp_socket *queue, struct arrived_frame *frame) {
	if (queue->taken == queue->arrived)
		return false;
	frame->first = queue->taken++;
	frame->pieces = 1;
	frame->length = queue->frames[frame->first].length;
	frame->arrival_ns = queue->frames[frame->first].arrival_ns;
	return true;
}

void xdp_socket_copy(
	const struct xdp_socket *queue, const struct arrived_frame *frame, uint8_t *to) {
	memset(to, queue->frames[frame->first].mark, frame->length);
}

void fake_arrive(struct wire_end *end, uint64_t arrival_ns, uint32_t length, uint8_t mark) {
	end->queue.frames[end->queue.arrived++] = (struct fake_frame){arrival_ns, length, mark};
}

size_t fake_sent(const struct wire_end *end) {
	return end->sent;
}

uint8_t fake_sent_mark(const struct wire_end *end, size_t n) {
	return end->marks[n];
}

void fake_refuse(struct wire_end *end, bool refuses) {
	end->refuses = refuses;
}
