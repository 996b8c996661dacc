/* document: see document.h. */
#include "optics/document.h"

#include "base/log.h"
#include "base/whole_file.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PATH_BYTES = 512,
	MESSAGE_BYTES = 512,
	TOLD_MAX = 100,
};

/* ---- what is told ---- */

static void to_log(void *owner, const struct document_message *message) {
	(message->is_mistake ? log_error : log_warning)(
		"%s:%u: %s: %s", message->file, message->line, message->path, message->text);
}

static struct {
	void (*hear)(void *owner, const struct document_message *message);
	void *owner;
} listener = {to_log, NULL};

void document_listen(
	void (*hear)(void *owner, const struct document_message *message), void *owner) {
	listener.hear = hear ? hear : to_log;
	listener.owner = owner;
}

/* The path of a node, from the root down: "$.elements[3].params". */
static void print_path(const struct node *node, char *text, size_t room) {
	const struct node *chain[DOCUMENT_DEPTH_MAX + 2];
	size_t count = 0, length;

	for (; node && node->parent && count < DOCUMENT_DEPTH_MAX + 1; node = node->parent)
		chain[count++] = node;
	length = (size_t)snprintf(text, room, "$");
	while (count-- > 0 && length < room) {
		size_t index = 0;

		if (chain[count]->key) {
			length += (size_t)snprintf(
				text + length, room - length, ".%s", chain[count]->key);
			continue;
		}
		for (const struct node *item = chain[count]->parent->first; item != chain[count];
			item = item->next)
			index++;
		length += (size_t)snprintf(text + length, room - length, "[%zu]", index);
	}
}

static void tell(struct document *document, const struct node *node, bool is_mistake,
	const char *format, va_list arguments) {
	char path[PATH_BYTES], message[MESSAGE_BYTES];
	unsigned int *told = is_mistake ? &document->mistakes : &document->warnings;

	if (++*told > TOLD_MAX) {
		if (*told == TOLD_MAX + 1)
			log_error("%s: and more of the kind", document->path);
		return;
	}
	print_path(node, path, sizeof(path));
	vsnprintf(message, sizeof(message), format, arguments);
	listener.hear(listener.owner, &(struct document_message){document->path,
					      node ? node->line : 1, path, is_mistake, message});
}

void document_mistake(struct document *document, const struct node *node, const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	tell(document, node, true, format, arguments);
	va_end(arguments);
}

void document_warning(struct document *document, const struct node *node, const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	tell(document, node, false, format, arguments);
	va_end(arguments);
}

bool document_tells_mistakes(const struct document *document) {
	return document->mistakes < TOLD_MAX;
}

/* ---- life ---- */

int document_read(struct document *document, const char *path) {
	struct whole_file file = {0};
	int error = whole_file_read(&file, path, DOCUMENT_BYTES_MAX);

	*document = (struct document){.path = path};
	if (error)
		log_error(
			"%s: %s", path, error == -EINVAL ? "is no regular file" : strerror(-error));
	else
		error = document_parse(document, path, file.text, file.size);
	whole_file_free(&file);
	return error;
}

void document_free(struct document *document) {
	arena_free(&document->arena);
	document->root = NULL;
}

/* ---- what readers ask ---- */

struct node *document_member(struct node *object, const char *key) {
	if (!object || object->kind != NODE_OBJECT)
		return NULL;
	for (struct node *member = object->first; member; member = member->next)
		if (strcmp(member->key, key) == 0) {
			member->used = true;
			return member->kind == NODE_NULL ? NULL : member;
		}
	return NULL;
}

static bool is_within(
	struct document *document, const struct node *node, double least, double most) {
	if (node->kind != NODE_NUMBER)
		document_mistake(document, node, "a number is expected");
	else if (node->number < least || node->number > most)
		document_mistake(document, node, "%.15g is out of range: %g to %g are possible",
			node->number, least, most);
	else
		return true;
	return false;
}

double document_number(struct document *document, struct node *object, const char *key,
	double least, double most, double absent) {
	const struct node *node = document_member(object, key);

	return node && is_within(document, node, least, most) ? node->number : absent;
}

bool document_bool(struct document *document, struct node *object, const char *key, bool absent) {
	const struct node *node = document_member(object, key);

	if (node && node->kind != NODE_BOOL)
		document_mistake(document, node, "true or false is expected");
	return node && node->kind == NODE_BOOL ? node->truth : absent;
}

const char *document_text(
	struct document *document, struct node *object, const char *key, const char *absent) {
	const struct node *node = document_member(object, key);

	if (node && node->kind != NODE_TEXT)
		document_mistake(document, node, "a text is expected");
	return node && node->kind == NODE_TEXT ? node->text : absent;
}

struct node *document_list(struct document *document, struct node *object, const char *key) {
	struct node *node = document_member(object, key);

	if (node && node->kind != NODE_LIST)
		document_mistake(document, node, "a list is expected");
	return node && node->kind == NODE_LIST ? node : NULL;
}

struct node *document_object(struct document *document, struct node *object, const char *key) {
	struct node *node = document_member(object, key);

	if (node && node->kind != NODE_OBJECT)
		document_mistake(document, node, "an object is expected");
	return node && node->kind == NODE_OBJECT ? node : NULL;
}

double *document_numbers(struct document *document, struct node *object, const char *key,
	double least, double most, size_t *count) {
	const struct node *list = document_list(document, object, key);
	double *numbers, *to;

	*count = 0;
	if (!list)
		return NULL;
	to = numbers = arena_array(&document->arena, list->count, sizeof(*numbers));
	for (const struct node *item = list->first; item; item = item->next) {
		if (!is_within(document, item, least, most))
			return NULL;
		*to++ = item->number;
	}
	*count = list->count;
	return numbers;
}

static void mark_used(struct node *node) {
	node->used = true;
	if (node->kind == NODE_LIST || node->kind == NODE_OBJECT)
		for (struct node *child = node->first; child; child = child->next)
			mark_used(child);
}

void document_skip(struct node *object, const char *key) {
	struct node *node = document_member(object, key);

	if (node)
		mark_used(node);
}

/* Items of lists are asked for by walking; what is in something unknown is not told again. */
static void warn_of_unknown(struct document *document, const struct node *node) {
	if (node->kind != NODE_LIST && node->kind != NODE_OBJECT)
		return;
	for (const struct node *child = node->first; child; child = child->next)
		if (child->key && !child->used)
			document_warning(document, child, "unknown key, ignored");
		else
			warn_of_unknown(document, child);
}

int document_finish(struct document *document) {
	if (document->root && !document->all_used)
		warn_of_unknown(document, document->root);
	return document->mistakes ? -EINVAL : 0;
}
