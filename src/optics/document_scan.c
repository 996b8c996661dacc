/* document_scan: from a text to a tree of nodes (document_parse of document.h), by RFC 8259. */
#include "optics/document.h"

#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	NUMBER_BYTES = 64,
	MEMBERS_MAX = 1024, /* each new key is compared with those before it */
};

struct scanner {
	struct document *document;
	const char *at, *end;
	unsigned int line, depth;
	char *scratch; /* for strings with escapes; as long as the text */
};

static bool fail(struct scanner *scanner, const char *what) {
	if (!scanner->document->mistakes++)
		log_error("%s:%u: %s", scanner->document->path, scanner->line, what);
	return false;
}

static void skip_space(struct scanner *scanner) {
	for (; scanner->at < scanner->end; scanner->at++) {
		if (*scanner->at == '\n')
			scanner->line++;
		else if (*scanner->at != ' ' && *scanner->at != '\t' && *scanner->at != '\r')
			return;
	}
}

static bool take(struct scanner *scanner, char expected) {
	skip_space(scanner);
	if (scanner->at == scanner->end || *scanner->at != expected)
		return false;
	scanner->at++;
	return true;
}

static int hex_digits(struct scanner *scanner) {
	int value = 0;

	if (scanner->end - scanner->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char letter = *scanner->at++;

		value *= 16;
		if (letter >= '0' && letter <= '9')
			value += letter - '0';
		else if ((letter | 32) >= 'a' && (letter | 32) <= 'f')
			value += (letter | 32) - 'a' + 10;
		else
			return -1;
	}
	return value;
}

static char *put_utf8(char *to, unsigned int code) {
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 63));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 63));
		*to++ = (char)(0x80 | (code & 63));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 63));
		*to++ = (char)(0x80 | (code >> 6 & 63));
		*to++ = (char)(0x80 | (code & 63));
	}
	return to;
}

