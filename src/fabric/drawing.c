/*
 * drawing: see drawing.h.
 *
 * Everything has its place before anything is drawn: a box for each switch and external router, and
 * below each leaf its hosts, one by one while they are few, else one box with their number. Many
 * leaves are set in several rows, so that the picture stays a picture. Lines come first, so that
 * boxes lie over them.
 */
#include "fabric/drawing.h"

#include "base/svg.h"
#include "fabric/speed.h"
#include "fabric/tables.h"

#include <stdlib.h>
#include <string.h>

/* All in user units; a letter of 13 units in a typewriter face is 7.8 wide. */
enum {
	LETTER_WIDE = 8,
	BOX_HIGH = 24,
	HOST_HIGH = 20,
	GAP = 12,
	INDENT = 12, /* of hosts below their leaf */
	POD_GAP = 36,
	MARGIN = 24,
	TITLE_HIGH = 32,
	TIER_GAP_LEAST = 90,
	TIER_GAP_MOST = 600,
	ARC_DEEP = 40, /* for each site that it leads on by */
	LEAVES_A_ROW = 64,
	HOSTS_DRAWN_MOST = 32,
	HOSTS_NAMED_MOST = 64,
	LINES_FULL = 64, /* so many lines of a tier are drawn in full strength */
};

struct box {
	int x, y, wide, high; /* wide 0: not drawn */
};

struct pod {
	int leaves, spines; /* how many */
	int x, wide, columns;
};

struct drawing {
	const struct fabric *fabric;
	FILE *to;
	struct box *boxes; /* by node */
	struct box *racks; /* by leaf: its hosts as one */
	int *home;         /* by host: its leaf, or FABRIC_NONE */
	int *host_count;   /* by leaf */
	struct pod *pods;
	size_t pod_count;
	bool draws_hosts; /* each by itself */
	int rows, below;  /* rows of leaves, and the most hosts below one of them */
	int wide[ROLES];  /* of a box of each role */
	int arcs_y;       /* where what joins sites turns aside, below all that hangs */
	int total_wide, total_high;
};

static bool is_leaf(const struct fabric_node *node) {
	return node->role == ROLE_LEAF || node->role == ROLE_BORDER;
}

static int larger(int one, int other) {
	return one > other ? one : other;
}

/* --- measuring --- */

static void find_homes(struct drawing *drawing) {
	const struct fabric *fabric = drawing->fabric;
	size_t hosts = 0;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		drawing->home[id] = FABRIC_NONE;
		if (node->role != ROLE_HOST || node->port_count == 0)
			continue;
		drawing->home[id] = fabric->ports[fabric->ports[node->ports[0]].other].node;
		drawing->host_count[drawing->home[id]]++;
		hosts++;
	}
	drawing->draws_hosts = hosts <= HOSTS_DRAWN_MOST;
	for (size_t id = 0; id < fabric->node_count; id++)
		drawing->below = larger(drawing->below, drawing->host_count[id]);
	if (!drawing->draws_hosts && drawing->below)
		drawing->below = 1;
}

static void measure_boxes(struct drawing *drawing) {
	const struct fabric *fabric = drawing->fabric;
	int *wide = drawing->wide, leaves;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];

		wide[node->role] =
			larger(wide[node->role], (int)strlen(node->name) * LETTER_WIDE + GAP);
	}
	leaves = larger(wide[ROLE_LEAF], wide[ROLE_BORDER]);
	if (drawing->draws_hosts && wide[ROLE_HOST])
		leaves = larger(leaves, wide[ROLE_HOST] + INDENT);
	leaves = larger(leaves, (int)strlen("65536 hosts") * LETTER_WIDE);
	wide[ROLE_LEAF] = wide[ROLE_BORDER] = leaves;
}

