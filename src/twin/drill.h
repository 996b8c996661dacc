/*
 * drill: a failure, or its end, as an experiment: probes between all hosts before, during and
 * after; what the switches noticed, and when; and the proof that the tables come to what the model
 * says, with those failures.
 */
#pragma once

#include "twin/live.h"
#include "twin/probe.h"
#include "twin/watch.h"

enum drill_kind { DRILL_FAIL, DRILL_RESTORE, DRILL_FLAP, DRILL_CHANGE };

struct drill_request {
	enum drill_kind kind;
	int link, node; /* one of them; both FABRIC_NONE: all that has failed (restore) */
	bool is_silent; /* of a link: its carrier stays */
	/* Of a change of the caller's own: makes it; `at` gets the moment of it, in seconds of
	 * CLOCK_REALTIME. 0, or a negative errno after a message. */
	int (*change)(void *owner, double *at);
	void *owner;
	/* Called when the change was made; or NULL. */
	void (*began)(void *owner, double at);
	void *began_owner;
	unsigned int times; /* of a flap: down and up, so often */
	double flap_s;      /* of a flap: how long each is down, and then up */
	unsigned int rate;  /* probes a second, in all */
	size_t pairs;       /* of hosts, that probes run between, about */
	unsigned int flows; /* source ports tried for each pair of hosts and family */
	double patience_s;  /* how long convergence may take */
	double settle_s;    /* probes before, and after convergence */
};

/* A flow whose way is another than before. */
struct drill_way {
	int from, to;
	sa_family_t family;
	uint16_t port;
	struct probe_way before, after;
};

struct drill_report {
	double at; /* the change began; seconds of CLOCK_REALTIME */
	struct watch_report watch;
	double kernels_s;   /* the kernels' tables were found to be what the model says; 0: not */
	bool has_converged; /* all tables are */
	double converged_s; /* found so, after `at`; looked at every few milliseconds */
	size_t differences; /* if not */
	double longest_pause_s;    /* between two probes of any flows */
	struct probe_loss loss;    /* of pairs of hosts that had a way all the time, by the model */
	uint32_t pairs, pairs_hit; /* all, and those of them that lost probes */
	uint32_t pairs_cut;        /* that had none before, or after */
	size_t flows;
	struct drill_way *ways; /* that changed */
	size_t way_count;
};

/* 0, or a negative errno after a message; not to converge is no error. To be freed after 0. */
int drill_run(struct live *live, const struct drill_request *request, struct drill_report *report);
void drill_free(struct drill_report *report);
