/* link_words: the links of a design in words, there and back (fabric.h). */
#include "fabric/fabric.h"

#include <errno.h>
#include <string.h>

/* The node that `words` begin with, up to the colon, and what follows it. */
static int split(const struct fabric *fabric, const char *words, const char **rest) {
	const char *colon = strchr(words, ':');
	fabric_name name;

	if (!colon || (size_t)(colon - words) >= sizeof(name))
		return FABRIC_NONE;
	memcpy(name, words, (size_t)(colon - words));
	name[colon - words] = '\0';
	*rest = colon + 1;
	return fabric_find(fabric, name);
}

int fabric_find_link(const struct fabric *fabric, const char *words, int *link) {
	const struct fabric_node *node;
	const char *rest;
	int id = split(fabric, words, &rest), found = FABRIC_NONE;

	if (id == FABRIC_NONE)
		return -ENOENT;
	node = &fabric->nodes[id];
	for (size_t n = 0; n < node->port_count; n++) {
		const struct fabric_port *port = &fabric->ports[node->ports[n]];
		bool is_port = strcmp(port->name, rest) == 0;

		if (!is_port && strcmp(fabric_neighbour(fabric, node->ports[n])->name, rest) != 0)
			continue;
		if (found != FABRIC_NONE && !is_port)
			return -EEXIST;
		found = port->link;
		if (is_port)
			break;
	}
	if (found == FABRIC_NONE)
		return -ENOENT;
	*link = found;
	return 0;
}

char *fabric_link_text(const struct fabric *fabric, int link, char *text) {
	const struct fabric_port *upper = &fabric->ports[fabric->links[link].ports[0]];
	const struct fabric_port *lower = &fabric->ports[fabric->links[link].ports[1]];

	snprintf(text, LINK_TEXT_MAX, "%s:%s %s:%s", fabric->nodes[upper->node].name, upper->name,
		fabric->nodes[lower->node].name, lower->name);
	return text;
}
