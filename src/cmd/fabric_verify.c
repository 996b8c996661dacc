/* fabric_verify: proves tables, those of a running twin or those in files, and takes the former
 * down as the latter. */
#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/fabric_actions.h"
#include "fabric/blueprint.h"
#include "fabric/fib_folder.h"
#include "fabric/model.h"
#include "fabric/passage.h"
#include "twin/balance.h"
#include "twin/live.h"
#include "twin/neighbours.h"
#include "twin/rules.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* Violations as they are found: text at once, JSON in one list at the end. */
struct findings {
	bool json;
	json_t *violations, *links;
};

static void tell_violation(void *owner, const struct violation *violation) {
	struct findings *findings = owner;

	if (findings->json) {
		json_array_append_new(findings->violations,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "kind",
				violation_name(violation->kind), "table", violation->layer,
				"destination", violation->destination, "node", violation->node,
				"found", violation->found, "expected", violation->wanted, "packet",
				violation->packet, "way", violation->way));
		return;
	}
	printf("%s: %s at %s (%s): by %s, not %s", violation_name(violation->kind),
		violation->destination, violation->node, violation->layer, violation->found,
		violation->wanted);
	if (violation->more)
		printf("; and %zu more prefix%s", violation->more, violation->more > 1 ? "es" : "");
	putchar('\n');
	if (violation->packet[0])
		printf("    %s\n    %s\n", violation->packet, violation->way);
}

/* What is wrong with a link, and packets that meet with it. */
struct links {
	struct findings *findings;
	const struct fabric *fabric;
	struct passage *passage;
};

/* From the end that is a switch; `violation` gets the packet and the way alone. */
static void witness_link(
	const struct links *links, int port, const char *what, struct violation *violation) {
	const struct fabric *fabric = links->fabric;
	bool is_far = !fabric_is_switch(&fabric->nodes[fabric->ports[port].node]);
	const uint32_t near[] = {(uint32_t)(is_far ? fabric->ports[port].other : port)};
	const struct passage_place place = {.node = fabric->ports[near[0]].node,
		.ports = near,
		.port_count = 1,
		.within = {.family = AF_INET}};
	char end[128];

	if (is_far)
		snprintf(end, sizeof(end), " > %s:%s, which %s",
			fabric->nodes[fabric->ports[port].node].name, fabric->ports[port].name,
			what);
	else
		snprintf(end, sizeof(end), ", which %s", what);
	passage_show(links->passage, &place, end, violation);
}

static void tell_link(void *owner, int port, const char *what) {
	const struct links *links = owner;
	const struct fabric_port *at = &links->fabric->ports[port];
	const char *node = links->fabric->nodes[at->node].name;
	struct violation witness = {0};

	witness_link(links, port, what, &witness);
	if (links->findings->json)
		json_array_append_new(links->findings->links,
			json_pack("{s:s, s:s, s:s, s:s, s:s}", "node", node, "port", at->name,
				"found", what, "packet", witness.packet, "way", witness.way));
	else
		printf("link: %s:%s %s\n", node, at->name, what);
	if (!links->findings->json && witness.packet[0])
		printf("    %s\n    %s\n", witness.packet, witness.way);
}

static struct verify_telling telling_of(
	const struct fabric_request *request, struct findings *findings) {
	return (struct verify_telling){.manner = request->json ? VERIFY_EACH : VERIFY_MERGED,
		.most = request->most,
		.told = tell_violation,
		.owner = findings};
}

/* Rules, shares and neighbours, which tables of ports do not show: how many are wrong, or a
 * negative errno after a message. */
static int check_ways(
	struct live *live, struct passage *passage, const struct verify_telling *telling) {
	const struct nodes *nodes = live_nodes(live);
	int unequal = balance_check(nodes, true, passage, telling);
	int rules = rules_check(nodes, passage, telling), strangers;

	if (unequal < 0 || rules < 0)
		return unequal < 0 ? unequal : rules;
	strangers = neighbours_check(nodes, live_failures(live), passage, telling);
	return strangers < 0 ? strangers : unequal + rules + strangers;
}

static void print_text(
	const struct fabric *fabric, const struct nodes_verdict *verdict, size_t bad_links) {
	const struct verify_summary *summary = &verdict->summary;

	printf("%zu nodes, %u table%s each, %zu entries: %zu prefixes in %zu classes; read in "
	       "%.2f s, proven in %.3f s\n%zu violations, %zu bad links\n",
		fabric->node_count, verdict->layers - 1, verdict->layers > 2 ? "s" : "",
		summary->entries, summary->prefixes, summary->classes, verdict->read_seconds,
		verdict->proof_seconds, summary->violations, bad_links);
}

