/* plan_write: see plan_write.h. */
#include "optics/plan_write.h"

#include "optics/flexgrid.h"
#include "optics/physics.h"

#include "base/json_put.h"

#include <math.h>

static const struct element *element_of(const struct plan *plan, int number) {
	return plan->sections->network->elements[number];
}

/* ---- results ---- */

static void put_range(json_t *object, const char *key, const struct range *range) {
	json_t *values = json_object();

	json_put_number(values, "mean", range->mean);
	json_put_number(values, "min", range->least);
	json_put_number(values, "max", range->most);
	json_object_set_new(object, key, values);
}

static json_t *figures_json(const struct figures *figures) {
	static const char *const names[PENALTY_KINDS] = {[PENALTY_CD] = "chromatic_dispersion",
		[PENALTY_PMD] = "pmd",
		[PENALTY_PDL] = "pdl"};
	const struct range latency = {
		figures->latency_ms, figures->latency_ms, figures->latency_ms};
	json_t *object = json_object(), *penalties = json_object();

	put_range(object, "gsnr_01nm_db", &figures->gsnr_01nm_db);
	put_range(object, "gsnr_bw_db", &figures->gsnr_bw_db);
	put_range(object, "osnr_01nm_db", &figures->osnr_01nm_db);
	put_range(object, "osnr_bw_db", &figures->osnr_bw_db);
	put_range(object, "cd_ps_nm", &figures->cd_ps_nm);
	put_range(object, "pmd_ps", &figures->pmd_ps);
	put_range(object, "pdl_db", &figures->pdl_db);
	put_range(object, "rx_power_dbm", &figures->heard_dbm);
	put_range(object, "latency_ms", &latency);
	for (int kind = 0; kind < PENALTY_KINDS; kind++)
		put_range(penalties, names[kind], &figures->penalties_db[kind]);
	json_object_set_new(object, "penalties_db", penalties);
	json_put_number(object, "min_gsnr_01nm_minus_penalty_db", figures->net_gsnr_db);
	return object;
}

static void put_mode(json_t *object, const struct carried *carried) {
	const struct transceiver_mode *mode = carried->judgement.mode;

	json_put_text(object, "trx_type", carried->service->type->name);
	json_put_text(object, "mode", mode ? mode->format : NULL);
	json_put_number(object, "baud_rate", mode ? mode->baud_hz : NAN);
	json_put_number(object, "bit_rate", mode ? mode->bit_rate : NAN);
	json_put_number(object, "required_osnr", mode ? mode->osnr_db : NAN);
}

void plan_put_slots(json_t *object, const struct carried *carried) {
	json_t *n = json_array(), *m = json_array();

	for (size_t i = 0; i < carried->slot_count; i++) {
		json_array_append_new(n, json_integer(carried->slots[i].n));
		json_array_append_new(m, json_integer(carried->slots[i].m));
	}
	json_object_set_new(object, "N", carried->slot_count ? n : json_null());
	json_object_set_new(object, "M", carried->slot_count ? m : json_null());
	if (!carried->slot_count) {
		json_decref(n);
		json_decref(m);
	}
}

static void put_way(json_t *object, const struct plan *plan, const struct carried *carried) {
	json_t *roadms = json_array(), *path = json_array();
	json_int_t spans = 0;
	double km = 0;

	for (size_t i = 0; i < carried->ways.there_count; i++) {
		const struct element *element = element_of(plan, carried->ways.there[i]);

		json_array_append_new(path, json_string(element->name));
		if (element->kind == ELEMENT_ROADM)
			json_array_append_new(roadms, json_string(element->name));
		spans += element->kind == ELEMENT_FIBRE;
		km += element->fibre ? element->fibre->length_m / 1e3 : 0;
	}
	json_object_set_new(object, "roadms", roadms);
	json_object_set_new(object, "n_spans", json_integer(spans));
	json_put_number(object, "length_km", km);
	json_object_set_new(object, "path", path);
}

