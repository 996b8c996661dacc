/* roadm: see roadm.h. */
#include "optics/roadm.h"

#include "optics/physics.h"

#include <string.h>

struct target roadm_target(const struct roadm *roadm, const char *to) {
	for (size_t i = 0; i < roadm->target_count; i++)
		if (strcmp(roadm->targets[i].degree, to) == 0)
			return roadm->targets[i].target;
	return roadm->type.target;
}

double target_dbm(struct target target, double baud_hz, double slot_hz) {
	switch (target.kind) {
	case EQUALISE_PSD:
		return ratio_to_db(target.value * baud_hz * 1e-9);
	case EQUALISE_PSW:
		return ratio_to_db(target.value * slot_hz * 1e-9);
	default:
		return target.value;
	}
}

/* The set that two degrees name, or the first of the way's kind. */
static const struct impairment_set *find_set(
	const struct roadm *roadm, const char *from, const char *to, enum roadm_way way) {
	const struct roadm_type *type = &roadm->type;

	for (size_t i = 0; i < roadm->impairment_count; i++) {
		const struct degree_impairment *own = &roadm->impairments[i];

		if (strcmp(own->from, from) == 0 && strcmp(own->to, to) == 0)
			for (size_t k = 0; k < type->impairment_count; k++)
				if (type->impairments[k].id == own->id)
					return &type->impairments[k];
	}
	for (size_t k = 0; k < type->impairment_count; k++)
		if (type->impairments[k].way == way)
			return &type->impairments[k];
	return NULL;
}

/* What one channel meets: the set's band that it is in, and the type's own values for the rest.
 * Add and drop have half of add_drop_osnr each. */
static struct impairment meet(const struct roadm_type *type, const struct impairment_set *set,
	enum roadm_way way, double frequency_hz) {
	struct impairment met = {.pmd_s = type->pmd_s,
		.pdl_db = type->pdl_db,
		.osnr_db =
			way == ROADM_EXPRESS ? INFINITY : type->add_drop_osnr_db + ratio_to_db(2)};

	for (size_t i = 0; set && i < set->count; i++) {
		const struct impairment *band = &set->bands[i];

		if (frequency_hz < band->f_min_hz || frequency_hz > band->f_max_hz)
			continue;
		if (!isnan(band->pmd_s))
			met.pmd_s = band->pmd_s;
		if (!isnan(band->pdl_db))
			met.pdl_db = band->pdl_db;
		if (!isnan(band->osnr_db))
			met.osnr_db = band->osnr_db;
		if (!isnan(band->max_loss_db))
			met.max_loss_db = band->max_loss_db;
		break;
	}
	return met;
}

void roadm_pass(const struct roadm *roadm, const char *from, const char *to, enum roadm_way way,
	struct spectrum *spectrum, double *osnr_db) {
	const struct impairment_set *set = find_set(roadm, from, to, way);
	struct target target = roadm_target(roadm, to);

	for (size_t i = 0; i < spectrum->count; i++) {
		struct impairment met = meet(&roadm->type, set, way, spectrum->frequency_hz[i]);
		double power = spectrum_power_w(spectrum, i);
		double in = watt_to_dbm(power);
		double out = fmin(in - met.max_loss_db,
			target_dbm(target, spectrum->baud_hz[i], spectrum->slot_hz[i]) +
				spectrum->delta_p_db[i] +
				(roadm->error_db ? roadm->error_db[i] : 0));
		double ratio = db_to_ratio(out - in);

		spectrum->signal_w[i] *= ratio;
		spectrum->ase_w[i] *= ratio;
		spectrum->nli_w[i] *= ratio;
		spectrum->pmd_s2[i] += met.pmd_s * met.pmd_s;
		spectrum->pdl_db2[i] += met.pdl_db * met.pdl_db;
		osnr_db[i] = met.osnr_db;
	}
}
