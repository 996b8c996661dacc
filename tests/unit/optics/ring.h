/* ring: what tests of plans share: a ring of four sites with a chord (golden/optics, ring.json: W,
 * X, Y, Z, 80 km apart, but Z and W 90; and 200 km from W to Y), designed, and services over it. */
#pragma once

#include "fixture.h"

#include "optics/plan.h"

extern struct ring {
	struct equipment equipment;
	struct network network;
	struct sections sections;
	struct sim_params sim;
} ring;

/* Of a group of tests. */
int ring_open(void **state);
int ring_close(void **state);

#define SERVICE(id, from, to, mode, spacing, rate, more, route)                                    \
	"{\"request-id\": \"" id "\", \"source\": \"" from "\", \"destination\": \"" to            \
	"\", \"bidirectional\": true, \"path-constraints\": {\"te-bandwidth\": {\"trx_type\": "    \
	"\"t\", \"trx_mode\": " mode ", \"spacing\": " spacing ", \"path_bandwidth\": " rate more  \
	"}}" route "}"
#define SLOT(n, m) ", \"effective-freq-slot\": [{\"N\": " n ", \"M\": " m "}]"
#define HOP(type, name)                                                                            \
	", \"explicit-route-objects\": {\"route-object-include-exclude\": [{\"index\": 0, "        \
	"\"explicit-route-usage\": \"route-include-ero\", \"num-unnum-hop\": {\"node-id\": "       \
	"\"" name "\", \"hop-type\": \"" type "\"}}]}"
#define AVOID(name)                                                                                \
	", \"explicit-route-objects\": {\"route-object-include-exclude\": [{\"index\": 0, "        \
	"\"explicit-route-usage\": \"route-exclude-ero\", \"num-unnum-hop\": {\"node-id\": "       \
	"\"" name "\"}}]}"
#define APART(id, one, other, kinds)                                                               \
	"{\"synchronization-id\": \"" id "\", \"svec\": {\"disjointness\": \"" kinds               \
	"\", \"request-id-number\": [\"" one "\", \"" other "\"]}}"

/* A service file of these; its path. */
const char *ring_services(const char *requests, const char *groups);

struct made {
	struct services services;
	struct plan_options options;
	struct plan plan;
};

/* A plan of services; it stays where it is. */
void ring_plan(struct made *made, const char *requests, const char *groups, bool compat);
void ring_drop(struct made *made);

/* The route's sites as a word: "WXY". */
const char *ring_sites(const struct carried *carried);