static json_t *result_json(const struct plan *plan, const struct carried *carried) {
	const struct service *service = carried->service;
	json_t *object = json_object();

	json_put_text(object, "request_id", service->id);
	json_put_text(object, "source", element_of(plan, service->from)->name);
	json_put_text(object, "destination", element_of(plan, service->to)->name);
	put_mode(object, carried);
	json_put_number(object, "path_bandwidth", service->bit_rate);
	json_put_number(object, "spacing", service->spacing_hz);
	json_object_set_new(object, "bidir", json_boolean(service->bidirectional));
	json_put_text(object, "blocking_reason", blocking_name(carried->blocking));
	plan_put_slots(object, carried);
	json_object_set_new(object, "holds", json_boolean(carried->holds));
	json_object_set_new(object, "channels", json_integer(carried->channels));
	put_way(object, plan, carried);
	if (carried->judgement.there.channels)
		json_object_set_new(object, "a_z", figures_json(&carried->judgement.there));
	if (carried->judgement.back.channels)
		json_object_set_new(object, "z_a", figures_json(&carried->judgement.back));
	if (carried->routing.loose_left_out)
		json_object_set_new(object, "loose_hops_left_out", json_true());
	if (carried->routing.relaxed)
		json_object_set_new(object, "disjointness_relaxed", json_true());
	return object;
}

json_t *plan_results_json(const struct plan *plan) {
	json_t *whole = json_object(), *results = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(results, result_json(plan, &plan->list[i]));
	json_object_set_new(whole, "n_requests", json_integer((json_int_t)plan->count));
	json_object_set_new(whole, "n_blocked", json_integer((json_int_t)plan->blocked));
	json_object_set_new(whole, "results", results);
	return whole;
}

/* ---- GNPy's response ---- */

static void append_metric(json_t *metrics, const char *type, double value) {
	json_t *metric = json_object();

	json_put_text(metric, "metric-type", type);
	json_put_number(
		metric, "accumulative-value", isfinite(value) ? round(value * 100) / 100 : value);
	json_array_append_new(metrics, metric);
}

static json_t *metrics_json(const struct service *service, const struct figures *figures) {
	json_t *metrics = json_array(), *metric;

	append_metric(metrics, "SNR-bandwidth", figures->gsnr_bw_db.mean);
	append_metric(metrics, "SNR-0.1nm", figures->gsnr_01nm_db.mean);
	append_metric(metrics, "OSNR-bandwidth", figures->osnr_bw_db.mean);
	append_metric(metrics, "OSNR-0.1nm", figures->osnr_01nm_db.mean);
	metric = json_object();
	json_put_text(metric, "metric-type", "reference_power");
	json_put_number(metric, "accumulative-value", dbm_to_watt(service->power_dbm));
	json_array_append_new(metrics, metric);
	metric = json_object();
	json_put_text(metric, "metric-type", "path_bandwidth");
	json_put_number(metric, "accumulative-value", service->bit_rate);
	json_array_append_new(metrics, metric);
	return metrics;
}

/* What is said of an element of a route, numbered on. */
static void append_hop(json_t *objects, const char *key, json_t *value) {
	json_t *object = json_object(), *hop = json_object();

	json_object_set_new(object, "index", json_integer((json_int_t)json_array_size(objects)));
	json_object_set_new(object, key, value);
	json_object_set_new(hop, "path-route-object", object);
	json_array_append_new(objects, hop);
}

static json_t *hop_json(const struct element *element) {
	json_t *hop = json_object();

	json_put_text(hop, "node-id", element->name);
	json_put_text(hop, "link-tp-id", element->name);
	return hop;
}

static json_t *labels_json(const struct carried *carried) {
	json_t *labels = json_array();

	for (size_t i = 0; i < carried->slot_count; i++) {
		json_t *label = json_object();

		json_object_set_new(label, "N", json_integer(carried->slots[i].n));
		json_object_set_new(label, "M", json_integer(carried->slots[i].m));
		json_array_append_new(labels, label);
	}
	return labels;
}

