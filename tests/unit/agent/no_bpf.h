/*
 * no_bpf: datapath.h without BPF, for tests and fuzzers of the agent: links in place of the
 * datapath library. Tables are whatever memory it is given; every port can be attached; the ledger
 * is written by the test.
 */
#pragma once

#include "datapath/datapath.h"

struct datapath {
	const struct tables *tables;
	struct port ports[PORTS_MAX];
	struct ledger_entry ledger[PORTS_MAX];
};
