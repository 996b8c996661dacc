/*
 * document: a JSON file (RFC 8259) as a tree whose every value knows its line and its path, so that
 * what is wrong with a file is told as `FILE:LINE: $.elements[3].params.length: ...`.
 *
 * The scanner is strict: no comments, no trailing commas, no NaN or Infinity, no number beyond a
 * double's range, UTF-8 throughout, no key twice in one object, at most DOCUMENT_DEPTH_MAX levels.
 * Keys that nobody asked for are warned of by document_finish(). All is freed at once. One thread.
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum { DOCUMENT_DEPTH_MAX = 64, DOCUMENT_BYTES_MAX = 64 << 20 };

enum node_kind { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_TEXT, NODE_LIST, NODE_OBJECT };

/* A value. Items and members hang together by `next`; `key` is NULL in lists. */
struct node {
	enum node_kind kind;
	unsigned int line;
	const char *key;
	union {
		bool truth;
		double number;
		const char *text;
		struct node *first;
	};
	size_t count; /* of items or members */
	struct node *parent, *next;
	bool used; /* somebody asked for it */
};

struct document {
	struct arena arena;
	const char *path;
	struct node *root;
	unsigned int mistakes, warnings; /* told so far */
	bool all_used;                   /* unknown keys are nobody's business */
};

/* 0, or a negative errno after a message: -EINVAL for what is no JSON, -EFBIG for more than
 * DOCUMENT_BYTES_MAX, or that of opening it. To be freed by document_free in either case. */
int document_read(struct document *document, const char *path);
int document_parse(struct document *document, const char *path, const char *text, size_t size);
void document_free(struct document *document);

/* A member of an object, which counts as used then; NULL if there is none, if it is null, and for
 * nodes that are no objects. */
struct node *document_member(struct node *object, const char *key);

/* The values of members. What is missing or null is `absent`; what has the wrong type or lies
 * outside of [least, most] is told as a mistake and is `absent`, too. */
double document_number(struct document *document, struct node *object, const char *key,
	double least, double most, double absent);
bool document_bool(struct document *document, struct node *object, const char *key, bool absent);
const char *document_text(
	struct document *document, struct node *object, const char *key, const char *absent);

/* A member that must be a list or an object; NULL if it is missing, or is something else, which is
 * told. */
struct node *document_list(struct document *document, struct node *object, const char *key);
struct node *document_object(struct document *document, struct node *object, const char *key);

/* A list of numbers within [least, most] in the document's arena; NULL and 0 if missing or wrong.
 */
double *document_numbers(struct document *document, struct node *object, const char *key,
	double least, double most, size_t *count);

/* What is told of a file. */
struct document_message {
	const char *file;
	unsigned int line;
	const char *path; /* in the document */
	bool is_mistake;
	const char *text;
};

/* From here on messages go to `hear`, and not to the log; NULL: to the log again. For one thread at
 * a time in the whole program. */
void document_listen(
	void (*hear)(void *owner, const struct document_message *message), void *owner);

/* Tells that this was found, here. A mistake counts; a warning does not. */
void document_mistake(struct document *document, const struct node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void document_warning(struct document *document, const struct node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether the next mistake will be told: after many only that there are more. */
bool document_tells_mistakes(const struct document *document);

/* Counts a member, or all that is in it, as used: for keys that mean nothing to Heddle. */
void document_skip(struct node *object, const char *key);

/* Warns of every key that nobody asked for; -EINVAL if there were mistakes, else 0. */
int document_finish(struct document *document);
