/* fabric_whatif: `heddle fabric whatif`: what becomes of the fabric when something fails. */
#include "cmd/fabric_actions.h"

#include "base/clock.h"
#include "base/columns.h"
#include "base/log.h"
#include "cmd/command.h"
#include "fabric/blueprint.h"
#include "fabric/whatif_cases.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHAT_BYTES = 2 * LINK_TEXT_MAX + 8 };

/* What is known of one kind of failure. */
struct tally {
	size_t count, with_cut, with_partly, with_congestion;
	struct whatif_case *worst; /* the worst first, as many as are told */
	size_t worst_count;
};

struct asking {
	const struct fabric_request *request;
	const struct fabric *fabric;
	const struct traffic *traffic;
	struct whatif_result baseline;
	struct tally tallies[WHATIF_KINDS];
	size_t done, total;
	double began, said;
	bool is_terminal;
};

static const char *const kind_names[WHATIF_KINDS] = {"nothing", "link", "node", "pair"};

static char *what_text(const struct fabric *fabric, const struct whatif_case *one, char *text) {
	char first[LINK_TEXT_MAX], second[LINK_TEXT_MAX];

	switch (one->kind) {
	case WHATIF_LINK:
		snprintf(text, WHAT_BYTES, "%s", fabric_link_text(fabric, one->one, first));
		break;
	case WHATIF_NODE:
		snprintf(text, WHAT_BYTES, "%s", fabric->nodes[one->one].name);
		break;
	case WHATIF_PAIR:
		snprintf(text, WHAT_BYTES, "%s + %s", fabric_link_text(fabric, one->one, first),
			fabric_link_text(fabric, one->other, second));
		break;
	default:
		snprintf(text, WHAT_BYTES, "nothing fails");
	}
	return text;
}

/* Worse is what cuts off more, then what harms more, then what is fuller. */
static bool is_worse(const struct whatif_result *one, const struct whatif_result *other) {
	if (one->pairs_cut != other->pairs_cut)
		return one->pairs_cut > other->pairs_cut;
	if (one->pairs_partly != other->pairs_partly)
		return one->pairs_partly > other->pairs_partly;
	if (one->lost_mbps != other->lost_mbps)
		return one->lost_mbps > other->lost_mbps;
	return one->worst_load > other->worst_load;
}

/* Keeps the worst in order. */
static void keep_worst(struct tally *tally, const struct whatif_case *one, size_t most) {
	size_t at = tally->worst_count;

	while (at > 0 && is_worse(&one->result, &tally->worst[at - 1].result))
		at--;
	if (at >= most)
		return;
	if (tally->worst_count < most)
		tally->worst_count++;
	memmove(&tally->worst[at + 1], &tally->worst[at],
		(tally->worst_count - at - 1) * sizeof(*tally->worst));
	tally->worst[at] = *one;
}

static json_t *port_json(const struct fabric *fabric, int port) {
	char text[LINK_TEXT_MAX];

	if (port == FABRIC_NONE)
		return json_null();
	snprintf(text, sizeof(text), "%s:%s", fabric->nodes[fabric->ports[port].node].name,
		fabric->ports[port].name);
	return json_string(text);
}

static json_t *case_json(const struct fabric *fabric, const struct whatif_case *one) {
	const struct whatif_result *result = &one->result;
	char text[WHAT_BYTES];

	return json_pack("{s:s, s:s, s:I, s:I, s:i, s:f, s:I, s:o, s:f}", "kind",
		kind_names[one->kind], "fails", what_text(fabric, one, text), "pairs_cut",
		(json_int_t)result->pairs_cut, "pairs_partly", (json_int_t)result->pairs_partly,
		"hosts_off", (int)result->hosts_off, "lost_mbps", result->lost_mbps, "congested",
		(json_int_t)result->congested, "fullest", port_json(fabric, result->worst_port),
		"fullest_load", result->worst_load);
}

static void tell_progress(struct asking *asking) {
	double now = clock_now();

	if (!asking->is_terminal || now - asking->said < 0.1)
		return;
	fprintf(stderr, "\r%5.1f s  %zu of %zu failures\033[K", now - asking->began, asking->done,
		asking->total);
	asking->said = now;
}

static int take_case(void *owner, const struct whatif_case *one) {
	struct asking *asking = owner;
	struct tally *tally = &asking->tallies[one->kind];

	if (one->kind == WHATIF_NOTHING)
		asking->baseline = one->result;
	tally->count++;
	tally->with_cut += one->result.pairs_cut > asking->baseline.pairs_cut;
	tally->with_partly += one->result.pairs_partly > asking->baseline.pairs_partly;
	tally->with_congestion += one->result.congested > 0;
	keep_worst(tally, one, asking->request->most);
	asking->done++;
	tell_progress(asking);
	return 0;
}

