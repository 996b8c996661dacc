/* told: see told.h. */
#include "http/told.h"

#include <string.h>

char *told_text(json_t *document) {
	char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15));

	json_decref(document);
	return text;
}

static const char *behind_time(const char *text) {
	static const char time[] = "{\"at\":";
	const char *rest = strncmp(text, time, sizeof(time) - 1) == 0 ? strchr(text, ',') : NULL;

	return rest ? rest : text;
}

bool told_is_news(const char *before, const char *text) {
	return !before || strcmp(behind_time(before), behind_time(text)) != 0;
}
