/* equipment_transceivers: the transceivers of an equipment file, with their modes. */
#include "optics/equipment_private.h"

#include <math.h>
#include <string.h>

/* In ascending order; `count` are there. */
static void put_penalty(struct penalty_point *points, size_t count, struct penalty_point point) {
	for (; count > 0 && points[count - 1].impairment > point.impairment; count--)
		points[count] = points[count - 1];
	points[count] = point;
}

static void take_penalties(
	const struct reading *reading, struct node *object, struct transceiver_mode *mode) {
	static const char *const kinds[PENALTY_KINDS] = {"chromatic_dispersion", "pmd", "pdl"};
	struct node *list = document_list(reading->document, object, "penalties");

	for (int kind = 0; list && kind < PENALTY_KINDS; kind++) {
		struct penalty_point *points =
			arena_array(reading_arena(reading), list->count + 1, sizeof(*points));
		size_t count = 0;

		for (struct node *item = list->first; item; item = item->next) {
			if (!document_member(item, kinds[kind]))
				continue;
			put_penalty(points, count++,
				(struct penalty_point){
					reading_number(reading, item, kinds[kind], -1e7, 1e7, 0),
					reading_needed(
						reading, item, "penalty_value", 0, DB_MOST)});
		}
		/* Nothing costs nothing. */
		if (count && points[0].impairment > 0) {
			memmove(points + 1, points, count * sizeof(*points));
			points[0] = (struct penalty_point){0, 0};
			count++;
		}
		mode->penalties[kind] = points;
		mode->penalty_count[kind] = count;
	}
}

static void take_mode(
	const struct reading *reading, struct node *object, struct transceiver_mode *mode) {
	mode->format = reading_needed_text(reading, object, "format");
	mode->baud_hz = reading_needed(reading, object, "baud_rate", 1e8, 1e12);
	mode->bit_rate = reading_needed(reading, object, "bit_rate", 1e8, 1e14);
	mode->osnr_db = reading_needed(reading, object, "OSNR", -50, DB_MOST);
	mode->roll_off = reading_number(reading, object, "roll_off", 0, 1, 0.15);
	mode->tx_osnr_db = reading_number(reading, object, "tx_osnr", 0, DB_MOST, INFINITY);
	mode->min_spacing_hz =
		reading_number(reading, object, "min_spacing", 1e8, 1e13, mode->baud_hz);
	mode->cost = reading_number(reading, object, "cost", 0, 1e12, 1);
	mode->offset_db = reading_number(reading, object, "equalization_offset_db", -50, 50, 0);
	mode->tx_power_dbm = reading_number(reading, object, "tx_power_dbm", -100, 60, NAN);
	mode->rx_power_min_dbm = reading_number(reading, object, "rx_power_min_dbm", -100, 60, NAN);
	mode->power_w = reading_number(reading, object, "power_w", 0, 1e5, NAN);
	take_penalties(reading, object, mode);
}

static void take_transceiver(
	const struct reading *reading, struct node *object, struct transceiver_type *type) {
	struct node *range = document_object(reading->document, object, "frequency");
	struct node *list = document_list(reading->document, object, "mode");
	struct transceiver_mode *modes;

	type->f_min_hz = reading_number(reading, range, "min", HZ_LEAST, HZ_MOST, 191.3e12);
	type->f_max_hz = reading_number(reading, range, "max", HZ_LEAST, HZ_MOST, 196.1e12);
	if (!list) {
		document_mistake(reading->document, object, "'mode' is missing");
		return;
	}
	modes = arena_array(reading_arena(reading), list->count, sizeof(*modes));
	for (struct node *item = list->first; item; item = item->next)
		take_mode(reading, item, &modes[type->mode_count++]);
	type->modes = modes;
}

void equipment_take_transceivers(struct reading *reading) {
	struct equipment *equipment = reading->equipment;
	struct node *list =
		document_list(reading->document, reading->document->root, "Transceiver");

	equipment->transceivers = reading_grow(reading, equipment->transceivers,
		equipment->transceiver_count, list, sizeof(*equipment->transceivers));
	for (struct node *item = list ? list->first : NULL; item; item = item->next) {
		struct transceiver_type read = {0}, *place;

		read.name = reading_needed_text(reading, item, "type_variety");
		take_transceiver(reading, item, &read);
		place = reading_place(reading, item, read.name, equipment->transceivers,
			sizeof(read), &equipment->transceiver_count);
		if (place)
			*place = read;
	}
}
