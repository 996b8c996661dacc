/* fib_file: see fib_file.h. */
#include "fabric/fib_file.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "heddle-fib 1 ";

static const char *const verdict_words[FIB_VERDICTS] = {
	[FIB_NO_ROUTE] = "none", [FIB_DROP] = "drop", [FIB_LOCAL] = "local"};

static const char other_word[] = "other";

enum { GROUP_PORTS_MAX = 1024, NOTHING = UINT32_MAX, SHOWN_MAX = 60, MISSES_MOST = 6 };

/* A prefix as files have it, with the space behind it, and the one that followed in the last. */
struct known {
	uint32_t text; /* where it begins in `texts`; the first byte of that is nobody's */
	uint32_t size; /* 0: not met yet */
	uint32_t next; /* NOTHING: none */
};

struct fib_reader {
	const struct fabric *fabric;
	struct known *known; /* by the set's number */
	size_t known_room;
	char *texts;
	size_t texts_used, texts_room;
	uint32_t groups[FIB_FILE_GROUPS_MAX]; /* of this file; NOTHING: not there */
	uint32_t group_last;
	/* this file */
	const char *path, *text, *at, *end;
	const struct fabric_node *node;
	const struct verify_place *place;
	bool *port_is_dead;
	size_t port_found;          /* where the last port was found in the node's */
	uint32_t before;            /* the prefix of the line before; NOTHING: none */
	uint32_t first;             /* the first prefix of the file before */
	unsigned int misses, pause; /* guesses that failed in a row; lines until the next */
};

/* --- mistakes --- */

static size_t word_size(const struct fib_reader *reader, const char *from) {
	const char *to = from;

	while (to < reader->end && *to != ' ' && *to != '\n')
		to++;
	return (size_t)(to - from);
}

/* Tells of the word at `from`. */
static int mistake(const struct fib_reader *reader, const char *from, const char *expected) {
	size_t line = 1, size = word_size(reader, from);

	for (const char *at = reader->text; at < from; at++)
		line += *at == '\n';
	log_error("%s:%zu: '%.*s': expected %s", reader->path, line,
		(int)(size < SHOWN_MAX ? size : SHOWN_MAX), from, expected);
	return -EINVAL;
}

/* --- words --- */

static bool take_text(struct fib_reader *reader, const char *text, size_t size) {
	if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, text, size) != 0)
		return false;
	reader->at += size;
	return true;
}

static int take_line_end(struct fib_reader *reader) {
	if (reader->at == reader->end)
		return 0;
	if (*reader->at != '\n')
		return mistake(reader, reader->at, "the end of the line");
	reader->at++;
	return 0;
}

static void skip_line(struct fib_reader *reader) {
	const char *line_end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	reader->at = line_end ? line_end + 1 : reader->end;
}

/* --- ports and groups --- */

/* Most groups list their ports in the node's order: so the search begins behind the last. */
static int find_port(struct fib_reader *reader, const char *name, size_t size) {
	const struct fabric_node *node = reader->node;

	for (size_t n = 0; n < node->port_count; n++) {
		size_t place = (reader->port_found + 1 + n) % node->port_count;
		const char *known = reader->fabric->ports[node->ports[place]].name;

		if (strncmp(known, name, size) == 0 && known[size] == '\0') {
			reader->port_found = place;
			return node->ports[place];
		}
	}
	return FABRIC_NONE;
}

/* A port's name, as its number in the set; `strange` may take its place. */
static int take_port(struct fib_reader *reader, bool strange, uint32_t *number) {
	const char *from = reader->at;
	size_t size = word_size(reader, from);
	int port = size < PORT_NAME_MAX ? find_port(reader, from, size) : FABRIC_NONE;

	if (port != FABRIC_NONE)
		*number = reader->place->first_port + (uint32_t)port;
	else if (strange && size == strlen(other_word) && memcmp(from, other_word, size) == 0)
		*number = reader->place->strange_port;
	else
		return mistake(reader, from, "a port of this switch, as the design names it");
	reader->at += size;
	return 0;
}

static int take_down(struct fib_reader *reader) {
	uint32_t port;
	int error = take_port(reader, false, &port);

	if (error)
		return error;
	if (reader->port_is_dead)
		reader->port_is_dead[port - reader->place->first_port] = true;
	return take_line_end(reader);
}

/* A group's number; NOTHING if there is none, or none that is allowed. */
static inline uint32_t take_number(struct fib_reader *reader) {
	const char *at = reader->at;
	uint32_t number = 0;

	while (at < reader->end && *at >= '0' && *at <= '9' && number < FIB_FILE_GROUPS_MAX)
		number = 10 * number + (uint32_t)(*at++ - '0');
	if (at == reader->at || number >= FIB_FILE_GROUPS_MAX)
		return NOTHING;
	reader->at = at;
	return number;
}