static void measure_pods(struct drawing *drawing) {
	const struct fabric *fabric = drawing->fabric;
	int leaves = 0, x = MARGIN;

	for (size_t id = 0; id < fabric->node_count; id++) {
		struct pod *pod = &drawing->pods[fabric->nodes[id].pod];

		pod->spines += fabric->nodes[id].role == ROLE_SPINE;
		pod->leaves += is_leaf(&fabric->nodes[id]);
		leaves += is_leaf(&fabric->nodes[id]);
	}
	drawing->rows = leaves ? (leaves - 1) / LEAVES_A_ROW + 1 : 1;
	for (size_t i = 0; i < drawing->pod_count; i++) {
		struct pod *pod = &drawing->pods[i];
		int cell = drawing->wide[ROLE_LEAF] + GAP;

		pod->x = x;
		pod->columns = (pod->leaves + drawing->rows - 1) / drawing->rows;
		pod->wide = larger(pod->columns * cell + (drawing->rows > 1 ? cell / 2 : 0),
			pod->spines * (drawing->wide[ROLE_SPINE] + GAP));
		if (pod->wide)
			x += pod->wide + POD_GAP;
	}
	drawing->total_wide = x - POD_GAP + MARGIN;
}

/* How wide a tier is that lies across all pods. */
static int across(const struct drawing *drawing, enum fabric_role role) {
	const struct fabric *fabric = drawing->fabric;
	int count = 0;

	for (size_t id = 0; id < fabric->node_count; id++)
		count += fabric->nodes[id].role == role;
	return count * (drawing->wide[role] + GAP);
}

/* --- placing --- */

/* The n-th of some boxes that share a width evenly. */
static struct box share(int x, int all_wide, int count, int n, int wide, int y) {
	return (struct box){x + all_wide * (2 * n + 1) / (2 * count) - wide / 2, y, wide, BOX_HIGH};
}

static void place_supers(struct drawing *drawing, int y) {
	const struct fabric *fabric = drawing->fabric;
	int wide = drawing->wide[ROLE_SUPER_SPINE], n = 0;
	int count = across(drawing, ROLE_SUPER_SPINE) / (wide + GAP);

	for (size_t id = 0; id < fabric->node_count; id++)
		if (fabric->nodes[id].role == ROLE_SUPER_SPINE)
			drawing->boxes[id] = share(
				MARGIN, drawing->total_wide - 2 * MARGIN, count, n++, wide, y);
}

static void place_spines(struct drawing *drawing, int y) {
	const struct fabric *fabric = drawing->fabric;

	for (size_t i = 0; i < drawing->pod_count; i++) {
		const struct pod *pod = &drawing->pods[i];
		int n = 0;

		for (size_t id = 0; id < fabric->node_count; id++)
			if (fabric->nodes[id].role == ROLE_SPINE && fabric->nodes[id].pod == i)
				drawing->boxes[id] = share(pod->x, pod->wide, pod->spines, n++,
					drawing->wide[ROLE_SPINE], y);
	}
}

/* Below the middle of what they are attached to, one beside the other. */
static void place_externals(struct drawing *drawing, int y) {
	const struct fabric *fabric = drawing->fabric;
	int wide = drawing->wide[ROLE_EXTERNAL], free_from = MARGIN;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct fabric_node *node = &fabric->nodes[id];
		int sum = 0, count = (int)node->port_count, x;

		if (node->role != ROLE_EXTERNAL)
			continue;
		for (size_t n = 0; n < node->port_count; n++) {
			int far = fabric->ports[fabric->ports[node->ports[n]].other].node;

			sum += drawing->boxes[far].x + drawing->boxes[far].wide / 2;
		}
		x = larger(count ? sum / count - wide / 2 : MARGIN, free_from);
		drawing->boxes[id] = (struct box){x, y, wide, BOX_HIGH};
		free_from = x + wide + GAP;
		drawing->total_wide = larger(drawing->total_wide, x + wide + MARGIN);
	}
}

static int row_high(const struct drawing *drawing) {
	return BOX_HIGH + drawing->below * (HOST_HIGH + GAP / 2) + 2 * GAP;
}

/* Every other row stands half a cell to the side, so that lines reach it between the boxes. */
static void place_leaves(struct drawing *drawing, int y) {
	const struct fabric *fabric = drawing->fabric;
	int wide = drawing->wide[ROLE_LEAF], cell = wide + GAP;

	for (size_t i = 0; i < drawing->pod_count; i++) {
		const struct pod *pod = &drawing->pods[i];
		int x = pod->x + (pod->wide - pod->columns * cell + GAP) / 2, n = 0;

		if (drawing->rows > 1)
			x -= cell / 4;
		for (size_t id = 0; id < fabric->node_count; id++) {
			int row, column;

			if (!is_leaf(&fabric->nodes[id]) || fabric->nodes[id].pod != i)
				continue;
			row = n / pod->columns;
			column = n++ % pod->columns;
			drawing->boxes[id] = (struct box){x + column * cell + row % 2 * cell / 2,
				y + row * row_high(drawing), wide, BOX_HIGH};
		}
	}
}

