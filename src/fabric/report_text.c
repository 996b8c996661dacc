/* report_text: the report for people: for each figure a line that says what it is, then the worst
 * and the typical of each kind. */
#include "fabric/report.h"

#include "fabric/speed.h"
#include "fabric/tables.h"

#include <stdlib.h>
#include <string.h>

enum { SPEED_TEXT = 16 };

static const char *const tier_names[TIERS] = {
	[TIER_LEAF_SPINE] = "leaf-spine cable",
	[TIER_SPINE_SUPER] = "spine-super cable",
	[TIER_HOST] = "host cable",
	[TIER_EXTERNAL] = "external cable",
	[TIER_INTERCONNECT] = "interconnect",
};

static size_t count_role(const struct fabric *fabric, int role) {
	size_t count = 0;

	for (size_t id = 0; id < fabric->node_count; id++)
		count += (int)fabric->nodes[id].role == role;
	return count;
}

static void write_counts(const struct report *report, FILE *to) {
	static const char *const names[ROLES][2] = {{"super-spine", "super-spines"},
		{"spine", "spines"}, {"leaf", "leaves"}, {"border", "borders"}, {"host", "hosts"},
		{"external router", "external routers"}};

	fprintf(to, "Fabric '%s':", report->fabric->intent->name);
	for (int role = 0; role < ROLES; role++) {
		size_t count = count_role(report->fabric, role);

		if (count)
			fprintf(to, " %zu %s,", count, names[role][count > 1]);
	}
	fprintf(to, " %zu cables\n", report->fabric->link_count);
}

/* --- oversubscription --- */

static int by_size(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return a < b ? -1 : a > b;
}

/* The middle one of the ratios of a role; `worst` is the node with the largest. */
static double typical_ratio(const struct report *report, int role, int *worst) {
	const struct fabric *fabric = report->fabric;
	double *ratios = calloc(fabric->node_count + 1, sizeof(*ratios)), typical = -1, most = -1;
	size_t count = 0;

	*worst = FABRIC_NONE;
	for (size_t id = 0; id < fabric->node_count && ratios; id++) {
		double ratio = report_oversubscription(&report->switches[id]);

		if ((int)fabric->nodes[id].role != role || ratio < 0)
			continue;
		if (ratio > most) {
			most = ratio;
			*worst = (int)id;
		}
		ratios[count++] = ratio;
	}
	if (count) {
		qsort(ratios, count, sizeof(*ratios), by_size);
		typical = ratios[count / 2];
	}
	free(ratios);
	return typical;
}

static void write_oversubscription(const struct report *report, FILE *to) {
	char down[SPEED_TEXT], up[SPEED_TEXT];

	fputs("\nOversubscription: bandwidth below over bandwidth above; up to 1.00, none waits.\n"
	      "  switch           worst  typical  the worst\n",
		to);
	for (int role = 0; role < ROLE_HOST; role++) {
		const char *name = fabric_role_name((enum fabric_role)role);
		int worst;
		double typical = typical_ratio(report, role, &worst);

		if (worst == FABRIC_NONE) {
			if (count_role(report->fabric, role))
				fprintf(to, "  %-15s      -        -  nothing is above\n", name);
			continue;
		}
		fprintf(to, "  %-15s %6.2f  %7.2f  %s: %s below, %s above\n", name,
			report_oversubscription(&report->switches[worst]), typical,
			report->fabric->nodes[worst].name,
			speed_text(report->switches[worst].down_mbps, down),
			speed_text(report->switches[worst].up_mbps, up));
	}
}

static void write_bisection(const struct report *report, FILE *to) {
	const struct report_bisection *bisection = &report->bisection;
	bool are_sites = report->fabric->intent->shape == SHAPE_SITES;
	char all[SPEED_TEXT], hosts[SPEED_TEXT];

	if (are_sites)
		fputs("\nBandwidth between sites: the most that goes at once between the two that "
		      "have "
		      "the least.\n",
			to);
	else
		fputs("\nBisection bandwidth: the most that goes at once between the halves of the "
		      "leaves.\n",
			to);
	if (bisection->mbps == UINT64_MAX) {
		fprintf(to, "  fewer than two %s have hosts\n", are_sites ? "sites" : "leaves");
		return;
	}
	fprintf(to, "  %s, where the hosts of a %s have %s: %.2f of it\n",
		speed_text(bisection->mbps, all), are_sites ? "site" : "half",
		speed_text(bisection->host_mbps, hosts),
		(double)bisection->mbps / (double)bisection->host_mbps);
}

/* --- blast radius --- */

static void take_worst(struct blast *worst, const struct blast *one) {
	worst->networks = one->networks > worst->networks ? one->networks : worst->networks;
	worst->hosts = one->hosts > worst->hosts ? one->hosts : worst->hosts;
	worst->externals = one->externals > worst->externals ? one->externals : worst->externals;
	worst->capacity = one->capacity > worst->capacity ? one->capacity : worst->capacity;
}

static void write_worst(FILE *to, const char *name, size_t count, const struct blast *worst) {
	if (count)
		fprintf(to, "  %-17s %6zu  %8u  %6u  %8u  %8.0f%%\n", name, count, worst->networks,
			worst->hosts, worst->externals, 100 * worst->capacity);
}

