/* uncertainty: see uncertainty.h. */
#include "optics/uncertainty.h"

#include "optics/names.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What of a distribution must lie between its cuts, for values to be drawn. */
static const double share_least = 1e-6;

static const double sum_tolerance = 1e-6;

/* The quantities' keys; `most` is the largest difference that anybody could mean. */
static const struct {
	const char *key;
	double most;
} quantities[QUANTITIES] = {
	[QUANTITY_CONNECTOR] = {"connector_loss_db", 20},
	[QUANTITY_FIBRE_LOSS] = {"fibre_loss_db_per_km", 5},
	[QUANTITY_FIBRE_RATIO] = {"fibre_loss_ratio", 10},
	[QUANTITY_NOISE_FIGURE] = {"amplifier_noise_figure_db", 20},
	[QUANTITY_AMPLIFIER_POWER] = {"amplifier_power_db", 20},
	[QUANTITY_ROADM_POWER] = {"roadm_power_db", 20},
	[QUANTITY_TX_OSNR] = {"tx_osnr_db", 40},
	[QUANTITY_REQUIRED_OSNR] = {"required_osnr_db", 40},
	[QUANTITY_FIBRE_TYPE] = {"fibre_types", 0},
};

struct reading {
	struct document *document;
	struct uncertainty *uncertainty;
	const struct equipment *equipment;
};

/* ---- distributions ---- */

/* A number that must be there. */
static double need(const struct reading *reading, struct node *object, const char *key,
	double least, double most) {
	if (!document_member(object, key))
		document_mistake(reading->document, object, "'%s' is missing", key);
	return document_number(reading->document, object, key, least, most, NAN);
}

static void take_bounds(const struct reading *reading, struct node *object, double most,
	struct distribution *distribution) {
	distribution->least = need(reading, object, "min", -most, most);
	distribution->most = need(reading, object, "max", -most, most);
	if (distribution->least >= distribution->most)
		document_mistake(reading->document, object, "'min' must be below 'max'");
}

static void take_peak(
	const struct reading *reading, struct node *object, struct distribution *distribution) {
	distribution->peak = document_number(reading->document, object, "mode", distribution->least,
		distribution->most, (distribution->least + distribution->most) / 2);
}

static void take_normal(const struct reading *reading, struct node *object, double most,
	struct distribution *distribution) {
	distribution->mean = document_number(reading->document, object, "mean", -most, most, 0);
	distribution->std = need(reading, object, "std", 0, most);
}

static void take_cut(
	const struct reading *reading, struct node *object, struct distribution *distribution) {
	size_t count;
	const double *cut = document_numbers(reading->document, object, "cut", -1000, 1000, &count);

	if (!document_member(object, "cut"))
		return;
	if (count != 2 || cut[0] >= cut[1]) {
		document_mistake(reading->document, document_member(object, "cut"),
			"two numbers are expected, the lower first");
		return;
	}
	distribution->cut_below = cut[0];
	distribution->cut_above = cut[1];
}

static void take_distribution(const struct reading *reading, struct node *object, double most,
	struct distribution *distribution) {
	static const char *const kinds[] = {
		[DISTRIBUTION_NORMAL] = "normal",
		[DISTRIBUTION_UNIFORM] = "uniform",
		[DISTRIBUTION_TRIANGULAR] = "triangular",
	};
	const char *kind = document_text(reading->document, object, "distribution", "");

	for (int i = DISTRIBUTION_NORMAL; i <= DISTRIBUTION_TRIANGULAR; i++)
		if (strcmp(kind, kinds[i]) == 0)
			distribution->kind = (enum distribution_kind)i;
	if (distribution->kind == DISTRIBUTION_CERTAIN) {
		document_mistake(reading->document, object,
			"'distribution' is to be normal, uniform or triangular");
		return;
	}
	distribution->cut_below = -INFINITY;
	distribution->cut_above = INFINITY;
	if (distribution->kind == DISTRIBUTION_NORMAL)
		take_normal(reading, object, most, distribution);
	else
		take_bounds(reading, object, most, distribution);
	if (distribution->kind == DISTRIBUTION_TRIANGULAR)
		take_peak(reading, object, distribution);
	take_cut(reading, object, distribution);
	if (!reading->document->mistakes && distribution_prepare(distribution) < share_least)
		document_mistake(
			reading->document, object, "hardly any value lies between the cuts");
}

static enum sharing take_sharing(
	const struct reading *reading, struct node *object, bool may_be_channel) {
	const char *text = document_text(reading->document, object, "per", "element");

	if (strcmp(text, "element") == 0)
		return SHARING_ELEMENT;
	if (strcmp(text, "network") == 0)
		return SHARING_NETWORK;
	if (may_be_channel && strcmp(text, "channel") == 0)
		return SHARING_CHANNEL;
	document_mistake(reading->document, document_member(object, "per"),
		"'%s': element%s or network is expected", text, may_be_channel ? ", channel" : "");
	return SHARING_ELEMENT;
}

/* ---- types of fibre ---- */

