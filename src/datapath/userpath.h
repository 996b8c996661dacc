/*
 * userpath: the stages in user space over frames in memory, with the same tables, ports and ledger
 * as the driver path: for tests and fuzzing, for explaining a decision, and for machines that deny
 * BPF. Any thread, as long as each has a ledger of its own.
 */
#pragma once

#include "datapath/frame.h"
#include "datapath/ledger.h"
#include "table/tables.h"

/* Decides a frame that came by this port, counts it in *entry (may be NULL), and if it is forwarded
 * rewrites it and shortens *frame to what is to be sent. Returns decision->reason. */
enum reason userpath_forward(const struct tables *tables, const struct port *port,
	struct frame *frame, uint64_t seed, struct ledger_entry *entry, struct decision *decision);
