/* routing: see routing.h. */
#include "optics/routing.h"

#include "optics/companies.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Routes tried before a search gives up: for services that are kept apart; for the next one that
 * passes what it should. More services than COMPANY_MOST that are tied to one another, through
 * others, are not looked at. */
enum { TRIES_MOST = 2000, CHOICES_MOST = 200, COMPANY_MOST = 1000 };

const char *blocking_name(enum blocking blocking) {
	static const char *const names[] = {NULL, "NO_PATH", "NO_PATH_WITH_CONSTRAINT",
		"NO_FEASIBLE_BAUDRATE_WITH_SPACING", "NO_FEASIBLE_MODE", "MODE_NOT_FEASIBLE",
		"NO_SPECTRUM", "NOT_ENOUGH_RESERVED_SPECTRUM"};

	return names[blocking];
}

/* ---- limits ---- */

/* Limits that can be added to. */
struct closed {
	bool *section, *node;
};

static struct closed closed_create(
	struct arena *arena, const struct sections *sections, const struct route_limits *limits) {
	struct closed closed = {arena_array(arena, sections->count, sizeof(bool)),
		arena_array(arena, sections->node_count, sizeof(bool))};

	if (limits && limits->no_section)
		memcpy(closed.section, limits->no_section, sections->count);
	if (limits && limits->no_node)
		memcpy(closed.node, limits->no_node, sections->node_count);
	return closed;
}

static struct route_limits limits_of(const struct closed *closed) {
	return (struct route_limits){closed->section, closed->node};
}

static void close_section(struct closed *closed, const struct sections *sections, int section) {
	if (!section_is_line(&sections->list[section]))
		return;
	closed->section[section] = true;
	if (sections->list[section].opposite != SECTION_NONE)
		closed->section[sections->list[section].opposite] = true;
}

static void close_excluded(
	struct closed *closed, const struct sections *sections, const struct service *service) {
	for (size_t i = 0; i < service->exclude_count; i++) {
		int element = service->excludes[i];

		if (sections->section_of[element] != SECTION_NONE)
			closed->section[sections->section_of[element]] = true;
		else if (sections->node_of[element] != NODE_NONE)
			closed->node[sections->node_of[element]] = true;
	}
}

static bool shares_risk(const struct section *one, const struct section *other) {
	size_t i = 0, k = 0;

	while (i < one->risk_count && k < other->risk_count) {
		if (one->risks[i] == other->risks[k])
			return true;
		if (one->risks[i] < other->risks[k])
			i++;
		else
			k++;
	}
	return false;
}

static void close_route(struct closed *closed, const struct sections *sections,
	const struct route *route, unsigned int kinds) {
	for (size_t i = 0; i < route->count; i++) {
		const struct section *section = &sections->list[route->sections[i]];

		close_section(closed, sections, route->sections[i]);
		if (kinds & DISJOINT_NODE)
			closed->node[section->to] = true;
		for (size_t s = 0; (kinds & DISJOINT_RISK) && s < sections->count; s++)
			if (shares_risk(section, &sections->list[s]))
				close_section(closed, sections, (int)s);
	}
}

/* Opens, or closes, what an end of a service cannot do without: itself and what it is patched to.
 */
static void set_ends(struct closed *closed, const struct sections *sections,
	const struct service *service, bool is_closed) {
	const int ends[] = {sections->node_of[service->from], sections->node_of[service->to]};

	for (int k = 0; k < 2; k++) {
		closed->node[ends[k]] = is_closed;
		for (size_t i = 0; i < sections->out_count[ends[k]]; i++) {
			const struct section *section = &sections->list[sections->out[ends[k]][i]];

			if (!section_is_line(section))
				closed->node[section->to] = is_closed;
		}
	}
}

/* ---- one ---- */

/* Elements that a service's route is to pass: all, or the strict ones. */
static int *wanted(
	struct arena *arena, const struct service *service, bool strict_only, size_t *count) {
	int *elements = arena_array(arena, service->include_count, sizeof(*elements));

	*count = 0;
	for (size_t i = 0; i < service->include_count; i++)
		if (service->includes[i].strict || !strict_only)
			elements[(*count)++] = service->includes[i].element;
	return elements;
}

static bool route_service(struct arena *arena, const struct sections *sections,
	const struct service *service, bool strict_only, const struct route_limits *limits,
	struct route *route) {
	size_t count;
	const int *elements = wanted(arena, service, strict_only, &count);

	return route_through(arena, sections, sections->node_of[service->from],
		       sections->node_of[service->to], elements, count, limits, route) == 0;
}

