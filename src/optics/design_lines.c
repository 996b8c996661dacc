/* design_lines: the shape of lines: spans of a length that can be amplified, and amplifiers between
 * them. */
#include "optics/design_private.h"

#include <math.h>
#include <string.h>

/* The length that spans are split towards, and the least. */
static const double span_wanted_m = 90e3, span_least_m = 50e3;

/* dB/m that padding is turned into a length by. */
static const double typical_loss_db_m = 0.2e-3;

/* Into how many spans: the number whose length is nearer to what is wanted, unless only the other
 * is within bounds. */
static size_t spans_for(double length, double least, double wanted, double most) {
	size_t few = (size_t)(length / wanted), many = few + 1;
	double shorter = length / (double)many, longer = few ? length / (double)few : INFINITY;
	bool shorter_fits = shorter >= least && shorter <= most;
	bool longer_fits = longer >= least && longer <= most;

	if (shorter_fits != longer_fits)
		return shorter_fits ? many : few;
	return wanted - shorter < longer - wanted ? many : few;
}

static struct location between(
	const struct location *from, const struct location *to, double part) {
	struct location at = *from;

	at.latitude += (to->latitude - from->latitude) * part;
	at.longitude += (to->longitude - from->longitude) * part;
	return at;
}

/* The first part is the element itself, under a new name. */
static void split(struct design *design, int number, size_t spans) {
	struct network *network = design->network;
	struct element *element = network->elements[number];
	const struct element *from =
		element->previous_count ? network->elements[element->previous[0]] : element;
	const struct element *to =
		element->next_count ? network->elements[element->next[0]] : element;
	const char *name = element->name;
	double length = element->fibre->length_m;
	int last = number;

	element->fibre->length_m = length / (double)spans;
	design_tell(design, element, "%.1f km are split into %zu spans of %.1f km", length / 1e3,
		spans, element->fibre->length_m / 1e3);
	for (size_t n = 2; n <= spans; n++) {
		const char *part = arena_print(&network->arena, "%s_(%zu/%zu)", name, n, spans);
		struct element *own = network_add(network, part, ELEMENT_FIBRE);
		int added = (int)network->count - 1;

		own->fibre = arena_alloc(&network->arena, sizeof(*own->fibre));
		*own->fibre = *element->fibre;
		own->has_pumps = element->has_pumps;
		own->location =
			between(&from->location, &to->location, ((double)n - 0.5) / (double)spans);
		if (network->elements[last]->next_count)
			network_insert(network, last, network->elements[last]->next[0], added);
		else
			network_connect(network, last, added);
		last = added;
	}
	element->location = between(&from->location, &to->location, 0.5 / (double)spans);
	network_rename(network, number, arena_print(&network->arena, "%s_(1/%zu)", name, spans));
}

void design_split(struct design *design) {
	const struct span_rules *rules = &design->equipment->span;
	double least = fmax(floor(rules->padding_db / typical_loss_db_m), span_least_m);
	double wanted = fmax(least, fmin(rules->max_length_m, span_wanted_m));
	size_t count = design->network->count;

	for (size_t i = 0; i < count; i++) {
		const struct element *element = design->network->elements[i];

		if (element->kind == ELEMENT_FIBRE &&
			element->fibre->length_m >= floor(rules->max_length_m)) {
			size_t spans = spans_for(
				element->fibre->length_m, least, wanted, rules->max_length_m);

			if (spans > 1)
				split(design, (int)i, spans);
		}
	}
}

void design_connectors(struct design *design) {
	const struct span_rules *rules = &design->equipment->span;

	for (size_t i = 0; i < design->network->count; i++) {
		const struct element *element = design->network->elements[i];
		struct fibre *fibre = element->fibre;

		if (!fibre)
			continue;
		if (isnan(fibre->connector_in_db))
			fibre->connector_in_db = rules->connector_in_db;
		if (isnan(fibre->connector_out_db))
			fibre->connector_out_db = rules->connector_out_db;
		if (!element->next_count ||
			design->network->elements[element->next[0]]->kind != ELEMENT_FUSED)
			fibre->connector_out_db += rules->end_of_life_db;
	}
}

/* ---- amplifiers ---- */

/* The bands that the line through an element is designed for: what the node where it begins says of
 * the degree, which any element of the line may stand for by name, or of all degrees; none: the
 * library's. */
static const struct design_band *bands_of_line(
	const struct design *design, const struct element *element, size_t *count) {
	const struct element *first = element, *node = element;
	const struct roadm *roadm;

	*count = 0;
	while (!element_is_node(node) && node->previous_count) {
		first = node;
		node = design->network->elements[node->previous[0]];
	}
	roadm = node->roadm;
	if (!roadm)
		return NULL;
	for (; !element_is_node(first); first = design->network->elements[first->next[0]]) {
		for (size_t i = 0; i < roadm->degree_band_count; i++)
			if (strcmp(roadm->degree_bands[i].degree, first->name) == 0) {
				*count = roadm->degree_bands[i].count;
				return roadm->degree_bands[i].bands;
			}
		if (!first->next_count)
			break;
	}
	*count = roadm->band_count;
	return roadm->bands;
}

