/* application: see application.h: hosts, what is told, and what is drawn. */
#include "twin/application.h"

#include "optics/lot.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t hosts_of_all(const struct fabric *fabric, int *hosts, size_t most) {
	size_t all = 0, seen = 0, count = 0;

	for (size_t id = 0; id < fabric->node_count; id++)
		all += fabric->nodes[id].role == ROLE_HOST;
	if (most > all)
		most = all;
	for (size_t id = 0; id < fabric->node_count; id++)
		if (fabric->nodes[id].role == ROLE_HOST && seen++ * most / all == count)
			hosts[count++] = (int)id;
	return count;
}

size_t application_hosts(
	const struct fabric *fabric, const struct intent_names *names, int *hosts, size_t most) {
	size_t count = 0;

	if (names->count == 0)
		return hosts_of_all(fabric, hosts, most);
	for (size_t i = 0; i < names->count && count < most; i++) {
		int host = fabric_find(fabric, names->names[i]);

		if (host != FABRIC_NONE)
			hosts[count++] = host;
	}
	return count;
}

int application_find_hosts(struct application *application) {
	const struct fabric *fabric = application->world->fabric;
	const struct intent_application *intent = application->intent;

	application->from = calloc(fabric->node_count, sizeof(*application->from));
	application->to = calloc(fabric->node_count, sizeof(*application->to));
	if (!application->from || !application->to)
		return -ENOMEM;
	application->from_count =
		application_hosts(fabric, &intent->from, application->from, fabric->node_count);
	application->to_count =
		application_hosts(fabric, &intent->to, application->to, fabric->node_count);
	return 0;
}

struct application_pair application_pair(const struct application *application, size_t n) {
	size_t some = application->from_count, others = application->to_count;
	size_t one = n % some, other = (n / some + one + others / 2) % others;

	if (application->from[one] == application->to[other])
		other = (other + 1) % others;
	return (struct application_pair){application->from[one], application->to[other]};
}

void application_fail(struct application *application, const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(application->reason, sizeof(application->reason), format, arguments);
	va_end(arguments);
}

void application_recover(struct application *application) {
	application->reason[0] = '\0';
}

void application_note(struct application *application, enum outcome outcome, double seconds) {
	samples_add(application->world->samples, application->source, outcome, seconds * 1e3);
}

/* By its name, so that it is the same whatever others there are. */
double application_draw(const struct application *application, unsigned int purpose, uint64_t n) {
	struct lot lot = {.seed = application->intent->seed, .sample = n, .quantity = purpose};

	for (const char *letter = application->intent->name; *letter; letter++)
		lot.element = lot.element * 257 + (unsigned char)*letter;
	return lot_draw(&lot);
}
