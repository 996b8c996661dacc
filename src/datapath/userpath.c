/* userpath: see userpath.h; heddle_fastpath in fastpath.bpf.c is its twin. */
#include "datapath/userpath.h"

#include "datapath/pipeline.h"

#include <string.h>

enum reason userpath_forward(const struct tables *tables, const struct port *port,
	struct frame *frame, uint64_t seed, struct ledger_entry *entry, struct decision *decision) {
	memset(decision, 0, sizeof(*decision));
	decision->reason = decide(tables, port, frame, seed, decision);
	if (entry) {
		ledger_add(&entry->received, frame->length);
		ledger_add(&entry->reasons[decision->reason], frame->length);
	}
	if (decision->reason == REASON_FORWARDED) {
		frame->length = decision->frame_length;
		/* Of a frame in several buffers, the first may end before the packet does. */
		if (frame->length < (size_t)(frame->end - frame->data))
			frame->end = frame->data + frame->length;
		rewrite(frame->data, decision);
		mark_used(decision->nexthop);
	}
	return decision->reason;
}
