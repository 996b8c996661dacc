/* xfrm: see xfrm.h. Any policy counts, as does a default that blocks what no policy allows. */
#include "mirror/xfrm.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <errno.h>
#include <linux/xfrm.h>

static const char *direction_name(uint8_t direction) {
	return direction == XFRM_POLICY_IN ? "in" : direction == XFRM_POLICY_OUT ? "out" : "fwd";
}

static void policy_dumped(struct mirror *mirror, const struct xfrm_userpolicy_info *policy) {
	struct mirror_hold hold = {.kind = HOLD_XFRM, .family = policy->sel.family};

	if (policy->dir > XFRM_POLICY_FWD)
		return; /* of a socket */
	if (!family_is_ip(hold.family))
		hold.family = AF_UNSPEC;
	hold_add(mirror, &hold, "xfrm policy %u, direction %s", policy->index,
		direction_name(policy->dir));
}

static void default_told(struct mirror *mirror, const struct xfrm_userpolicy_default *defaults) {
	struct mirror_hold hold = {.kind = HOLD_XFRM};

	if (defaults->fwd == XFRM_USERPOLICY_BLOCK || defaults->out == XFRM_USERPOLICY_BLOCK)
		hold_add(mirror, &hold, "xfrm blocks by default");
}

void xfrm_dumped(struct mirror *mirror, const struct nlmsghdr *message) {
	size_t size = mnl_nlmsg_get_payload_len(message);
	const void *payload = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_type == XFRM_MSG_NEWPOLICY &&
		size >= sizeof(struct xfrm_userpolicy_info))
		policy_dumped(mirror, payload);
	else if (message->nlmsg_type == XFRM_MSG_GETDEFAULT &&
		 size >= sizeof(struct xfrm_userpolicy_default))
		default_told(mirror, payload);
	else
		mirror->statistics.malformed++;
}

static void read_dumped(void *context, const struct nlmsghdr *message) {
	xfrm_dumped(context, message);
}

static int ask(struct mirror *mirror, uint16_t type, uint16_t flags, size_t header_size) {
	struct netlink_reader reader = {read_dumped, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	int error;

	request->nlmsg_type = type;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	mnl_nlmsg_put_extra_header(request, header_size);
	error = netlink_ask_once(NETLINK_XFRM, request, &reader);
	return netlink_is_absent(error) ? 0 : error; /* the defaults are told since 5.15 */
}

static int read_all(struct mirror *mirror) {
	int error = ask(mirror, XFRM_MSG_GETPOLICY, NLM_F_DUMP, sizeof(struct xfrm_userpolicy_id));

	if (error)
		return error;
	return ask(mirror, XFRM_MSG_GETDEFAULT, 0, sizeof(struct xfrm_userpolicy_default));
}

void xfrm_read(struct mirror *mirror) {
	hold_read(mirror, SOURCE_XFRM, read_all);
}
