/*
 * iptables: see iptables.h. Legacy iptables knows no netlink: which tables there are stands in
 * /proc, what is in them is asked by socket options of any socket of the family. A table once
 * loaded stays, so that it is its chains that count: a hook's chain lies between hook_entry and
 * underflow, and at underflow the rule that is its policy.
 *
 * What cannot be read counts.
 */
#include "mirror/iptables.h"

#include "mirror/mirror_private.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ENTRIES_BYTES_MAX = 64 << 20 };

/* The two families' structures and options are alike, but for where an entry has its target. */
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "one for both");
_Static_assert((int)IPT_SO_GET_INFO == (int)IP6T_SO_GET_INFO, "one for both");
_Static_assert((int)IPT_SO_GET_ENTRIES == (int)IP6T_SO_GET_ENTRIES, "one for both");
_Static_assert(offsetof(struct ipt_get_entries, entrytable) ==
		       offsetof(struct ip6t_get_entries, entrytable),
	"one for both");

static const struct tool {
	const char *name;
	sa_family_t family;
	int level;
	const char *tables_path;
	size_t target_offset_at; /* in an entry */
} tools[] = {
	{"iptables", AF_INET, IPPROTO_IP, "/proc/thread-self/net/ip_tables_names",
		offsetof(struct ipt_entry, target_offset)},
	{"ip6tables", AF_INET6, IPPROTO_IPV6, "/proc/thread-self/net/ip6_tables_names",
		offsetof(struct ip6t_entry, target_offset)},
};

static const struct {
	unsigned int number;
	const char *name;
} hooks[] = {{NF_INET_PRE_ROUTING, "PREROUTING"}, {NF_INET_FORWARD, "FORWARD"},
	{NF_INET_POST_ROUTING, "POSTROUTING"}};

/* The table's entries, to be freed; NULL if they cannot be had. */
static uint8_t *read_entries(int fd, const struct tool *tool, const struct ipt_getinfo *info) {
	const size_t header_size = offsetof(struct ipt_get_entries, entrytable);
	socklen_t size = (socklen_t)(header_size + info->size);
	struct ipt_get_entries *answer;

	if (info->size > ENTRIES_BYTES_MAX)
		return NULL;
	answer = calloc(1, size);
	if (!answer)
		return NULL;
	memcpy(answer->name, info->name, sizeof(answer->name));
	answer->size = info->size;
	if (getsockopt(fd, tool->level, IPT_SO_GET_ENTRIES, answer, &size)) {
		free(answer);
		return NULL;
	}
	memmove(answer, (uint8_t *)answer + header_size, info->size);
	return (uint8_t *)answer;
}

static bool accepts(const struct tool *tool, const uint8_t *entries, size_t size, size_t at) {
	struct xt_standard_target target;
	uint16_t target_offset;

	if (at + tool->target_offset_at + sizeof(target_offset) > size)
		return false;
	memcpy(&target_offset, entries + at + tool->target_offset_at, sizeof(target_offset));
	if (at + target_offset + sizeof(target) > size)
		return false;
	memcpy(&target, entries + at + target_offset, sizeof(target));
	return target.target.u.user.name[0] == '\0' && target.verdict == -NF_ACCEPT - 1;
}

static void read_table(struct mirror *mirror, int fd, const struct tool *tool, const char *name) {
	struct mirror_hold hold = {.kind = HOLD_NETFILTER, .family = tool->family};
	struct ipt_getinfo info = {0};
	socklen_t size = sizeof(info);
	uint8_t *entries;

	snprintf(info.name, sizeof(info.name), "%s", name);
	if (getsockopt(fd, tool->level, IPT_SO_GET_INFO, &info, &size)) {
		hold_add(mirror, &hold, "legacy %s table %s (cannot be read: %s)", tool->name, name,
			strerror(errno));
		return;
	}
	entries = read_entries(fd, tool, &info);
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		unsigned int hook = hooks[i].number;

		if (!(info.valid_hooks & 1u << hook))
			continue;
		if (info.underflow[hook] != info.hook_entry[hook])
			hold_add(mirror, &hold, "legacy %s chain %s %s (has rules)", tool->name,
				name, hooks[i].name);
		else if (!entries || !accepts(tool, entries, info.size, info.underflow[hook]))
			hold_add(mirror, &hold, "legacy %s chain %s %s (policy drop)", tool->name,
				name, hooks[i].name);
	}
	free(entries);
}

static int read_tables(struct mirror *mirror, const struct tool *tool) {
	FILE *tables = fopen(tool->tables_path, "re");
	char name[XT_TABLE_MAXNAMELEN];
	int fd, error;

	if (!tables)
		return errno == ENOENT ? 0 : -errno; /* no such module */
	fd = socket(tool->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = fd < 0 ? -errno : 0;
	while (!error && fscanf(tables, "%31s", name) == 1)
		read_table(mirror, fd, tool, name);
	if (ferror(tables))
		error = -EIO;
	if (fd >= 0)
		close(fd);
	fclose(tables);
	return error;
}

int iptables_read(struct mirror *mirror) {
	int error = 0;

	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools) && !error; i++)
		error = read_tables(mirror, &tools[i]);
	return error;
}