static void write_blast(const struct report *report, FILE *to) {
	const struct fabric *fabric = report->fabric;

	fputs("\nBlast radius: at worst, what is cut off, and what a pair of leaves loses.\n"
	      "  fails                 of  networks   hosts  external  bandwidth\n",
		to);
	for (int role = 0; role < ROLES; role++) {
		struct blast worst = {0};

		for (size_t id = 0; id < fabric->node_count; id++)
			if ((int)fabric->nodes[id].role == role)
				take_worst(&worst, &report->nodes[id]);
		write_worst(to, fabric_role_name((enum fabric_role)role), count_role(fabric, role),
			&worst);
	}
	for (int tier = 0; tier < TIERS; tier++) {
		struct blast worst = {0};
		size_t count = 0;

		for (size_t i = 0; i < fabric->link_count; i++)
			if ((int)fabric->links[i].tier == tier) {
				take_worst(&worst, &report->links[i]);
				count++;
			}
		write_worst(to, tier_names[tier], count, &worst);
	}
}

/* --- tables --- */

static void write_tables(const struct report *report, FILE *to) {
	const struct fabric *fabric = report->fabric;

	fputs("\nTables: entries of the largest, all up, and different sets of ports they lead "
	      "to.\n"
	      "  switch             IPv4    IPv6  groups  the largest\n",
		to);
	for (int role = 0; role < ROLE_HOST; role++) {
		const struct report_switch *largest = NULL;

		for (size_t id = 0; id < fabric->node_count; id++) {
			const struct report_switch *one = &report->switches[id];

			if ((int)fabric->nodes[id].role == role &&
				(!largest || one->ipv4_entries + one->ipv6_entries >
						     largest->ipv4_entries + largest->ipv6_entries))
				largest = one;
		}
		if (largest)
			fprintf(to, "  %-15s %7u %7u %7u  %s\n",
				fabric_role_name((enum fabric_role)role), largest->ipv4_entries,
				largest->ipv6_entries, largest->groups,
				fabric->nodes[largest - report->switches].name);
	}
}

/* --- power --- */

static void write_power(const struct report *report, FILE *to) {
	double host_gbps = (double)report->host_mbps / 1000;

	fputs("\nPower: at full load, as 'devices' says, and for each Gb/s of the hosts' ports.\n",
		to);
	for (int role = 0; role < ROLE_HOST; role++) {
		double watts = report->fabric->intent->devices[role].watts;
		size_t count = count_role(report->fabric, role);

		if (count && watts > 0)
			fprintf(to, "  %-15s %zu of %.0f W\n",
				fabric_role_name((enum fabric_role)role), count, watts);
		else if (count)
			fprintf(to, "  %-15s %zu, not known\n",
				fabric_role_name((enum fabric_role)role), count);
	}
	if (report->watts_unknown)
		fputs("  in all          not known\n", to);
	else if (host_gbps > 0)
		fprintf(to, "  in all          %.0f W; %.2f W per Gb/s\n", report->watts,
			report->watts / host_gbps);
	else
		fprintf(to, "  in all          %.0f W; there are no hosts\n", report->watts);
}

/* --- growth --- */

/* How many more of something: in each of what it is part of, or NULL. */
static void write_room(
	FILE *to, const char *what, const char *whole, const struct growth_room *room) {
	char name[32];

	snprintf(name, sizeof(name), "%s%s%s", what, whole ? " a " : "", whole ? whole : "");
	fprintf(to, "  %-15s %u more, bound by %s\n", name, room->more,
		room->limit[0] ? room->limit : "the fabric's bounds");
}

static void write_next(
	FILE *to, const char *what, const struct intent_cabling *cabling, uint32_t count) {
	char speed[SPEED_TEXT];

	fprintf(to, "                  %u %s, %s, %u m, %s\n", count, what,
		speed_text(cabling->speed_mbps, speed), cabling->length_m,
		cable_medium(cabling->speed_mbps, cabling->length_m));
}

static void write_growth(const struct report *report, FILE *to) {
	const struct growth *growth = &report->growth;
	const struct intent *intent = report->fabric->intent;
	const char *whole = intent->shape == SHAPE_CLOS    ? "pod"
			    : intent->shape == SHAPE_SITES ? "site"
							   : NULL;

	fputs("\nGrowth: ports left, least and in all, and how many more fit.\n", to);
	for (int role = 0; role < ROLE_HOST; role++)
		if (growth->roles[role].switches)
			fprintf(to, "  %-15s %u of %u ports left (%s), %llu on all\n",
				fabric_role_name((enum fabric_role)role),
				growth->roles[role].left_least, growth->roles[role].ports,
				report->fabric->nodes[growth->roles[role].fullest].name,
				(unsigned long long)growth->roles[role].left_all);
	if (intent->shape == SHAPE_CUSTOM)
		return;
	write_room(to, "leaves", whole, &growth->leaves);
	write_room(to, "spines", whole, &growth->spines);
	write_room(to, "hosts", "leaf", &growth->hosts);
	if (whole)
		write_room(
			to, intent->shape == SHAPE_SITES ? "sites" : "pods", NULL, &growth->pods);
	fprintf(to, "  the next leaf   takes a leaf with %u ports, %u on each spine%s%s, and:\n",
		growth->leaf_uplinks + growth->leaf_hosts, intent->leaf_spine.count,
		whole ? " of its " : "", whole ? whole : "");
	write_next(to, "cables to the spines", &intent->leaf_spine, growth->leaf_uplinks);
	write_next(to, "cables to hosts", &intent->host, growth->leaf_hosts);
}

void report_write_text(const struct report *report, FILE *to) {
	const char *warning = report_warning(report->fabric);

	write_counts(report, to);
	if (warning)
		fprintf(to, "\nWarning: %s.\n", warning);
	write_oversubscription(report, to);
	write_bisection(report, to);
	write_blast(report, to);
	write_tables(report, to);
	write_power(report, to);
	write_growth(report, to);
}
