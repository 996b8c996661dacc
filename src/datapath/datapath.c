/*
 * datapath: see datapath.h. Loading follows the maps' needs: sizes first, then the program, then
 * each array is mapped; whatever fails undoes what was done in reverse.
 */
#include "datapath/datapath.h"

#include "base/log.h"
#include "datapath/fastpath.skel.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DEFAULT_FIB4_NODES = 16 * 1024,
	DEFAULT_FIB4_LEAVES = 1024 * 1024,
	DEFAULT_FIB6_NODES = 64 * 1024,
	DEFAULT_FIB6_LEAVES = 1024 * 1024,
	DEFAULT_NEXTHOPS = 16 * 1024,
	DEFAULT_BUCKETS = 64 * 1024,
};

enum { MAPPINGS_MAX = 16 };

struct mapping {
	void *memory;
	size_t size;
};

struct datapath {
	struct fastpath_bpf *program;
	struct grace grace; /* first user: grace_wait finds the datapath by it */
	struct tables tables;
	struct port *ports;
	struct ledger_entry *ledger;
	struct ledger_entry *ledger_start; /* per slot: what an earlier port had counted */
	struct mapping mappings[MAPPINGS_MAX];
	unsigned int mapping_count;
	struct ring_buffer *refusals;
	int grace_map;
	int cpus;
	int link[PORTS_MAX]; /* -1: not attached */
};

static void grace_wait(struct grace *grace) {
	struct datapath *datapath =
		(struct datapath *)((char *)grace - offsetof(struct datapath, grace));
	uint32_t key = 0;

	/* Never fails for lack of anything; and if it did, waiting longer would not mend it. */
	if (bpf_map_update_elem(bpf_map__fd(datapath->program->maps.grace_gate), &key,
		    &datapath->grace_map, BPF_ANY) < 0)
		log_error("cannot wait for a grace period: %s", strerror(errno));
}

static uint32_t or_default(uint32_t value, uint32_t otherwise) {
	return value ? value : otherwise;
}

/* Leaves and buckets lie two to an element. */
static uint32_t pairs(uint32_t words) {
	return (words + 1) / 2;
}

static int size_maps(struct datapath *datapath) {
	struct fastpath_bpf *program = datapath->program;
	struct tables *tables = &datapath->tables;
	const struct {
		struct bpf_map *map;
		uint32_t entries;
	} sizes[] = {
		{program->maps.fib4_nodes, tables->fib4.node_count},
		{program->maps.fib4_leaves, pairs(tables->fib4.leaf_count)},
		{program->maps.fib6_nodes, tables->fib6.node_count},
		{program->maps.fib6_leaves, pairs(tables->fib6.leaf_count)},
		{program->maps.nexthops, tables->nexthop.nexthop_count},
		{program->maps.buckets, pairs(tables->nexthop.bucket_count)},
		{program->maps.ledger, PORTS_MAX * (uint32_t)datapath->cpus},
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int error = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);

		if (error)
			return error;
	}
	return 0;
}

static void choose_sizes(struct tables *tables, const struct datapath_options *options) {
	tables->fib4.node_count = or_default(options->fib4_nodes, DEFAULT_FIB4_NODES);
	tables->fib4.leaf_count = or_default(options->fib4_leaves, DEFAULT_FIB4_LEAVES);
	tables->fib6.node_count = or_default(options->fib6_nodes, DEFAULT_FIB6_NODES);
	tables->fib6.leaf_count = or_default(options->fib6_leaves, DEFAULT_FIB6_LEAVES);
	tables->nexthop.nexthop_count = or_default(options->nexthops, DEFAULT_NEXTHOPS);
	tables->nexthop.bucket_count = or_default(options->buckets, DEFAULT_BUCKETS);
}

