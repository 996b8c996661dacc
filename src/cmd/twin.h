/* twin: what the actions of `heddle twin` have in common: what the command line says. */
#pragma once

#include "twin/twin.h"

struct live;
struct timeline;

struct twin_request {
	const char *action;
	const char *name;  /* of the twin; NULL: the only one there is */
	const char *state; /* --state, a file; NULL: none */
	struct twin_options up;
	bool json;
	bool all;            /* --all: pairs that are as they should be, too */
	bool silent;         /* --silent: a link keeps its carrier */
	double seconds;      /* --for; 0: not said */
	unsigned int times;  /* --times */
	unsigned int rate;   /* --rate, probes a second */
	unsigned int pairs;  /* --pairs, of hosts; 0: not said */
	unsigned int flows;  /* --flows, source ports tried for each pair of hosts; 0: not said */
	const char *traffic; /* --traffic, a file */
	const char *http;    /* --http, where to serve the page; NULL: nowhere */
	double scale;        /* --scale, of its rates */
	struct timeline *timeline; /* where reports go */
	bool is_played;            /* of a scenario: reports are not printed besides */
	char **words;              /* after the action */
	int count;
};

/* The link that the command line means (fabric_find_link). 0, or a negative errno after a message.
 */
int twin_find_link(const struct fabric *fabric, const char *words, int *link);

/* Observes a change that its owner makes (drill.h, DRILL_CHANGE) as the command line has it, and
 * tells the report under `title`. Gives when the change was, seconds since the epoch; 0 if there is
 * no report. 0, or a negative errno after a message; -ETIME if what the twin came to is not proven.
 */
int twin_observe(const struct twin_request *request, struct live *live, const char *title,
	int (*change)(void *owner, double *at), void *owner);

/* Gives a twin's interconnects, which are as the intent says, what its light makes of them. 0, or a
 * negative errno after a message; 0 for a twin without light, too. */
int twin_light_begin(const char *name);

/* Each returns the exit status; EXIT_USAGE stands for words that do not fit. */
int twin_status(const struct twin_request *request);
int twin_fail(const struct twin_request *request);
int twin_restore(const struct twin_request *request);
int twin_flap(const struct twin_request *request);
int twin_light(const struct twin_request *request);
int twin_kill(const struct twin_request *request);
int twin_restart(const struct twin_request *request);
int twin_drain(const struct twin_request *request);
int twin_undrain(const struct twin_request *request);
int twin_serve(const struct twin_request *request);
int twin_model(const struct twin_request *request);
int twin_tell_timeline(const struct twin_request *request);
int twin_play(const struct twin_request *request);
int twin_wire(const struct twin_request *request);
int twin_applications(const struct twin_request *request);
int twin_probe(const struct twin_request *request);
