/*
 * datapath: the driver path as the daemon sees it: loads the BPF program, maps its tables into
 * memory, attaches it to ports and reads the ledger.
 *
 * The tables' memory lives as long as the datapath. One thread calls everything. A port's link is
 * the process's: when the process dies, however it dies, the kernel forwards again.
 */
#pragma once

#include "datapath/ledger.h"
#include "datapath/port.h"
#include "table/grace.h"
#include "table/tables.h"

#include <linux/types.h>

struct datapath;

/* How many elements each table has room for; 0 takes the default, which holds a full Internet
 * table. */
struct datapath_options {
	uint32_t fib4_nodes, fib4_leaves;
	uint32_t fib6_nodes, fib6_leaves;
	uint32_t nexthops, buckets;
	uint64_t flow_seed; /* of the hash that spreads flows over the members of a group */
};

enum datapath_mode { DATAPATH_NATIVE, DATAPATH_GENERIC };

/* 0 and *datapath, or a negative errno after a logged message that says what is denied: -EPERM
 * (privileges), -ENOSYS (no BPF). */
int datapath_open(const struct datapath_options *options, struct datapath **datapath);
void datapath_close(struct datapath *datapath);

/* Where the tables lie. */
const struct tables *datapath_tables(const struct datapath *datapath);
struct grace *datapath_grace(struct datapath *datapath);
uint64_t datapath_seed(const struct datapath *datapath);

/* Takes effect for the next frame. `port->slot` 1 .. PORTS_MAX-1; ifindex 0 clears the slot. Of two
 * ports, ifindexes may not agree in their lower 16 bits: -EEXIST. */
int datapath_set_port(struct datapath *datapath, const struct port *port);
const struct port *datapath_port(const struct datapath *datapath, uint8_t slot);

/* Attaches the program to the slot's interface, native if the driver can, else generic, and lets
 * frames leave by it. 0 and *mode; -EBUSY if another XDP program is attached; other errno of the
 * kernel's. `error` gets the kernel's own words if there are any. */
int datapath_attach(struct datapath *datapath, uint8_t slot, bool native_only,
	enum datapath_mode *mode, char *error, size_t error_size);
void datapath_detach(struct datapath *datapath, uint8_t slot);

/* Detaches the program, so that what arrives is the kernel's, but lets frames leave by the port as
 * before; datapath_attach takes it back. */
void datapath_step_aside(struct datapath *datapath, uint8_t slot);

/* Devices that do not take redirected frames are known only when they have refused some: the fd
 * becomes readable then, datapath_process makes it unreadable again, and datapath_refuses says
 * which. They go on refusing, for all that is known, until they are forgiven. */
int datapath_fd(const struct datapath *datapath);
void datapath_process(struct datapath *datapath);
bool datapath_refuses(const struct datapath *datapath, uint8_t slot);
void datapath_forgive(struct datapath *datapath, uint8_t slot);

/* The sum over CPUs of what this slot's port received; exact when no frames are under way. */
void datapath_read_ledger(const struct datapath *datapath, uint8_t slot, struct ledger_entry *sum);

/* Makes the next reading of a slot start at zero: for a slot that is given to another port. */
void datapath_reset_ledger(struct datapath *datapath, uint8_t slot);

/* Decides one frame by the program itself (BPF_PROG_TEST_RUN) as if it had come by `ifindex`:
 * *action is XDP_PASS, XDP_DROP or XDP_REDIRECT; `out` gets the frame afterwards (its size in
 * *out_size). For tests. 0 or a negative errno. */
int datapath_run_once(struct datapath *datapath, uint32_t ifindex, const void *frame, uint32_t size,
	void *out, uint32_t *out_size, uint32_t *action);

/* Bytes of all maps. */
size_t datapath_memory(const struct datapath *datapath);