static void place_hosts(struct drawing *drawing) {
	const struct fabric *fabric = drawing->fabric;

	for (size_t id = 0; id < fabric->node_count; id++) {
		const struct box *leaf = &drawing->boxes[id];

		if (drawing->draws_hosts || drawing->host_count[id] == 0 || !leaf->wide)
			continue;
		drawing->racks[id] = (struct box){
			leaf->x + INDENT, leaf->y + BOX_HIGH + GAP, leaf->wide - INDENT, HOST_HIGH};
	}
	memset(drawing->host_count, 0, fabric->node_count * sizeof(*drawing->host_count));
	for (size_t id = 0; id < fabric->node_count; id++) {
		int home = drawing->home[id], n;
		const struct box *leaf;

		if (home == FABRIC_NONE || !drawing->boxes[home].wide)
			continue;
		n = drawing->host_count[home]++;
		leaf = &drawing->boxes[home];
		if (drawing->draws_hosts)
			drawing->boxes[id] = (struct box){leaf->x + INDENT,
				leaf->y + BOX_HIGH + GAP + n * (HOST_HIGH + GAP / 2),
				leaf->wide - INDENT, HOST_HIGH};
	}
}

/* How many sites on a cable leads; 0: it does not join borders. */
static int sites_on(const struct fabric *fabric, const struct fabric_link *link) {
	const struct fabric_node *one = &fabric->nodes[fabric->ports[link->ports[0]].node];
	const struct fabric_node *other = &fabric->nodes[fabric->ports[link->ports[1]].node];

	if (link->tier != TIER_INTERCONNECT)
		return 0;
	return larger(1, abs((int)one->pod - (int)other->pod));
}

/* The room that the deepest arc takes. */
static int arcs_high(const struct fabric *fabric) {
	int most = 0;

	for (size_t i = 0; i < fabric->link_count; i++)
		most = larger(most, sites_on(fabric, &fabric->links[i]));
	return most * ARC_DEEP;
}

static void place(struct drawing *drawing) {
	int y = MARGIN + TITLE_HIGH, tier_gap;
	bool has_supers = across(drawing, ROLE_SUPER_SPINE) > 0;

	drawing->total_wide =
		larger(drawing->total_wide, across(drawing, ROLE_SUPER_SPINE) + 2 * MARGIN);
	tier_gap = drawing->total_wide / 8;
	tier_gap = tier_gap < TIER_GAP_LEAST  ? TIER_GAP_LEAST
		   : tier_gap > TIER_GAP_MOST ? TIER_GAP_MOST
					      : tier_gap;
	place_supers(drawing, y);
	y += has_supers ? BOX_HIGH + tier_gap : 0;
	place_spines(drawing, y);
	y += BOX_HIGH + tier_gap;
	place_leaves(drawing, y);
	place_hosts(drawing);
	drawing->arcs_y = y + drawing->rows * row_high(drawing) - GAP;
	y = drawing->arcs_y + arcs_high(drawing->fabric) + GAP + TIER_GAP_LEAST / 2;
	place_externals(drawing, y);
	drawing->total_high = y + BOX_HIGH + MARGIN;
}

/* --- lines --- */

/* Whether a cable leaves a box downwards: also to another site, by an arc. */
static bool leads_down(const struct drawing *drawing, int from, int to) {
	return drawing->boxes[to].y > drawing->boxes[from].y ||
	       fabric_are_across(&drawing->fabric->nodes[from], &drawing->fabric->nodes[to]);
}

