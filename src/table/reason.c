/* reason: the words for each reason; see reason.h. */
#include "table/reason.h"

#include <assert.h>

#define REASON_NAME(symbol, fate, name, text) name,
#define REASON_TEXT(symbol, fate, name, text) text,
#define REASON_FATE(symbol, fate, name, text) FATE_##fate,

static const char *const names[] = {REASONS(REASON_NAME)};
static const char *const texts[] = {REASONS(REASON_TEXT)};
static const enum reason_fate fates[] = {REASONS(REASON_FATE)};

const char *reason_name(enum reason reason) {
	assert(reason < REASON_COUNT);
	return names[reason];
}

const char *reason_text(enum reason reason) {
	assert(reason < REASON_COUNT);
	return texts[reason];
}

enum reason_fate reason_fate(enum reason reason) {
	assert(reason < REASON_COUNT);
	return fates[reason];
}

const char *reason_fate_name(enum reason reason) {
	static const char *const names_of_fates[] = {
		[FATE_SENT] = "forwarded", [FATE_KERNEL] = "kernel", [FATE_DROPPED] = "dropped"};

	return names_of_fates[reason_fate(reason)];
}