static void print_json(const struct fabric *fabric, const struct nodes_verdict *verdict,
	const struct findings *findings) {
	const struct verify_summary *summary = &verdict->summary;
	json_t *answer = json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:O, s:O}", "nodes",
		(json_int_t)fabric->node_count, "entries", (json_int_t)summary->entries, "prefixes",
		(json_int_t)summary->prefixes, "classes", (json_int_t)summary->classes,
		"violations", (json_int_t)summary->violations, "read_s", verdict->read_seconds,
		"proof_s", verdict->proof_seconds, "told", findings->violations, "links",
		findings->links);

	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
}

/* The exit status, which is the answer. */
static int conclude(const struct fabric *fabric, const struct nodes_verdict *verdict,
	const struct findings *findings, size_t bad_links) {
	if (findings->json)
		print_json(fabric, verdict, findings);
	else
		print_text(fabric, verdict, bad_links);
	return verdict->summary.violations || bad_links ? EXIT_FAILED : EXIT_DONE;
}

/* --- a twin --- */

static int verify_live(struct live *live, struct passage *passage,
	const struct fabric_request *request, struct findings *findings) {
	const struct verify_telling telling = telling_of(request, findings);
	struct links links = {findings, live_fabric(live), passage};
	struct nodes_verdict verdict;
	size_t bad_links = live_check_links(live, NULL, tell_link, &links);
	int wrong_ways = check_ways(live, passage, &telling);

	if (wrong_ways < 0 || live_verify(live, HEDDLES_ALL, &telling, &verdict) < 0)
		return EXIT_FAILED;
	verdict.summary.violations += (size_t)wrong_ways;
	return conclude(live_fabric(live), &verdict, findings, bad_links);
}

static int verify_twin(const struct fabric_request *request, struct findings *findings) {
	struct passage *passage;
	struct live *live;
	int status = EXIT_FAILED;

	if (live_open(request->twin, &live) < 0)
		return EXIT_FAILED;
	passage = passage_create(live_fabric(live), live_failures(live));
	if (!passage)
		log_error("fabric: %s", strerror(ENOMEM));
	else if (!request->with_failures || live_read_failures(live) == 0)
		status = verify_live(live, passage, request, findings);
	passage_destroy(passage);
	live_close(live);
	return status;
}

int fabric_collect(const struct fabric_request *request) {
	struct live *live;
	int error;

	if (request->word_count || !request->output)
		return fabric_wrong_usage();
	if (live_open(request->twin, &live) < 0)
		return EXIT_FAILED;
	error = live_collect(live, request->heddle, request->output);
	if (!error)
		printf("%s: tables of %s, in %s\n", live_name(live),
			request->heddle ? "the Heddles" : "the kernels", request->output);
	live_close(live);
	return error ? EXIT_FAILED : EXIT_DONE;
}

/* --- files --- */

static int prove_files(const struct fabric_request *request, const struct fabric *fabric,
	struct findings *findings, struct nodes_verdict *verdict) {
	static const struct verify_layer layers[] = {{.name = "model"}, {.name = "table"}};
	const struct verify_telling telling = telling_of(request, findings);
	struct verify *verify = verify_create(fabric, layers, 2);
	double began = clock_now();
	int error = verify ? model_tables(fabric, NULL, verify_place(verify, 0, 0).set) : -ENOMEM;

	if (!error)
		error = fib_folder_read(request->tables, fabric, verify, 1);
	verdict->layers = 2;
	verdict->read_seconds = clock_now() - began;
	began = clock_now();
	if (!error)
		error = verify_run(verify, &telling, &verdict->summary);
	verdict->proof_seconds = clock_now() - began;
	verify_destroy(verify);
	if (error == -ENOMEM)
		log_error("fabric: %s", strerror(ENOMEM));
	return error;
}

static int verify_files(const struct fabric_request *request, struct findings *findings) {
	struct nodes_verdict verdict;
	struct blueprint blueprint;
	int status = EXIT_FAILED;

	if (fabric_open(request, request->words[0], &blueprint) < 0)
		return EXIT_FAILED;
	if (prove_files(request, blueprint.fabric, findings, &verdict) == 0)
		status = conclude(blueprint.fabric, &verdict, findings, 0);
	blueprint_close(&blueprint);
	return status;
}

int fabric_verify(const struct fabric_request *request) {
	struct findings findings = {
		.json = request->json, .violations = json_array(), .links = json_array()};
	int status;

	if (request->word_count != (request->tables ? 1 : 0))
		return fabric_wrong_usage();
	status = request->tables ? verify_files(request, &findings)
				 : verify_twin(request, &findings);
	json_decref(findings.violations);
	json_decref(findings.links);
	return status;
}