/* {"SSMF": 0.9, "NZDF": 0.1} */
static void take_probabilities(
	const struct reading *reading, struct node *object, struct fibre_doubt *doubt) {
	struct arena *arena = &reading->uncertainty->arena;
	double sum = 0;

	doubt->types = arena_array(arena, object->count, sizeof(*doubt->types));
	doubt->probabilities = arena_array(arena, object->count, sizeof(*doubt->probabilities));
	for (const struct node *member = object->first; member; member = member->next) {
		size_t at = doubt->count++;

		doubt->types[at] =
			names_fibre(reading->document, member, reading->equipment, member->key);
		doubt->probabilities[at] =
			document_number(reading->document, object, member->key, 0, 1, 0);
		sum += doubt->probabilities[at];
	}
	if (fabs(sum - 1) > sum_tolerance)
		document_mistake(
			reading->document, object, "the probabilities' sum is %g, not 1", sum);
}

static void take_doubt(const struct reading *reading, struct node *object) {
	struct uncertainty *uncertainty = reading->uncertainty;
	struct fibre_doubt *doubt = &uncertainty->fibres[uncertainty->fibre_count++];
	const char *name = document_text(reading->document, object, "type_variety", NULL);
	struct node *choices = document_object(reading->document, object, "is");

	doubt->sharing = take_sharing(reading, object, false);
	if (!name || !choices) {
		document_mistake(reading->document, object,
			"'type_variety', as planned, and 'is', probabilities of types, are "
			"expected");
		return;
	}
	doubt->planned = names_fibre(reading->document, object, reading->equipment, name);
	take_probabilities(reading, choices, doubt);
	for (size_t i = 0; i + 1 < uncertainty->fibre_count; i++)
		if (doubt->planned && uncertainty->fibres[i].planned == doubt->planned)
			document_mistake(
				reading->document, object, "'%s' has been told of already", name);
}

/* ---- all of it ---- */

static void take_all(const struct reading *reading) {
	struct uncertainty *uncertainty = reading->uncertainty;
	struct node *root = reading->document->root, *list;

	if (root->kind != NODE_OBJECT) {
		document_mistake(reading->document, root, "an object is expected");
		return;
	}
	document_text(reading->document, root, "comment", NULL);
	for (int i = 0; i < QUANTITY_FIBRE_TYPE; i++) {
		struct node *object = document_object(reading->document, root, quantities[i].key);

		if (!object)
			continue;
		take_distribution(reading, object, quantities[i].most,
			&uncertainty->deviations[i].distribution);
		uncertainty->deviations[i].sharing =
			take_sharing(reading, object, i == QUANTITY_ROADM_POWER);
	}
	list = document_list(reading->document, root, quantities[QUANTITY_FIBRE_TYPE].key);
	if (!list)
		return;
	uncertainty->fibres =
		arena_array(&uncertainty->arena, list->count, sizeof(*uncertainty->fibres));
	for (struct node *item = list->first; item; item = item->next)
		take_doubt(reading, item);
}

int uncertainty_read(
	struct uncertainty *uncertainty, const struct equipment *equipment, const char *path) {
	struct document document;
	const struct reading reading = {&document, uncertainty, equipment};
	int error = document_read(&document, path);

	*uncertainty = (struct uncertainty){0};
	if (!error) {
		take_all(&reading);
		error = document_finish(&document);
	}
	document_free(&document);
	if (error)
		uncertainty_free(uncertainty);
	return error;
}

const char *uncertainty_key(enum quantity quantity) {
	return quantities[quantity].key;
}

void uncertainty_free(struct uncertainty *uncertainty) {
	arena_free(&uncertainty->arena);
	*uncertainty = (struct uncertainty){0};
}

/* ---- drawing ---- */

static double draw(enum quantity quantity, enum sharing sharing, struct lot lot) {
	lot.quantity = quantity;
	if (sharing == SHARING_NETWORK)
		lot.element = lot.part = 0;
	return lot_draw(&lot);
}

double uncertainty_draw(
	const struct uncertainty *uncertainty, enum quantity quantity, struct lot lot) {
	const struct deviation *deviation = &uncertainty->deviations[quantity];

	if (deviation->distribution.kind == DISTRIBUTION_CERTAIN)
		return 0;
	return distribution_quantile(
		&deviation->distribution, draw(quantity, deviation->sharing, lot));
}

static const struct fibre_doubt *find_doubt(
	const struct uncertainty *uncertainty, const char *planned) {
	for (size_t i = 0; i < uncertainty->fibre_count; i++)
		if (strcmp(uncertainty->fibres[i].planned->name, planned) == 0)
			return &uncertainty->fibres[i];
	return NULL;
}

const struct fibre_type *uncertainty_draw_fibre(
	const struct uncertainty *uncertainty, const char *planned, struct lot lot) {
	const struct fibre_doubt *doubt = find_doubt(uncertainty, planned);
	const struct fibre_type *type = NULL;
	double p;

	if (!doubt)
		return NULL;
	p = draw(QUANTITY_FIBRE_TYPE, doubt->sharing, lot);
	for (size_t i = 0; i < doubt->count && p > 0; i++) {
		p -= doubt->probabilities[i];
		if (doubt->probabilities[i] > 0)
			type = doubt->types[i];
	}
	return type == doubt->planned ? NULL : type;
}