static int take_group(struct fib_reader *reader) {
	const char *from = reader->at;
	uint32_t number = take_number(reader), ports[GROUP_PORTS_MAX];
	size_t count = 0;

	if (number == NOTHING || *reader->at != ' ')
		return mistake(reader, from,
			"a number below 65536 and ports, as in 'group 1 swp63 swp64'");
	if (reader->groups[number] != NOTHING)
		return mistake(reader, from, "each group once");
	while (take_text(reader, " ", 1)) {
		int error = count == GROUP_PORTS_MAX
				    ? mistake(reader, reader->at, "at most 1024 ports")
				    : take_port(reader, true, &ports[count++]);

		if (error)
			return error;
	}
	reader->groups[number] = fib_set_group(reader->place->set, ports, count);
	if (number > reader->group_last)
		reader->group_last = number;
	return reader->groups[number] == UINT32_MAX ? -ENOMEM : take_line_end(reader);
}

/* --- prefixes --- */

static bool make_room(void *array, size_t *room, size_t count, size_t size) {
	void **elements = array;
	size_t more = 2 * count + 64;
	void *moved;

	if (count <= *room)
		return true;
	moved = realloc(*elements, more * size);
	if (!moved)
		return false;
	memset((char *)moved + *room * size, 0, (more - *room) * size);
	*elements = moved;
	*room = more;
	return true;
}

/* Keeps the text of a prefix that is met for the first time. */
static int remember(struct fib_reader *reader, uint32_t number, const char *from, size_t size) {
	struct known *known;

	if (reader->texts_used + size > UINT32_MAX)
		return -ENOMEM;
	if (!make_room(&reader->known, &reader->known_room, (size_t)number + 1, sizeof(*known)) ||
		!make_room(&reader->texts, &reader->texts_room, reader->texts_used + size, 1))
		return -ENOMEM;
	known = &reader->known[number];
	if (known->size)
		return 0; /* written in another way */
	*known = (struct known){
		.text = (uint32_t)reader->texts_used, .size = (uint32_t)size, .next = NOTHING};
	memcpy(reader->texts + reader->texts_used, from, size);
	reader->texts_used += size;
	return 0;
}

static int parse_prefix(struct fib_reader *reader, uint32_t *number) {
	const char *from = reader->at;
	size_t size = word_size(reader, from);
	struct prefix prefix;
	int error;

	if (from + size == reader->end || from[size] != ' ' ||
		prefix_parse_bytes(from, size, &prefix) < 0)
		return mistake(reader, from,
			"down, group, or a prefix with no bits set beyond its length, and where "
			"to");
	*number = fib_set_number(reader->place->set, &prefix);
	error = *number == UINT32_MAX ? -ENOMEM : remember(reader, *number, from, size + 1);
	reader->at += size + 1;
	return error;
}

/* The prefix that followed the one before in the last file, if it is that again. Where guesses fail
 * one after the other, the order is another, and they are made less often. */
static inline bool guess_prefix(struct fib_reader *reader, uint32_t *number) {
	uint32_t guess =
		reader->before == NOTHING ? reader->first : reader->known[reader->before].next;
	const struct known *known;

	if (guess == NOTHING || (reader->pause && reader->pause--))
		return false;
	known = &reader->known[guess];
	*number = guess;
	if (take_text(reader, reader->texts + known->text, known->size)) {
		reader->misses = 0;
		return true;
	}
	reader->pause = (1u << reader->misses) - 1;
	reader->misses += reader->misses < MISSES_MOST;
	return false;
}

static int take_verdict(struct fib_reader *reader, uint32_t *group) {
	size_t size = word_size(reader, reader->at);

	for (uint32_t verdict = 0; verdict < FIB_VERDICTS; verdict++)
		if (strlen(verdict_words[verdict]) == size &&
			memcmp(reader->at, verdict_words[verdict], size) == 0) {
			reader->at += size;
			*group = verdict;
			return 0;
		}
	return mistake(reader, reader->at, "the number of a group above, local, drop or none");
}

static int take_entry(struct fib_reader *reader) {
	const char *from = reader->at, *where_to;
	uint32_t number, group;
	int error = guess_prefix(reader, &number) ? 0 : parse_prefix(reader, &number);

	if (error)
		return error;
	where_to = reader->at;
	group = take_number(reader);
	if (group != NOTHING) {
		group = reader->groups[group];
		if (group == NOTHING)
			return mistake(reader, where_to, "the number of a group above");
	} else {
		error = take_verdict(reader, &group);
		if (error)
			return error;
	}
	if (reader->before == NOTHING)
		reader->first = number;
	else
		reader->known[reader->before].next = number;
	reader->before = number;
	error = fib_set_add_number(reader->place->set, reader->place->node, number, group);
	if (error == -EEXIST)
		return mistake(reader, from, "each prefix once");
	return error ? error : take_line_end(reader);
}

/* --- the whole --- */

static int take_header(struct fib_reader *reader) {
	const char *name = reader->node->name;

	if (!take_text(reader, header, strlen(header)))
		return mistake(
			reader, reader->at, "a table of version 1, as in 'heddle-fib 1 leaf1'");
	if (word_size(reader, reader->at) != strlen(name) ||
		memcmp(reader->at, name, strlen(name)) != 0)
		return mistake(reader, reader->at, "the name of the switch, which the file has");
	reader->at += strlen(name);
	return take_line_end(reader);
}

