/* plan_lit: what an earlier plan has lit; see plan.h. */
#include "optics/plan.h"

#include "optics/document.h"

/* One result: a way of elements, and the slots that are lit along it. */
struct lit {
	struct plan *plan;
	struct document *document;
	struct node *path, *n, *m;
};

/* Lights a slot on every line of the way. */
static void light(const struct lit *lit, const struct node *n, const struct node *m) {
	const struct sections *sections = lit->plan->sections;
	const struct slot slot = {(int)n->number, (int)m->number};
	int last = SECTION_NONE;

	for (const struct node *item = lit->path->first; item; item = item->next) {
		int element = item->kind == NODE_TEXT ? network_find(sections->network, item->text)
						      : ELEMENT_NONE;
		int section =
			element == ELEMENT_NONE ? SECTION_NONE : sections->section_of[element];
		const struct route one = {&section, 1, 0};

		if (element == ELEMENT_NONE)
			document_mistake(lit->document, item, "no element is called '%s'",
				item->kind == NODE_TEXT ? item->text : "?");
		if (section == SECTION_NONE || section == last)
			continue;
		last = section;
		if (!occupancy_is_free(&lit->plan->occupancy, &one, &slot))
			document_mistake(lit->document, n,
				"slot %d,%d is not free on the line of '%s'", slot.n, slot.m,
				item->text);
		else
			occupancy_set(&lit->plan->occupancy, &one, &slot, true);
	}
}

static bool is_whole(const struct node *node, double least) {
	return node && node->kind == NODE_NUMBER && node->number >= least &&
	       node->number <= SLOT_NUMBER_MOST && node->number == (int)node->number;
}

static void take_result(struct plan *plan, struct document *document, struct node *result) {
	struct lit lit = {.plan = plan, .document = document};
	const struct node *n, *m;

	document_text(document, result, "request_id", NULL);
	if (!document_member(result, "N"))
		return; /* it was blocked */
	lit.path = document_list(document, result, "path");
	lit.n = document_list(document, result, "N");
	lit.m = document_list(document, result, "M");
	if (!lit.path || !lit.n || !lit.m || lit.n->count != lit.m->count) {
		document_mistake(document, result,
			"lists 'path', and 'N' and 'M' of the same length, are expected");
		return;
	}
	for (n = lit.n->first, m = lit.m->first; n; n = n->next, m = m->next)
		if (is_whole(n, -SLOT_NUMBER_MOST) && is_whole(m, 1))
			light(&lit, n, m);
		else
			document_mistake(document, n, "whole numbers are expected");
}

int plan_read_lit(struct plan *plan, const char *path) {
	struct document document;
	int error = document_read(&document, path);
	struct node *results;

	document.all_used = true;
	if (!error) {
		results = document_list(&document, document.root, "results");
		if (!results)
			document_mistake(&document, document.root,
				"an object with a list 'results' is expected, as 'heddle optics "
				"plan --json' prints it");
		for (struct node *item = results ? results->first : NULL; item; item = item->next)
			take_result(plan, &document, item);
		error = document_finish(&document);
	}
	document_free(&document);
	return error;
}
