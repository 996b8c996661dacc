/* audit: see audit.h. Links come first, since all else is judged by them; neighbours last, for the
 * routes that cover them. Routes are what there may be a million of: they alone are read by turns.
 */
#include "mirror/audit.h"

#include "mirror/mirror_private.h"
#include "mirror/reread.h"

#include "base/log.h"
#include "table/rib.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/epoll.h>

enum { DATAGRAMS_A_TURN = 16 /* of up to 32 kB: about 5,000 routes, some milliseconds */ };

static void sweep_routes4(struct mirror *mirror) {
	routes_sweep(mirror, AF_INET);
}

static void sweep_routes6(struct mirror *mirror) {
	routes_sweep(mirror, AF_INET6);
}

static const struct step {
	uint16_t type;
	uint8_t family;
	uint8_t header_size;
	void (*sweep)(struct mirror *mirror); /* of what the dump did not show */
} steps[] = {
	{RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg), links_sweep},
	{RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg), addresses_sweep},
	{RTM_GETNEXTHOP, AF_UNSPEC, sizeof(struct nhmsg), nexthop_objects_sweep},
	{RTM_GETROUTE, AF_INET, sizeof(struct rtmsg), sweep_routes4},
	{RTM_GETROUTE, AF_INET6, sizeof(struct rtmsg), sweep_routes6},
	{RTM_GETNEIGH, AF_INET, sizeof(struct ndmsg), NULL},
	{RTM_GETNEIGH, AF_INET6, sizeof(struct ndmsg), neighbours_sweep},
};

enum { STEPS = sizeof(steps) / sizeof(*steps) };

static void read_message(void *context, const struct nlmsghdr *message) {
	mirror_dispatch(context, message);
}

static struct nlmsghdr *put_request(uint8_t *buffer, const struct step *step) {
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	uint8_t *header;

	request->nlmsg_type = step->type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header = mnl_nlmsg_put_extra_header(request, step->header_size);
	header[0] = step->family; /* the first field of each of these headers */
	return request;
}

/* Ends a step. A dump that was interrupted may have left something out, which then must not be
 * swept; notifications tell what changed, and another audit makes sure. */
static void end_step(struct mirror *mirror, int error) {
	struct audit *audit = &mirror->audit;
	const struct step *step = &steps[audit->step++];
	int error_before = audit->step_error;

	if (error == -EOPNOTSUPP || error == -EAFNOSUPPORT)
		error = 0; /* a kernel without it has none of it */
	if (error && error != -EAGAIN)
		log_error("netlink: dump of type %u failed: %s", step->type, strerror(-error));
	if (error && (!audit->error || audit->error == -EAGAIN))
		audit->error = error;
	audit->step_error = error;
	if (error || !step->sweep || (step->sweep == neighbours_sweep && error_before))
		return;
	step->sweep(mirror);
}

static void do_step(struct mirror *mirror) {
	struct netlink_reader reader = {read_message, mirror};
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[128];

	end_step(mirror, netlink_ask(&mirror->questions,
				 put_request(buffer, &steps[mirror->audit.step]), &reader));
}

static void start(struct mirror *mirror) {
	mirror->audit.step = 0;
	mirror->audit.error = 0;
	mirror_dump_begin(mirror);
}

int audit_at_once(struct mirror *mirror) {
	audit_cancel(mirror);
	start(mirror);
	while (mirror->audit.step < STEPS)
		do_step(mirror);
	mirror_end_dump(mirror);
	return mirror->audit.error;
}

static void stop_watching(struct audit *audit) {
	if (audit->told)
		rib_destroy(audit->told);
	audit->told = NULL;
	audit->family = AF_UNSPEC;
}

static void finish(struct audit *audit) {
	stop_watching(audit);
	if (audit->under_way)
		netlink_close(&audit->netlink);
	audit->under_way = false;
}

static int open_socket(struct mirror *mirror) {
	struct netlink *netlink = &mirror->audit.netlink;
	struct epoll_event event = {.events = EPOLLIN};
	int error = netlink_open(netlink, NETLINK_ROUTE, NETLINK_ASK);

	if (error)
		return error;
	event.data.fd = netlink_fd(netlink);
	if (!epoll_ctl(mirror->epoll_fd, EPOLL_CTL_ADD, event.data.fd, &event))
		return 0;
	error = -errno;
	netlink_close(netlink);
	return error;
}

static int ask_for_routes(struct mirror *mirror) {
	struct audit *audit = &mirror->audit;
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[128];
	int error;

	error = audit_watch(mirror, steps[audit->step].family);
	if (error)
		return error;
	return netlink_send(&audit->netlink, put_request(buffer, &steps[audit->step]));
}

/* Does the steps up to the next dump of routes, or to the end. */
static void advance(struct mirror *mirror) {
	struct audit *audit = &mirror->audit;
	int error = 0;

	while (audit->step < STEPS && steps[audit->step].type != RTM_GETROUTE)
		do_step(mirror);
	if (audit->step < STEPS)
		error = ask_for_routes(mirror);
	mirror->dumping = false;
	if (error) {
		audit_disturb(mirror);
	} else if (audit->step == STEPS) {
		finish(audit);
		mirror_end_dump(mirror);
		mirror_audited(mirror, audit->error);
	}
}

void audit_begin(struct mirror *mirror) {
	if (mirror->audit.under_way)
		return;
	if (open_socket(mirror)) {
		mirror->audits_in_vain++;
		mirror_want(mirror, REREAD_ALL);
		return;
	}
	mirror->audit.under_way = true;
	start(mirror);
	advance(mirror);
}

void audit_go_on(struct mirror *mirror) {
	struct netlink_reader reader = {read_message, mirror};
	struct audit *audit = &mirror->audit;
	bool more = true;
	int error = 0;

	mirror->dumping = true;
	for (unsigned int i = 0; i < DATAGRAMS_A_TURN && more && !error; i++)
		error = netlink_receive(&audit->netlink, &reader, &more);
	if (more && !error) {
		mirror->dumping = false;
		return;
	}
	end_step(mirror, error);
	stop_watching(audit);
	advance(mirror);
}

void audit_cancel(struct mirror *mirror) {
	mirror->audits_in_vain += mirror->audit.under_way;
	finish(&mirror->audit);
}

void audit_disturb(struct mirror *mirror) {
	if (mirror->audit.under_way)
		mirror_want(mirror, REREAD_ALL); /* which cancels it */
}

int audit_watch(struct mirror *mirror, sa_family_t family) {
	struct audit *audit = &mirror->audit;

	stop_watching(audit);
	audit->told = rib_create(family_bytes(family));
	if (!audit->told)
		return -ENOMEM;
	audit->family = family;
	return 0;
}

void audit_told(
	struct mirror *mirror, sa_family_t family, const uint8_t *prefix, unsigned int prefix_len) {
	struct audit *audit = &mirror->audit;

	if (family == audit->family && rib_set(audit->told, prefix, prefix_len, 1))
		audit_disturb(mirror);
}

bool audit_passes_over(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len) {
	const struct audit *audit = &mirror->audit;
	uint32_t value;

	return family == audit->family && !rib_get(audit->told, prefix, prefix_len, &value);
}
