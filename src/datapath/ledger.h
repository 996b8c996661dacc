/*
 * ledger: what became of every frame, per port, CPU and reason. One writer per entry (the CPU that
 * the frame landed on), so plain additions; sums are made on reading.
 */
#pragma once

#include "table/layout.h"
#include "table/reason.h"

struct ledger_count {
	uint64_t packets;
	uint64_t bytes; /* whole frames, as received */
};

/* Of frames that the way out refused (REASON_REDIRECT_FAILED) only the number is known: their bytes
 * stay with FORWARDED.
 *
 * `received` and FORWARDED (reason 0) share the first cache line: the fast path touches no other.
 */
struct ledger_entry {
	struct ledger_count received;
	struct ledger_count reasons[REASON_COUNT];
};

ALWAYS_INLINE void ledger_add(struct ledger_count *count, uint32_t bytes) {
	count->packets++;
	count->bytes += bytes;
}