/* Where a port's cable meets its box: cables to one side are spread over it, by their order. */
static int port_x(const struct drawing *drawing, int port_id, bool is_below) {
	const struct fabric *fabric = drawing->fabric;
	int id = fabric->ports[port_id].node, count = 0, place = 0;
	const struct fabric_node *node = &fabric->nodes[id];
	const struct box *box = &drawing->boxes[id];

	for (size_t n = 0; n < node->port_count; n++) {
		int far = fabric->ports[fabric->ports[node->ports[n]].other].node;
		bool is_host = fabric->nodes[far].role == ROLE_HOST;

		if (is_host || leads_down(drawing, id, far) != is_below)
			continue;
		count++;
		if (node->ports[n] == port_id)
			place = count;
	}
	return box->x + box->wide * place / (count + 1);
}

static void write_cable_title(const struct drawing *drawing, const struct fabric_link *link) {
	const struct fabric *fabric = drawing->fabric;
	const struct fabric_port *upper = &fabric->ports[link->ports[0]],
				 *lower = &fabric->ports[link->ports[1]];
	char speed[16];

	fprintf(drawing->to, "<title>cable %u: %s:%s to %s:%s, %s, %u m, %s</title>", link->number,
		fabric->nodes[lower->node].name, lower->name, fabric->nodes[upper->node].name,
		upper->name, speed_text(link->speed_mbps, speed), link->length_m,
		cable_medium(link->speed_mbps, link->length_m));
}

static void draw_cable(const struct drawing *drawing, const struct fabric_link *link) {
	const struct fabric *fabric = drawing->fabric;
	const struct box *one = &drawing->boxes[fabric->ports[link->ports[0]].node];
	const struct box *other = &drawing->boxes[fabric->ports[link->ports[1]].node];
	bool is_down = other->y > one->y;

	if (!one->wide || !other->wide)
		return;
	fprintf(drawing->to, "<path d=\"M%d %dL%d %d\">", port_x(drawing, link->ports[0], is_down),
		is_down ? one->y + one->high : one->y, port_x(drawing, link->ports[1], !is_down),
		is_down ? other->y : other->y + other->high);
	write_cable_title(drawing, link);
	fputs("</path>\n", drawing->to);
}

/* Between borders side by side: down below what hangs between them, and over by an arc, the deeper
 * the farther. A curve comes three quarters of the way to where it is drawn to. */
static void draw_interconnect(const struct drawing *drawing, const struct fabric_link *link) {
	const struct fabric *fabric = drawing->fabric;
	const struct box *one = &drawing->boxes[fabric->ports[link->ports[0]].node];
	const struct box *other = &drawing->boxes[fabric->ports[link->ports[1]].node];
	int from = port_x(drawing, link->ports[0], true),
	    to = port_x(drawing, link->ports[1], true);
	int deep = drawing->arcs_y + sites_on(fabric, link) * ARC_DEEP * 4 / 3;

	if (!one->wide || !other->wide)
		return;
	fprintf(drawing->to, "<path d=\"M%d %dV%dC%d %d %d %d %d %dV%d\">", from,
		one->y + one->high, drawing->arcs_y, from, deep, to, deep, to, drawing->arcs_y,
		other->y + other->high);
	write_cable_title(drawing, link);
	fputs("</path>\n", drawing->to);
}

/* From a leaf's lower edge to the side of what hangs below it, or across to another leaf's. */
static void begin_branch(const struct drawing *drawing, const struct box *leaf,
	const struct box *hanging, bool is_home) {
	int y = hanging->y + hanging->high / 2;

	if (is_home)
		fprintf(drawing->to, "<path d=\"M%d %dV%dH%d\">", leaf->x + INDENT / 2,
			leaf->y + leaf->high, y, hanging->x);
	else
		fprintf(drawing->to, "<path d=\"M%d %dL%d %d\">", leaf->x + leaf->wide / 2,
			leaf->y + leaf->high,
			leaf->x < hanging->x ? hanging->x : hanging->x + hanging->wide, y);
}

static void draw_host_cable(const struct drawing *drawing, const struct fabric_link *link) {
	const struct fabric *fabric = drawing->fabric;
	int leaf = fabric->ports[link->ports[0]].node, host = fabric->ports[link->ports[1]].node;

	if (!drawing->boxes[leaf].wide || !drawing->boxes[host].wide)
		return;
	begin_branch(
		drawing, &drawing->boxes[leaf], &drawing->boxes[host], drawing->home[host] == leaf);
	write_cable_title(drawing, link);
	fputs("</path>\n", drawing->to);
}

