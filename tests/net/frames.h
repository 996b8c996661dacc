/*
 * frames: random and adversarial frames, by class, for whoever compares two routers: the same seed
 * makes the same frames. Addresses are those of the topology in tests/net/differential_test.sh.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { FRAME_BYTES_MAX = 1514 };

struct frames {
	uint64_t random; /* state of the generator; not 0 */
	uint8_t router_mac[6];
	uint8_t host_mac[6];
	uint32_t sequence; /* of the last frame, in its IP id or flow label */
};

size_t frames_class_count(void);
const char *frames_class_name(size_t class_index);

/* Makes the next frame of a class in `frame` (FRAME_BYTES_MAX); returns its length. */
size_t frames_make(struct frames *frames, size_t class_index, uint8_t *frame);

uint64_t frames_random(struct frames *frames);
