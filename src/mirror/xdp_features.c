/* xdp_features: see xdp_features.h. */
#include "mirror/xdp_features.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

/* include/uapi/linux/netdev.h, since 6.3: later than Debian 12's headers. */
enum {
	NETDEV_DEV_IFINDEX = 1,
	NETDEV_DEV_XDP_FEATURES = 3,
	NETDEV_COMMAND_DEV_GET = 1,
	NETDEV_COMMAND_DEV_ADD = 2,
	NETDEV_COMMAND_DEV_CHANGE = 4,
};
#define NETDEV_FAMILY "netdev"
#define NETDEV_GROUP  "mgmt"

static struct nlmsghdr *put_request(
	void *buffer, uint16_t family, uint16_t flags, uint8_t command) {
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *header;

	request->nlmsg_type = family;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->cmd = command;
	header->version = 1;
	return request;
}

static void read_group(struct mirror *mirror, const struct nlattr *group) {
	const struct nlattr *attributes[CTRL_ATTR_MCAST_GRP_ID + 1];
	char name[GENL_NAMSIZ];

	attributes_parse_nest(group, attributes, CTRL_ATTR_MCAST_GRP_ID);
	attribute_text(attributes[CTRL_ATTR_MCAST_GRP_NAME], name, sizeof(name));
	if (!strcmp(name, NETDEV_GROUP))
		mirror->netdev_group = attribute_u32(attributes[CTRL_ATTR_MCAST_GRP_ID], 0);
}

static void family_told(void *context, const struct nlmsghdr *message) {
	const struct nlattr *attributes[CTRL_ATTR_MCAST_GROUPS + 1], *group;
	struct mirror *mirror = context;

	if (!attributes_parse(
		    message, sizeof(struct genlmsghdr), attributes, CTRL_ATTR_MCAST_GROUPS) ||
		!attribute_has(attributes[CTRL_ATTR_FAMILY_ID], sizeof(uint16_t)))
		return;
	mirror->netdev_family = mnl_attr_get_u16(attributes[CTRL_ATTR_FAMILY_ID]);
	if (!attributes[CTRL_ATTR_MCAST_GROUPS])
		return;
	mnl_attr_for_each_nested(group, attributes[CTRL_ATTR_MCAST_GROUPS])
		read_group(mirror, group);
}

void xdp_features_handle(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nlattr *attributes[NETDEV_DEV_XDP_FEATURES + 1];
	const struct genlmsghdr *header = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_type != mirror->netdev_family)
		return;
	if (!attributes_parse(message, sizeof(*header), attributes, NETDEV_DEV_XDP_FEATURES)) {
		mirror->statistics.malformed++;
		return;
	}
	if (header->cmd != NETDEV_COMMAND_DEV_GET && header->cmd != NETDEV_COMMAND_DEV_ADD &&
		header->cmd != NETDEV_COMMAND_DEV_CHANGE)
		return;
	if (attribute_has(attributes[NETDEV_DEV_XDP_FEATURES], sizeof(uint64_t)))
		link_set_xdp_features(mirror, attribute_u32(attributes[NETDEV_DEV_IFINDEX], 0),
			mnl_attr_get_u64(attributes[NETDEV_DEV_XDP_FEATURES]));
}

static void read_dumped(void *context, const struct nlmsghdr *message) {
	xdp_features_handle(context, message);
}

void xdp_features_open(struct mirror *mirror) {
	struct netlink_reader reader = {family_told, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[128];
	struct nlmsghdr *request = put_request(buffer, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);

	if (getenv("HEDDLE_WITHOUT_XDP_FEATURES"))
		return; /* for tests: as on a kernel before 6.3 */
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY);
	if (netlink_ask_once(NETLINK_GENERIC, request, &reader) || !mirror->netdev_family)
		return;
	if (mirror->netdev_group)
		netlink_join(&mirror->generic, mirror->netdev_group);
}

void xdp_features_read(struct mirror *mirror) {
	struct netlink_reader reader = {read_dumped, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[64];

	if (mirror->netdev_family)
		netlink_ask_once(NETLINK_GENERIC,
			put_request(
				buffer, mirror->netdev_family, NLM_F_DUMP, NETDEV_COMMAND_DEV_GET),
			&reader);
}