static int take_line(struct fib_reader *reader) {
	if (*reader->at == '\n' || *reader->at == '#') {
		skip_line(reader);
		return 0;
	}
	if (take_text(reader, "group ", 6))
		return take_group(reader);
	if (take_text(reader, "down ", 5))
		return take_down(reader);
	return take_entry(reader);
}

int fib_reader_parse(struct fib_reader *reader, const char *path, const char *text, size_t size,
	int node, const struct verify_place *place, bool *port_is_dead) {
	int error;

	reader->path = path;
	reader->text = reader->at = text;
	reader->end = text + size;
	reader->node = &reader->fabric->nodes[node];
	reader->place = place;
	reader->port_is_dead = port_is_dead;
	reader->port_found = 0;
	reader->before = NOTHING;
	reader->misses = reader->pause = 0;
	memset(reader->groups, 0xff, (reader->group_last + 1) * sizeof(*reader->groups));
	reader->group_last = 0;
	error = take_header(reader);
	while (!error && reader->at < reader->end)
		error = take_line(reader);
	return error;
}

struct fib_reader *fib_reader_create(const struct fabric *fabric) {
	struct fib_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->fabric = fabric;
	reader->first = NOTHING;
	reader->group_last = FIB_FILE_GROUPS_MAX - 1;
	return reader;
}

void fib_reader_destroy(struct fib_reader *reader) {
	if (!reader)
		return;
	free(reader->known);
	free(reader->texts);
	free(reader);
}

/* --- writing --- */

struct fib_writer {
	const struct fabric *fabric;
	const struct fib_set *set;
	char (*texts)[PREFIX_TEXT_MAX]; /* of each prefix in order */
	uint32_t *column;               /* the groups of a node */
	uint32_t *numbers;              /* by group: what it is called in the file; 0: not yet */
};

struct fib_writer *fib_writer_create(const struct fabric *fabric, const struct fib_set *set) {
	struct fib_writer *writer = calloc(1, sizeof(*writer));
	size_t count = fib_set_prefix_count(set);

	if (!writer)
		return NULL;
	writer->fabric = fabric;
	writer->set = set;
	writer->texts = calloc(count + 1, sizeof(*writer->texts));
	writer->column = calloc(count + 1, sizeof(*writer->column));
	writer->numbers = calloc(fib_set_group_count(set), sizeof(*writer->numbers));
	if (!writer->texts || !writer->column || !writer->numbers) {
		fib_writer_destroy(writer);
		return NULL;
	}
	for (size_t n = 0; n < count; n++)
		prefix_text(fib_set_prefix(set, n), writer->texts[n]);
	return writer;
}

void fib_writer_destroy(struct fib_writer *writer) {
	if (!writer)
		return;
	free(writer->texts);
	free(writer->column);
	free(writer->numbers);
	free(writer);
}

static void write_group(
	const struct fib_writer *writer, uint32_t group, uint32_t number, FILE *to) {
	size_t count;
	const uint32_t *ports = fib_set_ports(writer->set, group, &count);

	fprintf(to, "group %u", number);
	for (size_t i = 0; i < count; i++)
		fprintf(to, " %s",
			ports[i] < writer->fabric->port_count ? writer->fabric->ports[ports[i]].name
							      : other_word);
	fputc('\n', to);
}

static void write_entry(const struct fib_writer *writer, size_t n, FILE *to) {
	uint32_t group = writer->column[n];

	if (group < FIB_VERDICTS)
		fprintf(to, "%s %s\n", writer->texts[n], verdict_words[group]);
	else
		fprintf(to, "%s %u\n", writer->texts[n], writer->numbers[group]);
}

int fib_writer_write(struct fib_writer *writer, int node, const bool *port_is_dead, FILE *to) {
	const struct fabric_node *of = &writer->fabric->nodes[node];
	size_t count = fib_set_prefix_count(writer->set);
	uint32_t number = 0;
	int error = fib_set_column(writer->set, (uint32_t)node, writer->column);

	if (error)
		return error;
	fprintf(to, "%s%s\n", header, of->name);
	for (size_t n = 0; port_is_dead && n < of->port_count; n++)
		if (port_is_dead[of->ports[n]])
			fprintf(to, "down %s\n", writer->fabric->ports[of->ports[n]].name);
	memset(writer->numbers, 0, fib_set_group_count(writer->set) * sizeof(*writer->numbers));
	for (size_t n = 0; n < count; n++) {
		uint32_t group = writer->column[n];

		if (group == FIB_ABSENT || group < FIB_VERDICTS || writer->numbers[group])
			continue;
		writer->numbers[group] = ++number;
		write_group(writer, group, number, to);
	}
	for (size_t n = 0; n < count; n++)
		if (writer->column[n] != FIB_ABSENT)
			write_entry(writer, n, to);
	return 0;
}
