/* no_bpf: see no_bpf.h. */
#include "no_bpf.h"

#include <errno.h>
#include <string.h>

int datapath_open(const struct datapath_options *options, struct datapath **datapath) {
	return -EPERM;
}

void datapath_close(struct datapath *datapath) {
}

const struct tables *datapath_tables(const struct datapath *datapath) {
	return datapath->tables;
}

struct grace *datapath_grace(struct datapath *datapath) {
	return NULL;
}

uint64_t datapath_seed(const struct datapath *datapath) {
	return 1;
}

int datapath_set_port(struct datapath *datapath, const struct port *port) {
	datapath->ports[port->slot] = *port;
	return 0;
}

const struct port *datapath_port(const struct datapath *datapath, uint8_t slot) {
	return &datapath->ports[slot];
}

int datapath_attach(struct datapath *datapath, uint8_t slot, bool native_only,
	enum datapath_mode *mode, char *error, size_t error_size) {
	*mode = DATAPATH_NATIVE;
	return 0;
}

void datapath_detach(struct datapath *datapath, uint8_t slot) {
}

void datapath_step_aside(struct datapath *datapath, uint8_t slot) {
}

int datapath_fd(const struct datapath *datapath) {
	return -1;
}

void datapath_process(struct datapath *datapath) {
}

bool datapath_refuses(const struct datapath *datapath, uint8_t slot) {
	return false;
}

void datapath_forgive(struct datapath *datapath, uint8_t slot) {
}

void datapath_read_ledger(const struct datapath *datapath, uint8_t slot, struct ledger_entry *sum) {
	*sum = datapath->ledger[slot];
}

void datapath_reset_ledger(struct datapath *datapath, uint8_t slot) {
	memset(&datapath->ledger[slot], 0, sizeof(datapath->ledger[slot]));
}

int datapath_run_once(struct datapath *datapath, uint32_t ifindex, const void *frame, uint32_t size,
	void *out, uint32_t *out_size, uint32_t *action) {
	return -EPERM;
}

size_t datapath_memory(const struct datapath *datapath) {
	return 0;
}
