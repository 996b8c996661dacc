/* fake_ends: interfaces that are there in memory only, in place of wire_end.c and xdp_socket.c. */
#pragma once

#include "emulator/wire_end.h"

enum { FAKE_FRAMES_MAX = 4096 };

/* A frame of `length` bytes, all of them `mark`, arrives there. */
void fake_arrive(struct wire_end *end, uint64_t arrival_ns, uint32_t length, uint8_t mark);

/* How many frames were sent by it, and the mark (the last byte) of one. */
size_t fake_sent(const struct wire_end *end);
uint8_t fake_sent_mark(const struct wire_end *end, size_t n);

/* From now on the device takes no frames, or takes them. */
void fake_refuse(struct wire_end *end, bool refuses);