/* A rack's cables to one leaf are one line; each is told of once, at the rack's first host. */
static void draw_rack_cables(const struct drawing *drawing, int leaf) {
	const struct fabric *fabric = drawing->fabric;
	const struct fabric_node *node = &fabric->nodes[leaf];
	int last = FABRIC_NONE;

	for (size_t n = 0; n < node->port_count; n++) {
		int host = fabric->ports[fabric->ports[node->ports[n]].other].node, count = 0;
		int home = drawing->home[host];

		if (home == FABRIC_NONE || home == last || !drawing->racks[home].wide)
			continue;
		last = home;
		for (size_t m = 0; m < node->port_count; m++)
			count += drawing->home[fabric->ports[fabric->ports[node->ports[m]].other]
						       .node] == home;
		begin_branch(drawing, &drawing->boxes[leaf], &drawing->racks[home], home == leaf);
		fprintf(drawing->to, "<title>%d cables from hosts of %s to %s</title></path>\n",
			count, fabric->nodes[home].name, node->name);
	}
}

/* The more lines, the lighter each, so that the boxes stay what is seen. In hundredths. */
static int strength_of(size_t lines) {
	int strength = 80;

	for (size_t most = LINES_FULL; lines > most && strength > 10; most *= 2)
		strength = strength * 3 / 4;
	return strength;
}

static void draw_tier(const struct drawing *drawing, enum fabric_tier tier) {
	const struct fabric *fabric = drawing->fabric;
	size_t count = 0;

	for (size_t i = 0; i < fabric->link_count; i++)
		count += fabric->links[i].tier == tier;
	if (count == 0)
		return;
	fprintf(drawing->to, "<g class=\"cables %s\" stroke-opacity=\"0.%02d\">\n",
		intent_tier_words[tier], strength_of(count));
	for (size_t i = 0; i < fabric->link_count; i++)
		if (fabric->links[i].tier == tier && tier == TIER_INTERCONNECT)
			draw_interconnect(drawing, &fabric->links[i]);
		else if (fabric->links[i].tier == tier && tier != TIER_HOST)
			draw_cable(drawing, &fabric->links[i]);
		else if (fabric->links[i].tier == tier)
			draw_host_cable(drawing, &fabric->links[i]);
	for (size_t id = 0; id < fabric->node_count && tier == TIER_HOST; id++)
		if (is_leaf(&fabric->nodes[id]))
			draw_rack_cables(drawing, (int)id);
	fputs("</g>\n", drawing->to);
}

/* --- boxes --- */

static void write_node_title(const struct drawing *drawing, const struct fabric_node *node) {
	const struct fabric *fabric = drawing->fabric;
	char text[PREFIX_TEXT_MAX];

	fprintf(drawing->to, "<title>%s: %s", node->name, fabric_role_name(node->role));
	if (node->pod && fabric->intent->shape == SHAPE_SITES)
		fprintf(drawing->to, ", site %s", fabric->intent->sites.names[node->pod - 1]);
	else if (node->pod)
		fprintf(drawing->to, ", pod %u", node->pod);
	if (node->tenant != FABRIC_NONE)
		fprintf(drawing->to, " of %s", fabric->intent->tenants[node->tenant].name);
	if (node->asn)
		fprintf(drawing->to, ", AS %u", node->asn);
	if (node->loopback4.family)
		fprintf(drawing->to, ", %s", prefix_address_text(&node->loopback4, text));
	if (node->loopback6.family)
		fprintf(drawing->to, ", %s", prefix_address_text(&node->loopback6, text));
	if (fabric_is_switch(node))
		fprintf(drawing->to, ", %zu of %u ports", node->port_count,
			fabric->intent->devices[node->role].ports);
	fputs("</title>", drawing->to);
}

static void draw_box(const struct drawing *drawing, const struct box *box, const char *text) {
	fprintf(drawing->to,
		"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>"
		"<text x=\"%d\" y=\"%d\">%s</text></g>\n",
		box->x, box->y, box->wide, box->high, box->x + box->wide / 2,
		box->y + box->high / 2 + 5, text);
}