/* After "\u": a code point, of two surrogates if need be; 0 (which no name needs) is refused. */
static char *take_unicode(struct scanner *scanner, char *to) {
	int code = hex_digits(scanner), low;

	if (code >= 0xd800 && code < 0xdc00 && scanner->end - scanner->at > 2 &&
		scanner->at[0] == '\\' && scanner->at[1] == 'u') {
		scanner->at += 2;
		low = hex_digits(scanner);
		if (low < 0xdc00 || low > 0xdfff)
			return NULL;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	if (code <= 0 || (code >= 0xd800 && code < 0xe000))
		return NULL;
	return put_utf8(to, (unsigned int)code);
}

static char *take_escape(struct scanner *scanner, char *to) {
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (scanner->at == scanner->end)
		return NULL;
	if (*scanner->at == 'u') {
		scanner->at++;
		return take_unicode(scanner, to);
	}
	found = memchr(letters, *scanner->at++, sizeof(letters) - 1);
	if (!found)
		return NULL;
	*to = meant[found - letters];
	return to + 1;
}

/* The length of the UTF-8 sequence at `text`, or 0 (Unicode 15, table 3-7). */
static size_t utf8_length(const unsigned char *text, size_t room) {
	unsigned int first = text[0], least = 0x80, most = 0xbf;
	size_t length;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (room < length)
		return 0;
	if (first == 0xe0)
		least = 0xa0;
	else if (first == 0xed)
		most = 0x9f;
	else if (first == 0xf0)
		least = 0x90;
	else if (first == 0xf4)
		most = 0x8f;
	if (text[1] < least || text[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* After the opening quote. */
static const char *take_string(struct scanner *scanner) {
	char *to = scanner->scratch;

	while (scanner->at < scanner->end && *scanner->at != '"') {
		size_t length;

		if ((unsigned char)*scanner->at < 0x20) {
			fail(scanner, "a control character in a text; escape it");
			return NULL;
		}
		if (*scanner->at == '\\') {
			scanner->at++;
			to = take_escape(scanner, to);
			if (!to) {
				fail(scanner, "an escape that JSON does not know");
				return NULL;
			}
			continue;
		}
		length = utf8_length(
			(const unsigned char *)scanner->at, (size_t)(scanner->end - scanner->at));
		if (!length) {
			fail(scanner, "bytes that are no UTF-8");
			return NULL;
		}
		memcpy(to, scanner->at, length);
		to += length;
		scanner->at += length;
	}
	if (scanner->at == scanner->end) {
		fail(scanner, "a text that does not end");
		return NULL;
	}
	scanner->at++;
	return arena_text_of(
		&scanner->document->arena, scanner->scratch, (size_t)(to - scanner->scratch));
}

static bool is_digit(const struct scanner *scanner) {
	return scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9';
}

static bool skip_digits(struct scanner *scanner) {
	if (!is_digit(scanner))
		return false;
	while (is_digit(scanner))
		scanner->at++;
	return true;
}

/* -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool skip_number(struct scanner *scanner) {
	if (*scanner->at == '-')
		scanner->at++;
	if (scanner->at < scanner->end && *scanner->at == '0')
		scanner->at++;
	else if (!skip_digits(scanner))
		return false;
	if (scanner->at < scanner->end && *scanner->at == '.') {
		scanner->at++;
		if (!skip_digits(scanner))
			return false;
	}
	if (scanner->at < scanner->end && (*scanner->at | 32) == 'e') {
		scanner->at++;
		if (scanner->at < scanner->end && (*scanner->at == '+' || *scanner->at == '-'))
			scanner->at++;
		if (!skip_digits(scanner))
			return false;
	}
	return true;
}

static bool take_number(struct scanner *scanner, struct node *node) {
	const char *start = scanner->at;
	char digits[NUMBER_BYTES];
	size_t length;

	if (!skip_number(scanner))
		return fail(scanner, "neither a value nor a number as JSON writes it");
	length = (size_t)(scanner->at - start);
	if (length >= sizeof(digits))
		return fail(scanner, "a number of too many digits");
	memcpy(digits, start, length);
	digits[length] = 0;
	node->kind = NODE_NUMBER;
	node->number = strtod(digits, NULL);
	return isfinite(node->number) || fail(scanner, "a number that is too large");
}

static bool take_word(struct scanner *scanner, const char *word) {
	size_t length = strlen(word);

	if ((size_t)(scanner->end - scanner->at) < length || memcmp(scanner->at, word, length) != 0)
		return false;
	scanner->at += length;
	return true;
}

static struct node *add_child(struct scanner *scanner, struct node *parent, struct node **last) {
	struct node *node = arena_alloc(&scanner->document->arena, sizeof(*node));

	skip_space(scanner);
	node->line = scanner->line;
	node->parent = parent;
	if (*last)
		(*last)->next = node;
	else
		parent->first = node;
	*last = node;
	parent->count++;
	return node;
}

static bool take_value(struct scanner *scanner, struct node *node);

static bool take_items(struct scanner *scanner, struct node *list) {
	struct node *last = NULL;

	list->kind = NODE_LIST;
	if (take(scanner, ']'))
		return true;
	do
		if (!take_value(scanner, add_child(scanner, list, &last)))
			return false;
	while (take(scanner, ','));
	return take(scanner, ']') || fail(scanner, "',' or ']' expected");
}

static bool is_known(const struct node *object, const struct node *new) {
	for (const struct node *member = object->first; member != new; member = member->next)
		if (strcmp(member->key, new->key) == 0)
			return true;
	return false;
}

static bool take_members(struct scanner *scanner, struct node *object) {
	struct node *last = NULL, *node;

	object->kind = NODE_OBJECT;
	if (take(scanner, '}'))
		return true;
	do {
		node = add_child(scanner, object, &last);
		node->key = "?";
		if (!take(scanner, '"'))
			return fail(scanner, "a key in quotes expected");
		node->key = take_string(scanner);
		if (!node->key)
			return false;
		if (is_known(object, node))
			return fail(scanner, "this key is already in this object");
		if (object->count > MEMBERS_MAX)
			return fail(scanner, "an object of too many keys");
		if (!take(scanner, ':'))
			return fail(scanner, "':' expected");
		if (!take_value(scanner, node))
			return false;
	} while (take(scanner, ','));
	return take(scanner, '}') || fail(scanner, "',' or '}' expected");
}

static bool take_nested(struct scanner *scanner, struct node *node, bool is_list) {
	bool good;

	if (++scanner->depth > DOCUMENT_DEPTH_MAX)
		return fail(scanner, "nested too deeply");
	scanner->at++;
	good = is_list ? take_items(scanner, node) : take_members(scanner, node);
	scanner->depth--;
	return good;
}

static bool take_value(struct scanner *scanner, struct node *node) {
	skip_space(scanner);
	node->line = scanner->line;
	if (scanner->at == scanner->end)
		return fail(scanner, "the text ends where a value is expected");
	switch (*scanner->at) {
	case '{':
	case '[':
		return take_nested(scanner, node, *scanner->at == '[');
	case '"':
		scanner->at++;
		node->kind = NODE_TEXT;
		node->text = take_string(scanner);
		return node->text;
	case 't':
	case 'f':
		node->kind = NODE_BOOL;
		node->truth = *scanner->at == 't';
		return take_word(scanner, node->truth ? "true" : "false") ||
		       fail(scanner, "no value that JSON knows");
	case 'n':
		node->kind = NODE_NULL;
		return take_word(scanner, "null") || fail(scanner, "no value that JSON knows");
	case 'N':
	case 'I':
		return fail(scanner, "NaN and Infinity are no numbers in JSON");
	default:
		return take_number(scanner, node);
	}
}

int document_parse(struct document *document, const char *path, const char *text, size_t size) {
	struct scanner scanner = {document, text, text + size, 1, 0, NULL};
	bool good;

	*document = (struct document){.path = path};
	document->root = arena_alloc(&document->arena, sizeof(*document->root));
	scanner.scratch = malloc(size + 4);
	if (!scanner.scratch)
		return -ENOMEM;
	good = take_value(&scanner, document->root);
	skip_space(&scanner);
	if (good && scanner.at < scanner.end)
		good = fail(&scanner, "something follows the value");
	free(scanner.scratch);
	return good ? 0 : -EINVAL;
}
