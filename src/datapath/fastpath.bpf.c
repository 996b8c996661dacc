// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * fastpath: the driver path. One XDP program for all ports: it finds the port, lets the stages
 * decide, counts the frame, and redirects it or leaves it to the kernel as it came.
 *
 * Two tracing programs complete the ledger: a frame that was redirected may still be refused by the
 * device that it was sent to, and only these tracepoints tell.
 */
#include "datapath/maps.bpf.h"
#include "datapath/pipeline.h"

#include <bpf/bpf_tracing.h>

enum { IFINDEX_SLOTS = 1 << 16 };

/* Set before loading. */
const volatile uint64_t flow_seed = 0;
const volatile bool jumbo_frames = false; /* a frame may lie in several buffers */
const volatile uint32_t namespace_inode = 0;

/* From the low bits of an ifindex to its port slot; the port itself holds the whole ifindex. */
uint8_t slot_of_ifindex[IFINDEX_SLOTS];

ALWAYS_INLINE const struct port *receive(uint32_t ifindex) {
	uint32_t slot = slot_of_ifindex[ifindex & (IFINDEX_SLOTS - 1)];
	const struct port *port = bpf_map_lookup_elem(&ports, &slot);

	return port && port->ifindex == ifindex ? port : NULL;
}

ALWAYS_INLINE struct ledger_entry *ledger_of(uint32_t slot) {
	uint32_t index = bpf_get_smp_processor_id() * PORTS_MAX + slot;

	return bpf_map_lookup_elem(&ledger, &index);
}

ALWAYS_INLINE void account(struct ledger_entry *entry, enum reason reason, uint32_t bytes) {
	ledger_add(&entry->received, bytes);
	if (reason < REASON_COUNT)
		ledger_add(&entry->reasons[reason], bytes);
}

/* Cuts off what trails the IP packet (Ethernet padding), as the kernel does when it forwards. */
ALWAYS_INLINE bool trim(struct xdp_md *context, const struct frame *frame, uint32_t length) {
	if (LIKELY(frame->length == length))
		return true;
	return bpf_xdp_adjust_tail(context, (int)length - (int)frame->length) == 0;
}

ALWAYS_INLINE int transmit_frame(struct xdp_md *context, const struct decision *decision) {
	uint8_t *data = (uint8_t *)(long)context->data;
	uint8_t *end = (uint8_t *)(long)context->data_end;

	if (data + ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES <= end ||
		data + ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES <= end) {
		rewrite(data, decision);
		mark_used(decision->nexthop);
		return bpf_redirect_map(&transmit, decision->egress, XDP_DROP);
	}
	return XDP_DROP;
}

SEC("xdp.frags")
int heddle_fastpath(struct xdp_md *context) {
	struct frame frame = {
		.data = (uint8_t *)(long)context->data,
		.end = (uint8_t *)(long)context->data_end,
	};
	const struct port *port = receive(context->ingress_ifindex);
	struct ledger_entry *entry = ledger_of(port ? port->slot : 0);
	struct decision decision = {};
	enum reason reason;

	frame.length = jumbo_frames ? bpf_xdp_get_buff_len(context) : frame.end - frame.data;
	if (UNLIKELY(!entry))
		return XDP_PASS;
	if (UNLIKELY(!port)) {
		account(entry, REASON_NOT_A_HEDDLE_PORT, frame.length);
		return XDP_PASS;
	}
	reason = decide(NULL, port, &frame, flow_seed, &decision);
	if (reason == REASON_FORWARDED && !trim(context, &frame, decision.frame_length))
		reason = REASON_TRUNCATED;
	account(entry, reason, frame.length);
	if (reason == REASON_BLACKHOLE)
		return XDP_DROP;
	/* The verifier does not know that FORWARDED comes with a next hop: check, unoptimised. */
	barrier_var(decision.nexthop);
	if (reason != REASON_FORWARDED || !decision.nexthop)
		return XDP_PASS;
	return transmit_frame(context, &decision);
}

/* Of the kernel's own structures, only what is read (CO-RE relocates them to the running one). */
struct ns_common {
	unsigned int inum;
} __attribute__((preserve_access_index));

struct net {
	struct ns_common ns;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

ALWAYS_INLINE void account_refused(const struct net_device *from, uint32_t frames) {
	const struct port *port;
	struct ledger_entry *entry;

	if (from->nd_net.net->ns.inum != namespace_inode)
		return;
	port = receive(from->ifindex);
	entry = port ? ledger_of(port->slot) : NULL;
	if (entry)
		entry->reasons[REASON_REDIRECT_FAILED].packets += frames;
}

/* The device took `sent` of a burst of frames and refused the rest. */
SEC("tp_btf/xdp_devmap_xmit")
int BPF_PROG(heddle_burst_sent, const struct net_device *from, const struct net_device *to,
	int sent, int refused, int error) {
	if (refused > 0)
		account_refused(from, refused);
	return 0;
}

/* A frame did not get as far as a burst: the device is down, or the frame larger than its MTU. */
SEC("tp_btf/xdp_redirect_err")
int BPF_PROG(heddle_redirect_refused, const struct net_device *from) {
	account_refused(from, 1);
	return 0;
}

const char licence[] SEC("license") = "Dual BSD/GPL";