void routing_one(struct arena *arena, const struct sections *sections,
	const struct service *service, const struct route_limits *limits, struct routing *routing) {
	struct arena scratch = {0};
	struct closed closed = closed_create(&scratch, sections, limits);
	struct route_limits own;
	struct route any;

	*routing = (struct routing){0};
	close_excluded(&closed, sections, service);
	own = limits_of(&closed);
	if (!route_service(arena, sections, service, false, &own, &routing->route)) {
		routing->loose_left_out =
			route_service(arena, sections, service, true, &own, &routing->route);
		if (!routing->loose_left_out)
			routing->blocking =
				route_shortest(&scratch, sections, sections->node_of[service->from],
					sections->node_of[service->to], limits, &any)
					? BLOCKED_NO_PATH_WITH_CONSTRAINT
					: BLOCKED_NO_PATH;
	}
	arena_free(&scratch);
}

/* ---- its other routes ---- */

void routing_choice_begin(struct route_choice *choice, const struct sections *sections,
	const struct service *service, const struct route_limits *limits, bool strict_only) {
	struct closed closed;
	struct route_limits own;

	*choice = (struct route_choice){.sections = sections, .service = service};
	closed = closed_create(&choice->arena, sections, limits);
	close_excluded(&closed, sections, service);
	own = limits_of(&closed);
	choice->elements = wanted(&choice->arena, service, strict_only, &choice->count);
	choice->queue = route_queue_create(
		sections, sections->node_of[service->from], sections->node_of[service->to], &own);
}

bool routing_choice_next(
	struct route_choice *choice, const struct route *taken, struct route *route) {
	int from = choice->sections->node_of[choice->service->from];

	for (int tries = 0; tries < CHOICES_MOST && route_queue_next(choice->queue, route); tries++)
		if (!route_is_same(route, taken) && route_passes(choice->sections, route, from,
							    choice->elements, choice->count))
			return true;
	return false;
}

void routing_choice_end(struct route_choice *choice) {
	route_queue_free(choice->queue);
	arena_free(&choice->arena);
}

/* ---- several that are kept apart ---- */

/* A group, the last of which is routed first: the best routes so far, and those being tried. */
struct company {
	struct arena arena;
	const struct sections *sections;
	const struct services *services;
	const struct ties *ties;
	const size_t *members;
	const size_t *place; /* by service, among the members */
	size_t count;
	unsigned int kinds_kept; /* of disjointness, where others may be given up */
	bool strict_only, as_gnpy;
	struct route *tried, *best;
	double sum_m, best_m;
	size_t tries;
};

/* What is asked of a tie: kinds of disjointness. */
static unsigned int kinds_of(const struct company *company, const struct tie *tie) {
	return company->as_gnpy ? (tie->firm | tie->soft) & company->kinds_kept
				: tie->firm | (tie->soft & company->kinds_kept);
}

static const struct service *member(const struct company *company, size_t i) {
	return &company->services->list[company->members[i]];
}

/* What member `i` must do without, for those behind it have their routes. */
static struct closed close_others(struct company *company, size_t i) {
	struct closed closed = closed_create(&company->arena, company->sections, NULL);

	for (size_t t = 0; t < company->ties->count[company->members[i]]; t++) {
		const struct tie *tie = &company->ties->of[company->members[i]][t];
		size_t k = company->place[tie->other];
		unsigned int kinds = kinds_of(company, tie);

		if (kinds & DISJOINT_NODE)
			set_ends(&closed, company->sections, member(company, k), true);
		if (kinds && k > i)
			close_route(&closed, company->sections, &company->tried[k], kinds);
	}
	set_ends(&closed, company->sections, member(company, i), false);
	close_excluded(&closed, company->sections, member(company, i));
	return closed;
}

static void keep_tried(struct company *company) {
	memcpy(company->best, company->tried, company->count * sizeof(*company->best));
	company->best_m = company->sum_m;
}

static void try_members(struct company *company, size_t left);

static void try_route(struct company *company, size_t i, const struct route *route) {
	company->tries++;
	company->tried[i] = route_copy(&company->arena, route);
	company->sum_m += route->length_m;
	if (i == 0)
		keep_tried(company);
	else
		try_members(company, i);
	company->sum_m -= route->length_m;
}

static bool is_over(const struct company *company) {
	return company->tries >= TRIES_MOST || (company->as_gnpy && isfinite(company->best_m));
}

/* Routes of a member that is not the last to be tried, by length. */
static void try_routes(struct company *company, size_t i, const struct route_limits *limits) {
	const struct sections *sections = company->sections;
	const struct service *service = member(company, i);
	int from = sections->node_of[service->from];
	size_t count;
	const int *elements = wanted(&company->arena, service, company->strict_only, &count);
	struct route_queue *queue =
		route_queue_create(sections, from, sections->node_of[service->to], limits);
	struct route route;

	while (!is_over(company) && route_queue_next(queue, &route) &&
		company->sum_m + route.length_m < company->best_m) {
		if (route_passes(sections, &route, from, elements, count))
			try_route(company, i, &route);
		else
			company->tries++;
	}
	route_queue_free(queue);
}

