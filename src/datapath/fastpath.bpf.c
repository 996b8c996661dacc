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
#include <linux/errno.h>

/* Set before loading. */
const volatile uint64_t flow_seed = 0;
const volatile uint32_t namespace_inode = 0;

/* From the low bits of an ifindex to its port slot; the port itself holds the whole ifindex. */
uint8_t slot_of_ifindex[IFINDEX_SLOTS];

/* The port of this ifindex, if its own `ifindex` says so. */
ALWAYS_INLINE const struct port *port_of(uint32_t ifindex) {
	return &ports[slot_of_ifindex[ifindex & (IFINDEX_SLOTS - 1)]];
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

/* Not forwarded: the kernel's, or nobody's. */
ALWAYS_INLINE int leave(struct ledger_entry *entry, enum reason reason, uint32_t bytes) {
	account(entry, reason, bytes);
	return reason == REASON_BLACKHOLE ? XDP_DROP : XDP_PASS;
}

/* Cuts off what trails the IP packet (Ethernet padding), as the kernel does when it forwards. */
ALWAYS_INLINE bool trim(struct xdp_md *context, const struct frame *frame, uint32_t length) {
	if (LIKELY(frame->length == length))
		return true;
	return bpf_xdp_adjust_tail(context, (int)length - (int)frame->length) == 0;
}

/* False only for the verifier: the stages have read these headers. */
ALWAYS_INLINE bool rewrite_frame(struct xdp_md *context, const struct decision *decision) {
	uint8_t *data = (uint8_t *)(long)context->data;
	uint8_t *end = (uint8_t *)(long)context->data_end;

	if (data + ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES > end &&
		data + ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES > end)
		return false;
	rewrite(data, decision);
	mark_used(decision->nexthop);
	return true;
}

SEC("xdp.frags")
int heddle_fastpath(struct xdp_md *context) {
	struct frame frame = {
		.data = (uint8_t *)(long)context->data,
		.end = (uint8_t *)(long)context->data_end,
	};
	const struct port *port = port_of(context->ingress_ifindex);
	bool is_port = port->ifindex == context->ingress_ifindex;
	struct ledger_entry *entry = ledger_of(is_port ? port->slot : 0);
	struct decision decision = {};
	enum reason reason;

	frame.length = frame.end - frame.data;
	if (UNLIKELY(!entry))
		return XDP_PASS;
	if (UNLIKELY(!is_port))
		return leave(entry, REASON_NOT_A_HEDDLE_PORT, frame.length);
	if (UNLIKELY(port->flags & PORT_JUMBO_FRAMES))
		frame.length = bpf_xdp_get_buff_len(context);
	reason = decide(NULL, port, &frame, flow_seed, &decision);
	/* The verifier does not know that FORWARDED comes with a next hop. */
	if (reason != REASON_FORWARDED || !decision.nexthop)
		return leave(entry, reason, frame.length);
	/* The way out is asked first: it may have gone since the tables were written. */
	if (UNLIKELY(bpf_redirect_map(&transmit, decision.egress, XDP_PASS) != XDP_REDIRECT))
		return leave(entry, REASON_NOT_A_PORT, frame.length);
	if (UNLIKELY(!trim(context, &frame, decision.frame_length) ||
		     !rewrite_frame(context, &decision)))
		return leave(entry, REASON_TRUNCATED, frame.length);
	account(entry, REASON_FORWARDED, frame.length);
	return XDP_REDIRECT;
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

/* Whether it is a port of this daemon's, so that its frames go by the map `transmit`. */
ALWAYS_INLINE bool is_ours(const struct net_device *from) {
	return from->nd_net.net->ns.inum == namespace_inode &&
	       port_of(from->ifindex)->ifindex == (uint32_t)from->ifindex;
}

ALWAYS_INLINE void account_refused(const struct net_device *from, uint32_t frames) {
	struct ledger_entry *entry = ledger_of(port_of(from->ifindex)->slot);

	if (entry)
		entry->reasons[REASON_REDIRECT_FAILED].packets += frames;
}

/* Tells the daemon, once, that frames cannot leave by this slot at all. */
ALWAYS_INLINE void tell_refusal(uint32_t slot, int error) {
	uint8_t wake = 0;

	if (error != -ENXIO && error != -EOPNOTSUPP)
		return; /* down, or the frame too large: passes, or is known otherwise */
	slot &= PORTS_MAX - 1;
	if (refuses[slot])
		return;
	refuses[slot] = 1;
	bpf_ringbuf_output(&refusals, &wake, sizeof(wake), 0);
}

/* The device took `sent` of a burst of frames and refused the rest. */
SEC("tp_btf/xdp_devmap_xmit")
int BPF_PROG(heddle_burst_sent, const struct net_device *from, const struct net_device *to,
	int sent, int refused, int error) {
	if (refused <= 0 || !is_ours(from))
		return 0;
	account_refused(from, refused);
	if (port_of(to->ifindex)->ifindex == (uint32_t)to->ifindex)
		tell_refusal(port_of(to->ifindex)->slot, error);
	return 0;
}

/* A frame did not get as far as a burst: the device is down, the frame larger than its MTU, or the
 * driver cannot send such frames. `slot` is the index into the map `transmit`. */
SEC("tp_btf/xdp_redirect_err")
int BPF_PROG(heddle_redirect_refused, const struct net_device *from, const void *program,
	const void *to, int error, int map_type, uint32_t map_id, uint32_t slot) {
	if (!is_ours(from))
		return 0;
	account_refused(from, 1);
	tell_refusal(slot, error);
	return 0;
}

const char licence[] SEC("license") = "Dual BSD/GPL";
