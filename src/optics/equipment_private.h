/* equipment_private: how the parts of an equipment file are read. */
#pragma once

#include "optics/document.h"
#include "optics/equipment.h"

/* What no real device has, so that a slip of units is found. */
#define HZ_LEAST 1e12
#define HZ_MOST  1e15
#define DB_MOST  200.0

struct reading {
	struct equipment *equipment;
	struct document *document;
	const char *folder;
	bool extends; /* a library that is there already */
};

struct arena *reading_arena(const struct reading *reading);

/* Copies that live as long as the library. */
const char *reading_keep_text(const struct reading *reading, const char *text);
double *reading_keep_numbers(const struct reading *reading, const double *numbers, size_t count);

/* As document_number and document_text; `needed` is what there is no going without. */
double reading_number(const struct reading *reading, struct node *object, const char *key,
	double least, double most, double absent);
double reading_needed(const struct reading *reading, struct node *object, const char *key,
	double least, double most);
const char *reading_needed_text(
	const struct reading *reading, struct node *object, const char *key);

/* A copy of an array with room for what a list, which may be NULL, adds. */
void *reading_grow(const struct reading *reading, const void *array, size_t count,
	const struct node *list, size_t size);

/* Where a type of this name goes in an array of `count`: behind the others, or in a file that
 * extends a library in the place of another of its name, which is warned of. NULL, and a mistake,
 * if a library has the name already. Types are structs whose first member is their name. */
void *reading_place(const struct reading *reading, const struct node *node, const char *name,
	void *array, size_t size, size_t *count);

/* All of a kind that the document has. */
void equipment_take_amplifiers(struct reading *reading);
void equipment_take_roadms(struct reading *reading);
void equipment_take_transceivers(struct reading *reading);
