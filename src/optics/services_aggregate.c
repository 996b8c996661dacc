/* services_aggregate: makes one service of those that ask for the same; see services.h. */
#include "optics/services.h"

#include "optics/ties.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A service in order of what it asks for, and then of the file. */
struct asking {
	const struct service *service;
	const struct tie *ties;
	size_t tie_count, number;
};

/* ---- what is the same ---- */

#define ORDER(one, other) (((one) > (other)) - ((one) < (other)))

/* What is left open goes last. */
static int order_numbers(double one, double other) {
	return isnan(one) || isnan(other) ? ORDER(isnan(one) != 0, isnan(other) != 0)
					  : ORDER(one, other);
}

static int order_routes(const struct service *a, const struct service *b) {
	int order = ORDER(a->include_count, b->include_count);

	for (size_t i = 0; i < a->include_count && !order; i++) {
		order = ORDER(a->includes[i].element, b->includes[i].element);
		if (!order)
			order = ORDER(a->includes[i].strict, b->includes[i].strict);
	}
	if (!order)
		order = ORDER(a->exclude_count, b->exclude_count);
	for (size_t i = 0; i < a->exclude_count && !order; i++)
		order = ORDER(a->excludes[i], b->excludes[i]);
	return order;
}

/* By the others that they are kept apart from, and how. */
static int order_company(const struct asking *a, const struct asking *b) {
	int order = ORDER(a->tie_count, b->tie_count);

	for (size_t i = 0; i < a->tie_count && !order; i++) {
		order = ORDER(a->ties[i].other, b->ties[i].other);
		if (!order)
			order = ORDER(a->ties[i].firm | a->ties[i].soft,
				b->ties[i].firm | b->ties[i].soft);
	}
	return order;
}

static int order_asking(const struct asking *one, const struct asking *other) {
	const struct service *a = one->service, *b = other->service;
	const int orders[] = {ORDER(a->from, b->from), ORDER(a->to, b->to),
		ORDER(a->bidirectional, b->bidirectional),
		ORDER((uintptr_t)a->type, (uintptr_t)b->type),
		ORDER((uintptr_t)a->mode, (uintptr_t)b->mode), ORDER(a->spacing_hz, b->spacing_hz),
		ORDER(a->power_dbm, b->power_dbm), order_numbers(a->tx_power_dbm, b->tx_power_dbm),
		ORDER(a->channels_most, b->channels_most)};
	int order = 0;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]) && !order; i++)
		order = orders[i];
	if (!order)
		order = order_routes(a, b);
	return order ? order : order_company(one, other);
}

static int by_asking(const void *a, const void *b) {
	const struct asking *one = a, *other = b;
	int order = order_asking(one, other);

	return order ? order : ORDER(one->number, other->number);
}

/* ---- making one of them ---- */

static bool is_open(const struct slot *slot) {
	return slot->n == SLOT_OPEN && slot->m == SLOT_OPEN;
}

/* The last service's first; what several leave open is one slot. */
static void merge_slots(
	struct services *services, const struct asking *same, size_t count, struct service *kept) {
	size_t total = 0, taken = 0;
	struct slot *slots;
	bool open = false;

	for (size_t i = 0; i < count; i++)
		total += same[i].service->slot_count;
	slots = arena_array(&services->arena, total, sizeof(*slots));
	for (size_t i = count; i-- > 0;)
		for (size_t k = 0; k < same[i].service->slot_count; k++) {
			const struct slot *slot = &same[i].service->slots[k];

			if (is_open(slot))
				open = true;
			else
				slots[taken++] = *slot;
		}
	if (open)
		slots[taken++] = (struct slot){SLOT_OPEN, SLOT_OPEN};
	kept->slots = slots;
	kept->slot_count = taken;
}

/* "7 | 6". */
static void merge_ids(
	struct services *services, const struct asking *same, size_t count, struct service *kept) {
	size_t room = 1;
	char *id, *end;

	for (size_t i = 0; i < count; i++)
		room += strlen(same[i].service->id) + strlen(" | ");
	id = end = arena_alloc(&services->arena, room);
	for (size_t i = count; i-- > 0;) {
		end = stpcpy(end, same[i].service->id);
		if (i)
			end = stpcpy(end, " | ");
	}
	kept->id = id;
}

/* All become the last. */
static void merge(struct services *services, const struct asking *same, size_t count) {
	struct service *kept = &services->list[same[count - 1].number];
	double bit_rate = 0;

	for (size_t i = 0; i < count; i++)
		bit_rate += same[i].service->bit_rate;
	merge_slots(services, same, count, kept);
	merge_ids(services, same, count, kept);
	kept->bit_rate = bit_rate;
}

/* Services are numbered anew; those that went leave their disjunctions. */
static void renumber(struct services *services, const bool *gone, size_t *number) {
	size_t count = 0;

	for (size_t i = 0; i < services->count; i++) {
		number[i] = count;
		if (!gone[i])
			services->list[count++] = services->list[i];
	}
	services->count = count;
	for (size_t i = 0; i < services->disjunction_count; i++) {
		struct disjunction *disjunction = &services->disjunctions[i];
		size_t left = 0;

		for (size_t k = 0; k < disjunction->count; k++)
			if (!gone[disjunction->services[k]])
				disjunction->services[left++] = number[disjunction->services[k]];
		disjunction->count = left;
	}
}

void services_aggregate(struct services *services) {
	struct ties ties;
	struct arena scratch = {0};
	struct asking *all = arena_array(&scratch, services->count, sizeof(*all));
	bool *gone = arena_array(&scratch, services->count, sizeof(*gone));
	size_t *number = arena_array(&scratch, services->count, sizeof(*number)), next;

	ties_build(&ties, services);
	for (size_t i = 0; i < services->count; i++)
		all[i] = (struct asking){&services->list[i], ties.of[i], ties.count[i], i};
	if (services->count)
		qsort(all, services->count, sizeof(*all), by_asking);
	for (size_t i = 0; i < services->count; i = next) {
		for (next = i + 1; next < services->count && order_asking(&all[i], &all[next]) == 0;
			next++)
			gone[all[next - 1].number] = true;
		if (next > i + 1)
			merge(services, all + i, next - i);
	}
	ties_free(&ties);
	renumber(services, gone, number);
	arena_free(&scratch);
}