/* An amplifier of a band that all is still to be said of. */
static struct amplifier to_be_chosen(double f_min_hz, double f_max_hz) {
	return (struct amplifier){.gain_db = NAN,
		.delta_p_db = NAN,
		.tilt_db = NAN,
		.out_voa_db = NAN,
		.in_voa_db = NAN,
		.f_min_hz = f_min_hz,
		.f_max_hz = f_max_hz};
}

static void add(struct design *design, int from, int to, const char *name,
	const struct location *location, const struct design_band *bands, size_t band_count) {
	struct network *network = design->network;
	struct element *element;

	if (network_find(network, name) != ELEMENT_NONE)
		name = arena_print(&network->arena, "%s_(added)", name);
	element = network_add(network, name, ELEMENT_AMPLIFIER);
	element->location = *location;
	element->amplifier_count = band_count > 1 ? band_count : 1;
	element->is_multi_band = band_count > 1;
	element->amplifiers = arena_array(
		&network->arena, element->amplifier_count, sizeof(*element->amplifiers));
	for (size_t b = 0; b < element->amplifier_count; b++)
		element->amplifiers[b] = to_be_chosen(band_count > 1 ? bands[b].f_min_hz : 0,
			band_count > 1 ? bands[b].f_max_hz : 0);
	network_insert(network, from, to, (int)network->count - 1);
	design_tell(design, element, "added between '%s' and '%s'", network->elements[from]->name,
		network->elements[to]->name);
}

static bool is_passive(const struct element *element) {
	return element->kind == ELEMENT_FIBRE;
}

static void amplify_node(struct design *design, int number) {
	struct network *network = design->network;
	const struct element *node = network->elements[number];
	const struct design_band *bands;
	size_t count;

	for (size_t k = 0; k < node->next_count; k++) {
		const struct element *next = network->elements[node->next[k]];

		if (!is_passive(next))
			continue;
		bands = bands_of_line(design, next, &count);
		add(design, number, node->next[k],
			arena_print(
				&network->arena, "Edfa_booster_%s_to_%s", node->name, next->name),
			&node->location, bands, count);
	}
	for (size_t k = 0; k < node->previous_count; k++) {
		const struct element *previous = network->elements[node->previous[k]];

		if (!is_passive(previous))
			continue;
		bands = bands_of_line(design, previous, &count);
		add(design, node->previous[k], number,
			arena_print(&network->arena, "Edfa_preamp_%s_from_%s", node->name,
				previous->name),
			&node->location, bands, count);
	}
}

/* An amplifier of several bands that names none has those of its type, or of the line. */
static void give_bands(struct design *design, struct element *element) {
	const struct amplifier_type *multi = element->multi;
	const struct design_band *bands;
	size_t count;

	bands = bands_of_line(design, element, &count);
	if (multi)
		count = multi->member_count;
	element->amplifiers =
		arena_array(&design->network->arena, count, sizeof(*element->amplifiers));
	element->amplifier_count = count;
	for (size_t b = 0; b < count; b++)
		element->amplifiers[b] =
			to_be_chosen(multi ? multi->members[b]->f_min_hz : bands[b].f_min_hz,
				multi ? multi->members[b]->f_max_hz : bands[b].f_max_hz);
}

void design_amplifiers(struct design *design) {
	struct network *network = design->network;
	size_t count = network->count;

	for (size_t i = 0; i < count; i++)
		if (network->elements[i]->kind == ELEMENT_ROADM)
			amplify_node(design, (int)i);
		else if (network->elements[i]->is_multi_band &&
			 !network->elements[i]->amplifier_count)
			give_bands(design, network->elements[i]);
	for (size_t i = 0; i < count; i++) {
		const struct element *element = network->elements[i];
		const struct design_band *bands;
		size_t bands_count;

		if (!element->fibre || !element->next_count ||
			!is_passive(network->elements[element->next[0]]))
			continue;
		bands = bands_of_line(design, element, &bands_count);
		add(design, (int)i, element->next[0],
			arena_print(&network->arena, "Edfa_%s", element->name), &element->location,
			bands, bands_count);
	}
}

/* A span that loses too little for its amplifier gets an attenuator at its start. */
void design_padding(struct design *design) {
	for (size_t i = 0; i < design->network->count; i++) {
		const struct element *element = design->network->elements[i], *first;
		double loss;

		if (!element->fibre ||
			(element->next_count &&
				design->network->elements[element->next[0]]->kind == ELEMENT_FUSED))
			continue;
		loss = design_span_loss(design, element);
		if (loss >= design->equipment->span.padding_db)
			continue;
		first = design_span_start(design, element);
		if (!first->fibre) /* a joint at a ROADM, in an amplifier's place */
			continue;
		first->fibre->padding_db += design->equipment->span.padding_db - loss;
		design_tell(design, first, "attenuated by %.2f dB, for its span loses %.2f of %.2f",
			first->fibre->padding_db, loss, design->equipment->span.padding_db);
	}
}
