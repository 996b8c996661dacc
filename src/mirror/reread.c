/* reread: see reread.h. */
#include "mirror/reread.h"

#include "mirror/netfilter.h"
#include "mirror/traffic_control.h"
#include "mirror/xdp_features.h"
#include "mirror/xfrm.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const uint64_t millisecond_ns = 1000000;
static const uint64_t second_ns = 1000000000;

enum {
	AUDIT_DELAY_MS = 1000,
	AUDIT_DELAY_DOUBLINGS = 5,
	AUDIT_PATIENCE = 5, /* delays in all */
	REREAD_PAUSE_MS = 50,
	RETRY_MS = 1000,
};

/* An audit waits until a second has passed without a cause for it, or some seconds in all; longer
 * when audits are interrupted, as they are while routes churn. */
static uint64_t audit_due(struct mirror *mirror) {
	unsigned int doublings = mirror->audits_in_vain;
	uint64_t delay, due, latest;

	if (doublings > AUDIT_DELAY_DOUBLINGS)
		doublings = AUDIT_DELAY_DOUBLINGS;
	delay = AUDIT_DELAY_MS * millisecond_ns << doublings;
	if (!mirror->reread_due_ns[REREAD_ALL])
		mirror->audit_wanted_ns = mirror->now_ns;
	due = mirror->now_ns + delay;
	latest = mirror->audit_wanted_ns + AUDIT_PATIENCE * delay;
	return due < latest ? due : latest;
}

static uint64_t reread_due_at(const struct mirror *mirror, enum reread what) {
	uint64_t due = mirror->reread_last_ns[what] + REREAD_PAUSE_MS * millisecond_ns;

	return due > mirror->now_ns ? due : mirror->now_ns;
}

void mirror_want(struct mirror *mirror, enum reread what) {
	if (mirror->loading)
		return;
	if (what == REREAD_ALL && mirror->dumping)
		return; /* it is what is being done */
	if (what == REREAD_ALL) {
		audit_cancel(mirror);
		mirror->reread_due_ns[what] = audit_due(mirror);
	} else if (!mirror->reread_due_ns[what]) {
		mirror->reread_due_ns[what] = reread_due_at(mirror, what);
	}
}

void mirror_retry(struct mirror *mirror, enum reread what) {
	mirror->reread_due_ns[what] = mirror->now_ns + RETRY_MS * millisecond_ns;
}

void reread_now(struct mirror *mirror, enum reread what) {
	mirror->reread_due_ns[what] = 0;
	switch (what) {
	case REREAD_ALL:
		audit_begin(mirror);
		break;
	case REREAD_RULES:
		rules_read(mirror);
		break;
	case REREAD_NETFILTER:
		netfilter_read(mirror);
		break;
	case REREAD_TRAFFIC_CONTROL:
		traffic_control_read(mirror);
		break;
	case REREAD_XFRM:
		xfrm_read(mirror);
		break;
	case REREAD_XDP_FEATURES:
		xdp_features_read(mirror);
		break;
	case REREAD_SYSCTLS:
		links_read_sysctls(mirror);
		break;
	case REREADS:
		break;
	}
	mirror->reread_last_ns[what] = reread_clock_ns();
}

void reread_due(struct mirror *mirror) {
	for (enum reread what = 0; what < REREADS; what++) {
		if (mirror->reread_due_ns[what] && mirror->reread_due_ns[what] <= mirror->now_ns)
			reread_now(mirror, what);
	}
}

void reread_set_timer(struct mirror *mirror) {
	struct itimerspec when = {0};
	uint64_t next = UINT64_MAX;

	for (enum reread what = 0; what < REREADS; what++) {
		if (mirror->reread_due_ns[what] && mirror->reread_due_ns[what] < next)
			next = mirror->reread_due_ns[what];
	}
	if (next != UINT64_MAX) {
		when.it_value.tv_sec = (time_t)(next / second_ns);
		when.it_value.tv_nsec = (long)(next % second_ns);
	}
	if (next == mirror->timer_ns)
		return;
	mirror->timer_ns = next;
	timerfd_settime(mirror->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void reread_clear_timer(struct mirror *mirror) {
	uint64_t expirations;

	mirror->timer_ns = UINT64_MAX;
	if (read(mirror->timer_fd, &expirations, sizeof(expirations)) < 0)
		return; /* set anew meanwhile */
}

uint64_t reread_clock_ns(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * second_ns + (uint64_t)now.tv_nsec;
}