/* Maps an array into memory; NULL and errno if the kernel refuses. */
static void *map_array(struct datapath *datapath, const struct bpf_map *map) {
	size_t size = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	long page = sysconf(_SC_PAGESIZE);
	void *memory;

	size = (size + page - 1) / page * page;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (memory == MAP_FAILED)
		return NULL;
	assert(datapath->mapping_count < MAPPINGS_MAX);
	datapath->mappings[datapath->mapping_count++] =
		(struct mapping){.memory = memory, .size = size};
	return memory;
}

static int map_tables(struct datapath *datapath) {
	struct tables *tables = &datapath->tables;
	const struct {
		void **memory;
		const struct bpf_map *map;
	} arrays[] = {
		{(void **)&tables->fib4.roots, datapath->program->maps.fib4_roots},
		{(void **)&tables->fib4.nodes, datapath->program->maps.fib4_nodes},
		{(void **)&tables->fib4.leaves, datapath->program->maps.fib4_leaves},
		{(void **)&tables->fib6.roots, datapath->program->maps.fib6_roots},
		{(void **)&tables->fib6.nodes, datapath->program->maps.fib6_nodes},
		{(void **)&tables->fib6.leaves, datapath->program->maps.fib6_leaves},
		{(void **)&tables->nexthop.nexthops, datapath->program->maps.nexthops},
		{(void **)&tables->nexthop.buckets, datapath->program->maps.buckets},
		{(void **)&datapath->ledger, datapath->program->maps.ledger},
	};

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		*arrays[i].memory = map_array(datapath, arrays[i].map);
		if (!*arrays[i].memory)
			return -errno;
	}
	tables->local_filter = datapath->program->bss->local_filter;
	datapath->ports = datapath->program->bss->ports;
	return 0;
}

static uint32_t own_namespace(void) {
	struct stat status;

	return stat("/proc/self/ns/net", &status) == 0 ? (uint32_t)status.st_ino : 0;
}

/* The tracepoints complete the ledger. They take the kernel's BTF: without it the daemon goes
 * without them. */
static void choose_programs(struct fastpath_bpf *program) {
	bool has_btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;

	bpf_program__set_autoload(program->progs.heddle_burst_sent, has_btf);
	bpf_program__set_autoload(program->progs.heddle_redirect_refused, has_btf);
}

static void attach_tracepoints(struct fastpath_bpf *program) {
	program->links.heddle_burst_sent = bpf_program__attach(program->progs.heddle_burst_sent);
	program->links.heddle_redirect_refused =
		bpf_program__attach(program->progs.heddle_redirect_refused);
	if (!program->links.heddle_burst_sent || !program->links.heddle_redirect_refused)
		log_warning("frames that a device refuses cannot be counted: %s", strerror(errno));
}

static void explain_load_failure(int error) {
	if (error == -EPERM)
		log_error("the kernel does not allow BPF here: run as root, outside of containers "
			  "that deny bpf(2)");
	else
		log_error("cannot load the BPF program: %s; 'heddle doctor' says what is missing",
			strerror(-error));
}

/* The program's array says who: the record only wakes. */
static int take_refusal(void *owner, void *record, size_t size) {
	return 0;
}

static int load(struct datapath *datapath, const struct datapath_options *options) {
	struct fastpath_bpf *program = datapath->program;
	int error = size_maps(datapath);

	if (error)
		return error;
	choose_programs(program);
	program->rodata->flow_seed = options->flow_seed;
	program->rodata->namespace_inode = own_namespace();
	error = fastpath_bpf__load(program);
	if (error)
		return error;
	datapath->grace_map = bpf_map__fd(program->maps.grace_inner);
	datapath->refusals =
		ring_buffer__new(bpf_map__fd(program->maps.refusals), take_refusal, NULL, NULL);
	if (!datapath->refusals)
		return -errno;
	return map_tables(datapath);
}

static int print_nothing(enum libbpf_print_level level, const char *format, va_list arguments) {
	return 0;
}