static json_t *hops_json(
	const struct plan *plan, const struct carried *carried, const int *way, size_t count) {
	const struct transceiver_mode *mode = carried->judgement.mode;
	json_t *objects = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct element *element = element_of(plan, way[i]);

		append_hop(objects, "num-unnum-hop", hop_json(element));
		if (carried->slot_count)
			append_hop(objects, "label-hop", labels_json(carried));
		if (element->kind == ELEMENT_TRANSCEIVER) {
			json_t *transponder = json_object();

			json_put_text(
				transponder, "transponder-type", carried->service->type->name);
			json_put_text(transponder, "transponder-mode", mode ? mode->format : NULL);
			append_hop(objects, "transponder", transponder);
		}
	}
	return objects;
}

static json_t *properties_json(const struct plan *plan, const struct carried *carried) {
	const struct ways *ways = &carried->ways;
	json_t *properties = json_object();

	json_object_set_new(properties, "path-metric",
		metrics_json(carried->service, &carried->judgement.there));
	if (carried->judgement.back.channels)
		json_object_set_new(properties, "z-a-path-metric",
			metrics_json(carried->service, &carried->judgement.back));
	json_object_set_new(properties, "path-route-objects",
		hops_json(plan, carried, ways->there, ways->there_count));
	if (ways->back)
		json_object_set_new(properties, "reversed-path-route-objects",
			hops_json(plan, carried, ways->back, ways->back_count));
	return properties;
}

static json_t *response_json(const struct plan *plan, const struct carried *carried) {
	json_t *object = json_object(), *none = json_object();

	json_put_text(object, "response-id", carried->service->id);
	if (!carried->blocking) {
		json_decref(none);
		json_object_set_new(object, "path-properties", properties_json(plan, carried));
		return object;
	}
	json_put_text(none, "no-path", blocking_name(carried->blocking));
	if (carried->judgement.there.channels)
		json_object_set_new(none, "path-properties", properties_json(plan, carried));
	json_object_set_new(object, "no-path", none);
	return object;
}

json_t *plan_response_json(const struct plan *plan) {
	json_t *whole = json_object(), *responses = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(responses, response_json(plan, &plan->list[i]));
	json_object_set_new(whole, "response", responses);
	return whole;
}

/* ---- in words ---- */

static double worse_net(const struct judgement *judgement) {
	return judgement->back.channels
		       ? fmin(judgement->there.net_gsnr_db, judgement->back.net_gsnr_db)
		       : judgement->there.net_gsnr_db;
}

static double worse_power(const struct judgement *judgement) {
	return judgement->back.channels
		       ? fmin(judgement->there.heard_dbm.least, judgement->back.heard_dbm.least)
		       : judgement->there.heard_dbm.least;
}

const char *plan_why(const struct plan *plan, const struct carried *carried, double margin_db,
	struct arena *arena) {
	const struct service *service = carried->service;
	const struct transceiver_mode *mode = carried->judgement.mode;

	switch (carried->blocking) {
	case BLOCKED_NOT:
		return NULL;
	case BLOCKED_NO_PATH:
		return arena_print(arena, "nothing leads from '%s' to '%s'",
			element_of(plan, service->from)->name, element_of(plan, service->to)->name);
	case BLOCKED_NO_PATH_WITH_CONSTRAINT:
		return "no route passes what it is to pass and keeps apart from what it is to";
	case BLOCKED_NO_FEASIBLE_BAUDRATE_WITH_SPACING:
		return arena_print(arena, "no mode of '%s' fits into %g GHz", service->type->name,
			service->spacing_hz / 1e9);
	case BLOCKED_NO_SPECTRUM:
		return arena_print(arena, "no slot for %d x %g GHz is free all along the route",
			carried->channels, service->spacing_hz / 1e9);
	case BLOCKED_NOT_ENOUGH_RESERVED_SPECTRUM:
		return arena_print(arena, "%d x %g GHz do not fit into the slots given",
			carried->channels, service->spacing_hz / 1e9);
	default:
		if (worse_power(&carried->judgement) < mode->rx_power_min_dbm)
			return arena_print(arena,
				"the receiver of '%s' takes %.1f dBm or more; %.1f dBm arrive",
				mode->format, mode->rx_power_min_dbm,
				worse_power(&carried->judgement));
		return arena_print(arena, "'%s' needs %.2f dB with margin; %.2f dB arrive",
			mode->format, mode->osnr_db + margin_db, worse_net(&carried->judgement));
	}
}