static void draw_node(const struct drawing *drawing, size_t id) {
	const struct fabric_node *node = &drawing->fabric->nodes[id];

	if (!drawing->boxes[id].wide)
		return;
	fprintf(drawing->to, "<g class=\"%s\">", fabric_role_name(node->role));
	write_node_title(drawing, node);
	draw_box(drawing, &drawing->boxes[id], node->name);
}

static void draw_rack(const struct drawing *drawing, size_t leaf) {
	const struct fabric *fabric = drawing->fabric;
	int count = 0;
	char text[32];

	if (!drawing->racks[leaf].wide)
		return;
	fprintf(drawing->to, "<g class=\"host\"><title>hosts of %s:", fabric->nodes[leaf].name);
	for (size_t id = 0; id < fabric->node_count; id++)
		if (drawing->home[id] == (int)leaf && count++ < HOSTS_NAMED_MOST)
			fprintf(drawing->to, " %s", fabric->nodes[id].name);
	if (count > HOSTS_NAMED_MOST)
		fprintf(drawing->to, " and %d more", count - HOSTS_NAMED_MOST);
	fputs("</title>", drawing->to);
	snprintf(text, sizeof(text), "%d host%s", count, count == 1 ? "" : "s");
	draw_box(drawing, &drawing->racks[leaf], text);
}

static void write_head(const struct drawing *drawing) {
	static const char style[] =
		"text { font: 13px monospace; text-anchor: middle; fill: #111 }\n"
		"text.name { font-size: 18px; text-anchor: start }\n"
		"rect { stroke: #333; stroke-width: 1 }\n"
		".super-spine rect { fill: #d9c8f0 } .spine rect { fill: #c3d7f2 }\n"
		".leaf rect { fill: #cfe8cf } .border rect { fill: #f7dfb5 }\n"
		".host rect { fill: #f2f2f2 } .external rect { fill: #f5cccc }\n"
		".cables path { fill: none; stroke-width: 1.2; stroke: #456 }\n"
		".spine-super path { stroke: #537 } .external path { stroke: #944 }\n"
		".interconnect path { stroke: #294 }\n"
		".cables path:hover { stroke: #d00; stroke-width: 3; stroke-opacity: 1 }\n"
		"g:hover > rect { stroke: #d00; stroke-width: 2 }\n";
	const struct fabric *fabric = drawing->fabric;

	svg_begin(
		drawing->to, drawing->total_wide, drawing->total_high, fabric->intent->name, style);
	fprintf(drawing->to,
		"<text class=\"name\" x=\"%d\" y=\"%d\">%s: %zu nodes, %zu cables</text>\n", MARGIN,
		MARGIN + 16, fabric->intent->name, fabric->node_count, fabric->link_count);
}

static void draw(struct drawing *drawing) {
	find_homes(drawing);
	measure_boxes(drawing);
	measure_pods(drawing);
	place(drawing);
	write_head(drawing);
	for (int tier = 0; tier < TIERS; tier++)
		draw_tier(drawing, (enum fabric_tier)tier);
	for (size_t id = 0; id < drawing->fabric->node_count; id++) {
		draw_node(drawing, id);
		draw_rack(drawing, id);
	}
	svg_end(drawing->to);
}

void drawing_write(const struct fabric *fabric, int node, FILE *to) {
	struct drawing drawing = {.fabric = fabric, .to = to, .pod_count = 1};
	size_t nodes = fabric->node_count + 1;

	for (size_t id = 0; id < fabric->node_count; id++)
		if (fabric->nodes[id].pod >= drawing.pod_count)
			drawing.pod_count = fabric->nodes[id].pod + 1;
	drawing.boxes = calloc(nodes, sizeof(*drawing.boxes));
	drawing.racks = calloc(nodes, sizeof(*drawing.racks));
	drawing.home = calloc(nodes, sizeof(*drawing.home));
	drawing.host_count = calloc(nodes, sizeof(*drawing.host_count));
	drawing.pods = calloc(drawing.pod_count, sizeof(*drawing.pods));
	if (drawing.boxes && drawing.racks && drawing.home && drawing.host_count && drawing.pods)
		draw(&drawing);
	free(drawing.boxes);
	free(drawing.racks);
	free(drawing.home);
	free(drawing.host_count);
	free(drawing.pods);
}