int datapath_open(const struct datapath_options *options, struct datapath **out) {
	struct datapath *datapath = calloc(1, sizeof(*datapath));
	int error;

	if (!datapath)
		return -ENOMEM;
	libbpf_set_print(print_nothing);
	datapath->cpus = libbpf_num_possible_cpus();
	datapath->grace.wait = grace_wait;
	for (unsigned int slot = 0; slot < PORTS_MAX; slot++)
		datapath->link[slot] = -1;
	choose_sizes(&datapath->tables, options);
	datapath->ledger_start = calloc(PORTS_MAX, sizeof(*datapath->ledger_start));
	datapath->program = fastpath_bpf__open();
	error = datapath->program && datapath->ledger_start ? load(datapath, options) : -errno;
	if (error) {
		explain_load_failure(error);
		datapath_close(datapath);
		return error;
	}
	attach_tracepoints(datapath->program);
	*out = datapath;
	return 0;
}

void datapath_close(struct datapath *datapath) {
	if (!datapath)
		return;
	for (unsigned int slot = 0; slot < PORTS_MAX; slot++)
		datapath_detach(datapath, slot);
	for (unsigned int i = 0; i < datapath->mapping_count; i++)
		munmap(datapath->mappings[i].memory, datapath->mappings[i].size);
	ring_buffer__free(datapath->refusals);
	fastpath_bpf__destroy(datapath->program);
	free(datapath->ledger_start);
	free(datapath);
}

const struct tables *datapath_tables(const struct datapath *datapath) {
	return &datapath->tables;
}

struct grace *datapath_grace(struct datapath *datapath) {
	return &datapath->grace;
}

uint64_t datapath_seed(const struct datapath *datapath) {
	return datapath->program->rodata->flow_seed;
}

const struct port *datapath_port(const struct datapath *datapath, uint8_t slot) {
	return &datapath->ports[slot];
}

int datapath_set_port(struct datapath *datapath, const struct port *port) {
	uint8_t *slots = datapath->program->bss->slot_of_ifindex;
	struct port *there = &datapath->ports[port->slot];
	uint32_t index = port->ifindex & (IFINDEX_SLOTS - 1);
	uint32_t ifindex_there = there->ifindex;

	assert(port->slot > 0);
	if (port->ifindex && slots[index] && slots[index] != port->slot)
		return -EEXIST;
	if (ifindex_there && ifindex_there != port->ifindex)
		slots[ifindex_there & (IFINDEX_SLOTS - 1)] = 0;
	/* The ifindex is what makes readers believe the rest: it goes last, and leaves first. */
	if (ifindex_there != port->ifindex)
		__atomic_store_n(&there->ifindex, 0, __ATOMIC_RELEASE);
	memcpy((char *)there + sizeof(there->ifindex), (const char *)port + sizeof(port->ifindex),
		sizeof(*port) - sizeof(port->ifindex));
	__atomic_store_n(&there->ifindex, port->ifindex, __ATOMIC_RELEASE);
	if (port->ifindex)
		slots[index] = port->slot;
	return 0;
}

static int link_create(struct datapath *datapath, uint32_t ifindex, uint32_t flags) {
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);

	return bpf_link_create(bpf_program__fd(datapath->program->progs.heddle_fastpath), ifindex,
		BPF_XDP, &options);
}

int datapath_attach(struct datapath *datapath, uint8_t slot, bool native_only,
	enum datapath_mode *mode, char *error, size_t error_size) {
	uint32_t ifindex = datapath->ports[slot].ifindex;
	uint32_t key = slot;
	int link;

	assert(slot > 0 && ifindex > 0 && datapath->link[slot] < 0);
	*mode = DATAPATH_NATIVE;
	link = link_create(datapath, ifindex, XDP_FLAGS_DRV_MODE);
	if (link < 0 && !native_only && link != -EBUSY && link != -EEXIST && link != -ENODEV) {
		snprintf(error, error_size, "native mode refused (%s)", strerror(-link));
		*mode = DATAPATH_GENERIC;
		link = link_create(datapath, ifindex, XDP_FLAGS_SKB_MODE);
	}
	if (link < 0)
		return link == -EEXIST ? -EBUSY : link;
	if (bpf_map_update_elem(
		    bpf_map__fd(datapath->program->maps.transmit), &key, &ifindex, BPF_ANY) < 0) {
		int update_error = -errno;

		close(link);
		return update_error;
	}
	datapath->link[slot] = link;
	return 0;
}

