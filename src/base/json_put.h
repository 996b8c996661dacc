/* json_put: values into JSON that it has no word for: what is not finite, and texts that are not
 * there, are null. For who links jansson. */
#pragma once

#include <jansson.h>
#include <math.h>

static inline json_t *json_finite(double value) {
	return isfinite(value) ? json_real(value) : json_null();
}

static inline void json_put_number(json_t *object, const char *key, double value) {
	json_object_set_new(object, key, json_finite(value));
}

static inline void json_put_text(json_t *object, const char *key, const char *text) {
	json_object_set_new(object, key, text ? json_string(text) : json_null());
}
