/* design_private: what the files of design share. */
#pragma once

#include "optics/design.h"

struct design {
	struct network *network;
	const struct equipment *equipment;
	const struct design_options *options;
	struct spectrum load; /* the library's, at the reference power */
	size_t channels;      /* of it */
};

/* Tells of a choice; the text is formatted only if somebody listens. */
void design_tell(const struct design *design, const struct element *element, const char *format,
	...) __attribute__((format(printf, 3, 4)));

/* design_lines: splits fibres, adds amplifiers, sets connectors and padding. */
void design_split(struct design *design);
void design_connectors(struct design *design);
void design_amplifiers(struct design *design);
void design_padding(struct design *design);

/* design_gain: sets all amplifiers from one node to the next. 0, or a negative errno. */
int design_line(struct design *design, int node, int first);

/* design_choice: the type for these targets, of `count`. */
struct choice {
	double gain_db, power_dbm; /* of all channels */
	bool raman_allowed;
	double extended_gain_db;
};

struct chosen {
	const struct amplifier_type *type; /* NULL if there is none */
	double short_db;                   /* by how much power falls short; 0 or below */
	size_t fitting;                    /* of how many it is the least noisy */
};

struct chosen design_choose(
	const struct amplifier_type *const *types, size_t count, const struct choice *wanted);

/* The first element of the span that an element is in: of the fibres and joints without amplifier
 * among them. */
const struct element *design_span_start(const struct design *design, const struct element *element);

/* Loss of the span that an element is in: all fibres and joints around it without amplifier. */
double design_span_loss(const struct design *design, const struct element *element);
