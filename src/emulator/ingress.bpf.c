// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * ingress: what runs where frames arrive at an end of a wire. It writes the time before the frame,
 * so that a delay counts from arrival and not from when user space was woken, and hands the frame
 * to the AF_XDP socket of its queue.
 */
#include <linux/bpf.h>
#include <stdint.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1); /* as many as queues: set before loading */
	__type(key, uint32_t);
	__type(value, uint32_t);
} sockets SEC(".maps");

/* Frames on queues that have no socket: the interface was given more of them since. */
uint64_t unserved = 0;

SEC("xdp.frags")
int heddle_wire(struct xdp_md *context) {
	int verdict;

	if (bpf_xdp_adjust_meta(context, -(int)sizeof(uint64_t)) == 0) {
		uint64_t *arrival = (uint64_t *)(long)context->data_meta;

		if ((void *)(arrival + 1) <= (void *)(long)context->data)
			*arrival = bpf_ktime_get_ns();
	}
	verdict = (int)bpf_redirect_map(&sockets, context->rx_queue_index, XDP_DROP);
	if (verdict != XDP_REDIRECT)
		__sync_fetch_and_add(&unserved, 1);
	return verdict;
}

const char licence[] SEC("license") = "Dual BSD/GPL";