/* The first `left` members are still without a route. */
static void try_members(struct company *company, size_t left) {
	size_t i = left - 1;
	struct closed closed = close_others(company, i);
	const struct route_limits limits = limits_of(&closed);
	struct route route;

	if (!route_service(&company->arena, company->sections, member(company, i),
		    company->strict_only, &limits, &route) ||
		company->sum_m + route.length_m >= company->best_m)
		return;
	try_route(company, i, &route);
	if (i > 0)
		try_routes(company, i, &limits);
}

static bool same_ends(const struct service *a, const struct service *b) {
	return a->from == b->from && a->to == b->to;
}

/* The shortest pair, where the two ask for nothing else: the first has the shorter one. False if
 * that is not theirs. */
static bool try_pair(struct company *company) {
	const struct sections *sections = company->sections;
	const struct service *a = member(company, 0), *b = member(company, 1);
	unsigned int kinds = kinds_of(company, company->ties->of[company->members[0]]);
	int to = sections->node_of[a->to];

	if (company->count != 2 || company->as_gnpy || (kinds & DISJOINT_RISK) ||
		!same_ends(a, b) ||
		a->include_count + b->include_count + a->exclude_count + b->exclude_count)
		return false;
	if (!route_pair(&company->arena, sections, sections->node_of[a->from], (int[]){to, to},
		    kinds & DISJOINT_NODE, NULL, company->best))
		return true;
	company->best_m = company->best[0].length_m + company->best[1].length_m;
	if (company->best[0].length_m > company->best[1].length_m) {
		struct route longer = company->best[0];

		company->best[0] = company->best[1];
		company->best[1] = longer;
	}
	return true;
}

static bool search(struct company *company) {
	company->best_m = INFINITY;
	company->sum_m = 0;
	company->tries = 0;
	if (!try_pair(company))
		try_members(company, company->count);
	return isfinite(company->best_m);
}

static bool has_loose(const struct company *company) {
	for (size_t i = 0; i < company->count; i++)
		for (size_t k = 0; k < member(company, i)->include_count; k++)
			if (!member(company, i)->includes[k].strict)
				return true;
	return false;
}

/* Whether some of what keeps them apart may be relaxed to links alone. */
static bool has_soft(const struct company *company) {
	for (size_t i = 0; i < company->count; i++)
		for (size_t t = 0; t < company->ties->count[company->members[i]]; t++)
			if (company->ties->of[company->members[i]][t].soft & ~DISJOINT_LINK)
				return true;
	return false;
}

/* All that is asked; then without loose includes; then with links alone apart. */
static bool search_relaxing(struct company *company) {
	company->kinds_kept =
		company->as_gnpy ? DISJOINT_LINK : DISJOINT_LINK | DISJOINT_NODE | DISJOINT_RISK;
	company->strict_only = false;
	if (search(company))
		return true;
	if (has_loose(company)) {
		company->strict_only = true;
		if (search(company))
			return true;
	}
	if (company->as_gnpy || !has_soft(company))
		return false;
	company->kinds_kept = DISJOINT_LINK;
	return search(company);
}

static void route_company(struct arena *arena, const struct sections *sections,
	const struct services *services, const struct companies *all, size_t which, bool as_gnpy,
	struct routing *routings) {
	const size_t *members = all->members + all->begin[which];
	size_t count = all->count[which];
	struct company company = {.sections = sections,
		.services = services,
		.ties = &all->ties,
		.members = members,
		.place = all->place,
		.count = count,
		.as_gnpy = as_gnpy};
	bool found;

	company.tried = arena_array(&company.arena, count, sizeof(struct route));
	company.best = arena_array(&company.arena, count, sizeof(struct route));
	found = count <= COMPANY_MOST && search_relaxing(&company);
	for (size_t i = 0; i < count; i++) {
		struct routing *routing = &routings[members[i]];

		if (found)
			*routing = (struct routing){BLOCKED_NOT,
				route_copy(arena, &company.best[i]),
				company.strict_only && member(&company, i)->include_count > 0,
				!as_gnpy && company.kinds_kept == DISJOINT_LINK};
		else
			routing->blocking = BLOCKED_NO_PATH_WITH_CONSTRAINT;
	}
	arena_free(&company.arena);
}

/* ---- all ---- */

void routing_all(struct arena *arena, const struct sections *sections,
	const struct services *services, bool as_gnpy, struct routing *routings) {
	struct companies companies;

	companies_find(&companies, services);
	for (size_t i = 0; i < services->count; i++)
		if (companies.count[i] == 1)
			routing_one(arena, sections, &services->list[i], NULL, &routings[i]);
		else if (companies.count[i] > 1)
			route_company(arena, sections, services, &companies, i, as_gnpy, routings);
	companies_free(&companies);
}
