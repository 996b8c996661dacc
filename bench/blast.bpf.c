// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * blast: a packet generator in the kernel. Run by BPF_PROG_RUN on live frames, it makes each frame
 * afresh from a template (their pages are recycled) with the next of the destinations, and sends it
 * out of the device; and the sink, which counts and drops what comes back out of a router.
 */
#include "bench/blast.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLAST_DESTINATIONS_MAX);
	__type(key, uint32_t);
	__type(value, struct blast_destination);
} destinations SEC(".maps");

struct blast_template template;
uint32_t destination_mask; /* their number is a power of two */
uint32_t action;           /* XDP_TX to send, XDP_DROP to measure the generator alone */
uint64_t next;             /* frames made so far */
uint64_t sunk;
uint64_t sunk_bytes;

/* The flow changes with the frame: source port by the upper bits of the count. */
ALWAYS_INLINE void write_ipv4(uint8_t *frame, const struct blast_destination *destination) {
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;
	uint64_t sum = template.checksum_rest + (uint64_t)load32(destination->address);

	store32(ip + IPV4_DESTINATION, load32(destination->address));
	store16(ip + IPV4_CHECKSUM, (uint16_t)~checksum_fold(sum));
}

ALWAYS_INLINE void write_ipv6(uint8_t *frame, const struct blast_destination *destination) {
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;

	store64(ip + IPV6_DESTINATION, load64(destination->address));
	store64(ip + IPV6_DESTINATION + 8, load64(destination->address + 8));
}

SEC("xdp")
int blast_generate(struct xdp_md *context) {
	uint8_t *frame = (uint8_t *)(long)context->data;
	uint8_t *end = (uint8_t *)(long)context->data_end;
	uint32_t index = (uint32_t)next++ & destination_mask;
	const struct blast_destination *destination = bpf_map_lookup_elem(&destinations, &index);

	if (!destination || frame + BLAST_HEADER_BYTES > end)
		return XDP_ABORTED;
#pragma unroll
	for (int i = 0; i < BLAST_HEADER_BYTES / 8; i++)
		store64(frame + 8 * i, template.words[i]);
	if (template.is_ipv6)
		write_ipv6(frame, destination);
	else
		write_ipv4(frame, destination);
	return (int)action;
}

SEC("xdp")
int blast_sink(struct xdp_md *context) {
	uint8_t *frame = (uint8_t *)(long)context->data;
	uint8_t *end = (uint8_t *)(long)context->data_end;
	uint16_t type;

	if (frame + ETHERNET_HEADER_BYTES > end)
		return XDP_PASS;
	type = NET16(load16(frame + ETHERNET_TYPE));
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		return XDP_PASS;
	if (frame + BLAST_HEADER_BYTES > end ||
		load32(frame + (type == ETHERTYPE_IPV4 ? BLAST_PORTS_IPV4 : BLAST_PORTS_IPV6)) !=
			template.ports)
		return XDP_PASS; /* somebody else's: ARP, ND, routing daemons */
	__sync_fetch_and_add(&sunk, 1);
	return XDP_DROP;
}

const char licence[] SEC("license") = "Dual BSD/GPL";
