/* yaml_file: see yaml_file.h. */
#include "base/yaml_file.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* 0 and *text (for free()), or a negative errno. */
static int read_text(const char *path, size_t bytes_max, char **text, size_t *size) {
	FILE *file = fopen(path, "re");
	int error = 0;

	*text = malloc(bytes_max + 1);
	*size = file && *text ? fread(*text, 1, bytes_max + 1, file) : 0;
	if (!*text || !file || ferror(file))
		error = -errno;
	else if (*size > bytes_max)
		error = -EFBIG;
	if (file)
		fclose(file);
	if (error)
		free(*text);
	return error;
}

static size_t line_of_byte(const char *text, size_t byte) {
	size_t line = 1;

	for (size_t i = 0; i < byte; i++)
		line += text[i] == '\n';
	return line;
}

static void tell_syntax_error(const char *path, const char *text, const yaml_parser_t *parser) {
	if (parser->error == YAML_MEMORY_ERROR)
		log_error("%s: %s", path, strerror(ENOMEM));
	else if (parser->error == YAML_READER_ERROR)
		log_error("%s:%zu: not text (%s): expected UTF-8 without control characters", path,
			line_of_byte(text, parser->problem_offset), parser->problem);
	else
		log_error("%s:%zu: not valid YAML: %s", path, parser->problem_mark.line + 1,
			parser->problem);
}

/* One document, and no second. */
static int load(
	const char *path, const char *text, yaml_parser_t *parser, yaml_document_t *document) {
	yaml_document_t second;
	bool is_last;

	if (!yaml_parser_load(parser, document)) {
		tell_syntax_error(path, text, parser);
		return -EINVAL;
	}
	if (!yaml_document_get_root_node(document))
		return 0;
	if (!yaml_parser_load(parser, &second)) {
		tell_syntax_error(path, text, parser);
		yaml_document_delete(document);
		return -EINVAL;
	}
	is_last = !yaml_document_get_root_node(&second);
	if (!is_last)
		log_error("%s:%zu: more than one YAML document: expected one", path,
			second.start_mark.line + 1);
	yaml_document_delete(&second);
	if (!is_last)
		yaml_document_delete(document);
	return is_last ? 0 : -EINVAL;
}

static int parse(const char *path, const char *text, size_t size, yaml_document_t *document) {
	yaml_parser_t parser;
	int error;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	error = load(path, text, &parser, document);
	yaml_parser_delete(&parser);
	return error;
}

struct seen_key {
	UT_hash_handle hh;
};

static void check_keys(struct yaml_file *file, yaml_node_t *mapping) {
	size_t count =
		(size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
	struct seen_key *keys = calloc(count ? count : 1, sizeof(*keys)), *seen = NULL, *before;
	yaml_node_t *key, *value;

	for (size_t n = 0; keys && yaml_pair(file, mapping, n, &key, &value); n++) {
		const char *text = yaml_text(key);

		if (key->type != YAML_SCALAR_NODE) {
			yaml_mistake(file, key, "a name for a key");
			continue;
		}
		HASH_FIND(hh, seen, text, strlen(text), before);
		if (before)
			yaml_mistake(file, key, "each key once");
		else
			HASH_ADD_KEYPTR(hh, seen, text, strlen(text), &keys[n]);
	}
	HASH_CLEAR(hh, seen);
	free(keys);
}

/* Text, each once. */
static void check_all_keys(struct yaml_file *file) {
	for (int id = 1; yaml_document_get_node(&file->document, id); id++) {
		yaml_node_t *node = yaml_document_get_node(&file->document, id);

		if (yaml_is_mapping(node))
			check_keys(file, node);
	}
}

int yaml_file_parse(
	struct yaml_file *file, struct mistakes *mistakes, const char *text, size_t size) {
	int error = parse(mistakes->path, text, size, &file->document);

	if (error)
		return error;
	file->mistakes = mistakes;
	check_all_keys(file);
	return 0;
}

int yaml_file_read(struct yaml_file *file, struct mistakes *mistakes, size_t bytes_max) {
	size_t size;
	char *text;
	int error = read_text(mistakes->path, bytes_max, &text, &size);

	if (error) {
		log_error("%s: %s", mistakes->path, strerror(-error));
		return error;
	}
	error = yaml_file_parse(file, mistakes, text, size);
	free(text);
	return error;
}

void yaml_file_free(struct yaml_file *file) {
	yaml_document_delete(&file->document);
}

yaml_node_t *yaml_root(struct yaml_file *file) {
	return yaml_document_get_root_node(&file->document);
}

bool yaml_is_sequence(const yaml_node_t *node) {
	return node && node->type == YAML_SEQUENCE_NODE;
}

bool yaml_is_mapping(const yaml_node_t *node) {
	return node && node->type == YAML_MAPPING_NODE;
}

yaml_node_t *yaml_item(struct yaml_file *file, const yaml_node_t *sequence, size_t n) {
	if (!yaml_is_sequence(sequence) || n >= (size_t)(sequence->data.sequence.items.top -
							 sequence->data.sequence.items.start))
		return NULL;
	return yaml_document_get_node(&file->document, sequence->data.sequence.items.start[n]);
}

bool yaml_pair(struct yaml_file *file, const yaml_node_t *mapping, size_t n, yaml_node_t **key,
	yaml_node_t **value) {
	const yaml_node_pair_t *pair;

	if (!yaml_is_mapping(mapping))
		return false;
	pair = mapping->data.mapping.pairs.start + n;
	if (pair >= mapping->data.mapping.pairs.top)
		return false;
	*key = yaml_document_get_node(&file->document, pair->key);
	*value = yaml_document_get_node(&file->document, pair->value);
	return true;
}

int yaml_line(const yaml_node_t *node) {
	return node ? (int)node->start_mark.line + 1 : 0;
}

const char *yaml_text(const yaml_node_t *node) {
	const char *text;

	if (!node || node->type != YAML_SCALAR_NODE)
		return "";
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : "";
}

void yaml_mistake(struct yaml_file *file, const yaml_node_t *node, const char *expected) {
	if (yaml_is_sequence(node) || yaml_is_mapping(node))
		mistakes_add(file->mistakes, yaml_line(node), "%s: expected %s",
			yaml_is_sequence(node) ? "a list" : "a mapping", expected);
	else
		mistakes_add(file->mistakes, yaml_line(node), "'%s': expected %s", yaml_text(node),
			expected);
}
