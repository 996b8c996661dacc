/*
 * traffic_control: see traffic_control.h. A redirected frame passes by the egress qdisc and by all
 * filters: what only queues is no loss, what classifies, shapes or acts is a hold.
 */
#include "mirror/traffic_control.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* enum bpf_attach_type, include/uapi/linux/bpf.h; since 6.6, later than Debian 12's headers. */
enum { ATTACH_TCX_INGRESS = 46, ATTACH_TCX_EGRESS = 47 };

static bool only_queues(const char *kind) {
	static const char *const kinds[] = {
		"noqueue", "pfifo_fast", "pfifo", "bfifo", "mq", "fq", "fq_codel", "noop"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kind, kinds[i]))
			return true;
	}
	return false;
}

static void add(
	struct mirror *mirror, uint32_t ifindex, bool egress, const char *what, const char *kind) {
	const struct link *link = link_find(&mirror->links, ifindex);
	struct mirror_hold hold = {
		.kind = HOLD_TRAFFIC_CONTROL, .ifindex = ifindex, .egress = egress};

	hold_add(mirror, &hold, "%s%s %s of %s", what, kind,
		egress ? "at the egress" : "at the ingress",
		link ? link->shown.name : "a new link");
}

void qdisc_dumped(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nlattr *attributes[TCA_KIND + 1];
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);
	uint32_t ifindex;
	char kind[32];

	if (!attributes_parse(message, sizeof(*header), attributes, TCA_KIND)) {
		mirror->statistics.malformed++;
		return;
	}
	if (message->nlmsg_type != RTM_NEWQDISC || header->tcm_ifindex <= 0)
		return;
	ifindex = (uint32_t)header->tcm_ifindex;
	attribute_text(attributes[TCA_KIND], kind, sizeof(kind));
	if (!strcmp(kind, "ingress") || !strcmp(kind, "clsact"))
		add(mirror, ifindex, false, "qdisc ", kind);
	if (!strcmp(kind, "clsact") || (strcmp(kind, "ingress") && !only_queues(kind)))
		add(mirror, ifindex, true, "qdisc ", kind);
}

static void read_dumped(void *context, const struct nlmsghdr *message) {
	qdisc_dumped(context, message);
}

/* 1 if there is one, 0 if none, or a negative errno. */
static int has_tcx_program(uint32_t ifindex, unsigned int attach_type) {
	union bpf_attr query;

	memset(&query, 0, sizeof(query));
	query.query.target_fd = ifindex; /* target_ifindex, in a union with it since 6.6 */
	query.query.attach_type = attach_type;
	if (!syscall(SYS_bpf, BPF_PROG_QUERY, &query, sizeof(query)))
		return query.query.prog_cnt > 0;
	if (errno == EINVAL || errno == ENODEV || errno == ENOENT)
		return 0; /* an older kernel, a link just gone, none */
	return -errno;
}

static int read_tcx(struct mirror *mirror) {
	for (size_t i = 0; i < mirror->links.count; i++) {
		uint32_t ifindex = mirror->links.sorted[i]->shown.ifindex;

		int ingress = has_tcx_program(ifindex, ATTACH_TCX_INGRESS);
		int egress = has_tcx_program(ifindex, ATTACH_TCX_EGRESS);

		if (ingress < 0 || egress < 0)
			return ingress < 0 ? ingress : egress;
		if (ingress)
			add(mirror, ifindex, false, "tcx ", "program");
		if (egress)
			add(mirror, ifindex, true, "tcx ", "program");
	}
	return 0;
}

static int read_all(struct mirror *mirror) {
	struct netlink_reader reader = {read_dumped, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[64];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	int error;

	request->nlmsg_type = RTM_GETQDISC;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(request, sizeof(struct tcmsg));
	error = netlink_ask(&mirror->questions, request, &reader);
	if (error && !netlink_is_absent(error))
		return error;
	return read_tcx(mirror);
}

void traffic_control_read(struct mirror *mirror) {
	hold_read(mirror, SOURCE_TRAFFIC_CONTROL, read_all);
}