static void print_case(
	struct columns *columns, const struct asking *asking, const struct whatif_case *one) {
	const struct fabric *fabric = asking->fabric;
	const struct whatif_result *result = &one->result;
	char what[WHAT_BYTES], cut[32], partly[32], off[32], lost[32] = "-", congested[32] = "-",
							     fullest[LINK_TEXT_MAX + 16] = "-";
	const char *const cells[] = {kind_names[one->kind], what_text(fabric, one, what), cut,
		partly, off, lost, congested, fullest};

	snprintf(cut, sizeof(cut), "%lu", result->pairs_cut);
	snprintf(partly, sizeof(partly), "%lu", result->pairs_partly);
	snprintf(off, sizeof(off), "%u", result->hosts_off);
	if (asking->traffic) {
		snprintf(lost, sizeof(lost), "%.1fG", result->lost_mbps / 1000);
		snprintf(congested, sizeof(congested), "%zu", result->congested);
	}
	if (result->worst_port != FABRIC_NONE)
		snprintf(fullest, sizeof(fullest), "%s:%s %.0f%%",
			fabric->nodes[fabric->ports[result->worst_port].node].name,
			fabric->ports[result->worst_port].name, result->worst_load * 100);
	columns_add(columns, cells);
}

static void print_tally(const struct asking *asking, enum whatif_kind kind, const char *what) {
	const struct tally *tally = &asking->tallies[kind];

	if (!tally->count)
		return;
	printf("%zu %s: %zu cut some pairs of hosts off, %zu leave some of their ways dead",
		tally->count, what, tally->with_cut, tally->with_partly);
	if (asking->traffic)
		printf(", %zu overload a link", tally->with_congestion);
	putchar('\n');
}

static void print_text(const struct asking *asking) {
	static const struct column titles[] = {{"KIND", COLUMN_LEFT}, {"FAILS", COLUMN_LEFT},
		{"CUT", COLUMN_RIGHT}, {"PARTLY", COLUMN_RIGHT}, {"OFF", COLUMN_RIGHT},
		{"LOST", COLUMN_RIGHT}, {"OVERLOADED", COLUMN_RIGHT}, {"FULLEST", COLUMN_LEFT}};
	struct columns *columns = columns_create(titles, sizeof(titles) / sizeof(titles[0]));

	for (int kind = 0; kind < WHATIF_KINDS && columns; kind++)
		for (size_t i = 0; i < asking->tallies[kind].worst_count; i++)
			print_case(columns, asking, &asking->tallies[kind].worst[i]);
	if (columns)
		columns_finish(columns);
	printf("%lu pairs of hosts may talk", asking->baseline.pairs);
	if (asking->traffic)
		printf(", and send %.1fG in all", asking->baseline.offered_mbps / 1000);
	printf("; %zu failures in %.2f s\n", asking->done - 1, clock_now() - asking->began);
	print_tally(asking, WHATIF_LINK, "links");
	print_tally(asking, WHATIF_NODE, "switches and routers");
	print_tally(asking, WHATIF_PAIR, "pairs of links");
}

static void print_json(const struct asking *asking) {
	json_t *cases = json_array(), *kinds = json_object(), *answer;

	for (int kind = 0; kind < WHATIF_KINDS; kind++) {
		const struct tally *tally = &asking->tallies[kind];

		for (size_t i = 0; i < tally->worst_count; i++)
			json_array_append_new(cases, case_json(asking->fabric, &tally->worst[i]));
		json_object_set_new(kinds, kind_names[kind],
			json_pack("{s:I, s:I, s:I, s:I}", "count", (json_int_t)tally->count,
				"with_cut", (json_int_t)tally->with_cut, "with_partly",
				(json_int_t)tally->with_partly, "with_congestion",
				(json_int_t)tally->with_congestion));
	}
	answer = json_pack("{s:I, s:f, s:f, s:o, s:o}", "pairs", (json_int_t)asking->baseline.pairs,
		"offered_mbps", asking->baseline.offered_mbps, "seconds",
		clock_now() - asking->began, "kinds", kinds, "worst", cases);
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
}

static int evaluate(struct asking *asking) {
	struct whatif *whatif = whatif_create(asking->fabric, asking->traffic);
	bool with_pairs = asking->request->pairs;
	int error = whatif ? 0 : -ENOMEM;

	for (int kind = 0; kind < WHATIF_KINDS && !error; kind++) {
		asking->tallies[kind].worst =
			calloc(asking->request->most + 1, sizeof(struct whatif_case));
		if (!asking->tallies[kind].worst)
			error = -ENOMEM;
	}
	asking->began = clock_now();
	asking->is_terminal = isatty(STDERR_FILENO);
	asking->total = whatif_case_count(asking->fabric, with_pairs);
	if (!error)
		error = whatif_each_case(whatif, asking->fabric, with_pairs, take_case, asking);
	if (asking->is_terminal)
		fputs("\r\033[K", stderr);
	if (!error)
		(asking->request->json ? print_json : print_text)(asking);
	else
		log_error("whatif: %s", strerror(-error));
	for (int kind = 0; kind < WHATIF_KINDS; kind++)
		free(asking->tallies[kind].worst);
	whatif_destroy(whatif);
	return error;
}

int fabric_whatif(const struct fabric_request *request) {
	struct asking asking = {.request = request};
	struct blueprint blueprint;
	struct traffic traffic;
	int error;

	if (request->word_count != 1)
		return fabric_wrong_usage();
	if (fabric_open(request, request->words[0], &blueprint) < 0)
		return EXIT_FAILED;
	asking.fabric = blueprint.fabric;
	error = request->traffic ? traffic_read(&traffic, blueprint.fabric, request->traffic) : 0;
	if (!error) {
		asking.traffic = request->traffic ? &traffic : NULL;
		error = evaluate(&asking);
	}
	if (!error && request->traffic)
		traffic_free(&traffic);
	blueprint_close(&blueprint);
	return error ? EXIT_FAILED : EXIT_DONE;
}
