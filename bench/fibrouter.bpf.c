// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * fibrouter: the peer on the driver path: a plain XDP router, as the kernel's own sample is, which
 * asks the kernel's table by bpf_fib_lookup() for every packet and redirects.
 */
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 10, IFINDEX_MAX = 64 };

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, IFINDEX_MAX);
	__uint(key_size, sizeof(uint32_t));
	__uint(value_size, sizeof(uint32_t));
} transmit SEC(".maps");

SEC("xdp")
int fibrouter(struct xdp_md *context) {
	uint8_t *frame = (uint8_t *)(long)context->data;
	uint8_t *end = (uint8_t *)(long)context->data_end;
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;
	struct bpf_fib_lookup question = {.ifindex = context->ingress_ifindex};
	uint16_t type;

	if (ip + IPV4_HEADER_BYTES > end)
		return XDP_PASS;
	type = NET16(load16(frame + ETHERNET_TYPE));
	if (type == ETHERTYPE_IPV4) {
		if (ip[0] != IPV4_VERSION_4_IHL_5 || ip[IPV4_TTL] <= 1)
			return XDP_PASS;
		question.family = FAMILY_IPV4;
		question.tos = ip[IPV4_TOS];
		question.l4_protocol = ip[IPV4_PROTOCOL];
		question.tot_len = NET16(load16(ip + IPV4_TOTAL_LENGTH));
		question.ipv4_src = load32(ip + IPV4_SOURCE);
		question.ipv4_dst = load32(ip + IPV4_DESTINATION);
	} else if (type == ETHERTYPE_IPV6) {
		if (ip + IPV6_HEADER_BYTES > end || ip[IPV6_HOP_LIMIT] <= 1)
			return XDP_PASS;
		question.family = FAMILY_IPV6;
		question.l4_protocol = ip[IPV6_NEXT_HEADER];
		question.tot_len = NET16(load16(ip + IPV6_PAYLOAD_LENGTH));
		__builtin_memcpy(question.ipv6_src, ip + IPV6_SOURCE, 16);
		__builtin_memcpy(question.ipv6_dst, ip + IPV6_DESTINATION, 16);
	} else {
		return XDP_PASS;
	}
	if (bpf_fib_lookup(context, &question, sizeof(question), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return XDP_PASS;
	if (type == ETHERTYPE_IPV4)
		ipv4_decrement_ttl(ip);
	else
		ip[IPV6_HOP_LIMIT]--;
	__builtin_memcpy(frame + ETHERNET_DESTINATION, question.dmac, MAC_BYTES);
	__builtin_memcpy(frame + ETHERNET_SOURCE, question.smac, MAC_BYTES);
	return bpf_redirect_map(&transmit, question.ifindex, XDP_PASS);
}

const char licence[] SEC("license") = "Dual BSD/GPL";