void datapath_step_aside(struct datapath *datapath, uint8_t slot) {
	if (datapath->link[slot] < 0)
		return;
	close(datapath->link[slot]);
	datapath->link[slot] = -1;
}

void datapath_detach(struct datapath *datapath, uint8_t slot) {
	uint32_t key = slot;

	datapath_step_aside(datapath, slot);
	bpf_map_delete_elem(bpf_map__fd(datapath->program->maps.transmit), &key);
}

int datapath_fd(const struct datapath *datapath) {
	return ring_buffer__epoll_fd(datapath->refusals);
}

void datapath_process(struct datapath *datapath) {
	ring_buffer__consume(datapath->refusals);
}

bool datapath_refuses(const struct datapath *datapath, uint8_t slot) {
	return __atomic_load_n(&datapath->program->bss->refuses[slot], __ATOMIC_RELAXED) != 0;
}

void datapath_forgive(struct datapath *datapath, uint8_t slot) {
	__atomic_store_n(&datapath->program->bss->refuses[slot], 0, __ATOMIC_RELAXED);
}

static void add_count(struct ledger_count *sum, const struct ledger_count *count) {
	sum->packets += __atomic_load_n(&count->packets, __ATOMIC_RELAXED);
	sum->bytes += __atomic_load_n(&count->bytes, __ATOMIC_RELAXED);
}

static void subtract_count(struct ledger_count *from, const struct ledger_count *count) {
	from->packets -= count->packets;
	from->bytes -= count->bytes;
}

static void sum_ledger(const struct datapath *datapath, uint8_t slot, struct ledger_entry *sum) {
	memset(sum, 0, sizeof(*sum));
	for (int cpu = 0; cpu < datapath->cpus; cpu++) {
		const struct ledger_entry *entry = &datapath->ledger[cpu * PORTS_MAX + slot];

		add_count(&sum->received, &entry->received);
		for (int reason = 0; reason < REASON_COUNT; reason++)
			add_count(&sum->reasons[reason], &entry->reasons[reason]);
	}
}

void datapath_read_ledger(const struct datapath *datapath, uint8_t slot, struct ledger_entry *sum) {
	const struct ledger_entry *start = &datapath->ledger_start[slot];
	struct ledger_count *forwarded = &sum->reasons[REASON_FORWARDED];
	uint64_t refused;

	sum_ledger(datapath, slot, sum);
	subtract_count(&sum->received, &start->received);
	for (int reason = 0; reason < REASON_COUNT; reason++)
		subtract_count(&sum->reasons[reason], &start->reasons[reason]);
	/* The program counted them as forwarded when it handed them to the device. */
	refused = sum->reasons[REASON_REDIRECT_FAILED].packets;
	forwarded->packets -= refused < forwarded->packets ? refused : forwarded->packets;
}

void datapath_reset_ledger(struct datapath *datapath, uint8_t slot) {
	sum_ledger(datapath, slot, &datapath->ledger_start[slot]);
}

int datapath_run_once(struct datapath *datapath, uint32_t ifindex, const void *frame, uint32_t size,
	void *out, uint32_t *out_size, uint32_t *action) {
	struct xdp_md context = {.data_end = size, .ingress_ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = size,
		.data_out = out, .data_size_out = *out_size, .ctx_in = &context,
		.ctx_size_in = sizeof(context), .repeat = 1);
	int error = bpf_prog_test_run_opts(
		bpf_program__fd(datapath->program->progs.heddle_fastpath), &options);

	*out_size = options.data_size_out;
	*action = options.retval;
	return error;
}

size_t datapath_memory(const struct datapath *datapath) {
	size_t bytes = 0;

	for (unsigned int i = 0; i < datapath->mapping_count; i++)
		bytes += datapath->mappings[i].size;
	return bytes;
}
