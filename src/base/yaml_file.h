/*
 * yaml_file: a YAML file that a person wrote, as a tree of nodes that know their lines. It is read
 * whole or refused whole; what is wrong with it is noted with its line (mistakes.h), for who reads
 * the file to tell.
 *
 * Values are text; what a number or a name is, the reader of the tree decides. Keys are text, and
 * none is given twice in one mapping. One thread uses a file at a time.
 */
#pragma once

#include "base/mistakes.h"

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

struct yaml_file {
	yaml_document_t document;
	struct mistakes *mistakes; /* the caller's, who names the file there */
};

/* The file that mistakes->path names, or a text that it names. 0, also if a key is given twice,
 * which is a mistake; or a negative errno after a message: -EINVAL for what is no YAML, -EFBIG for
 * more than `bytes_max`, or that of opening it. To be freed by yaml_file_free only after 0. */
int yaml_file_read(struct yaml_file *file, struct mistakes *mistakes, size_t bytes_max);
int yaml_file_parse(
	struct yaml_file *file, struct mistakes *mistakes, const char *text, size_t size);
void yaml_file_free(struct yaml_file *file);

/* The node that all others hang from; NULL for a file with nothing in it. */
yaml_node_t *yaml_root(struct yaml_file *file);

/* The n-th item of a sequence, or the n-th key of a mapping and its value: NULL and false after the
 * last, and for nodes that are something else. */
yaml_node_t *yaml_item(struct yaml_file *file, const yaml_node_t *sequence, size_t n);
bool yaml_pair(struct yaml_file *file, const yaml_node_t *mapping, size_t n, yaml_node_t **key,
	yaml_node_t **value);

bool yaml_is_sequence(const yaml_node_t *node);
bool yaml_is_mapping(const yaml_node_t *node);

/* Where it begins, from 1; 0 of none. */
int yaml_line(const yaml_node_t *node);

/* The text of a scalar; "" for other nodes, for none, and for text with a NUL in it. */
const char *yaml_text(const yaml_node_t *node);

/* Notes that this was found, here, and what was expected instead. */
void yaml_mistake(struct yaml_file *file, const yaml_node_t *node, const char *expected);
