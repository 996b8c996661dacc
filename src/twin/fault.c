/* fault: see fault.h. */
#include "twin/fault.h"

#include "twin/wires.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdlib.h>

static const struct fabric *fabric_of(const struct faults *faults) {
	return faults->daemons->nodes->fabric;
}

int faults_open(struct faults *faults, const struct daemons *daemons) {
	const struct fabric *fabric = daemons->nodes->fabric;

	*faults = (struct faults){.daemons = daemons,
		.link_is_down = calloc(fabric->link_count + 1, sizeof(bool)),
		.node_is_down = calloc(fabric->node_count + 1, sizeof(bool)),
		.link_is_silent = calloc(fabric->link_count + 1, sizeof(bool))};
	return faults->link_is_down && faults->node_is_down && faults->link_is_silent ? 0 : -ENOMEM;
}

void faults_close(struct faults *faults) {
	free(faults->link_is_down);
	free(faults->node_is_down);
	free(faults->link_is_silent);
}

/* The upper end is a switch's, whose daemon gives it its addresses again; a host's would be lost.
 */
static int set_carrier(const struct faults *faults, int link) {
	const struct nodes *nodes = faults->daemons->nodes;
	const struct fabric *fabric = nodes->fabric;
	const struct fabric_port *upper = &fabric->ports[fabric->links[link].ports[0]];
	const struct fabric_port *lower = &fabric->ports[fabric->links[link].ports[1]];
	bool is_up = (!faults->link_is_down[link] || faults->link_is_silent[link]) &&
		     !faults->node_is_down[upper->node] && !faults->node_is_down[lower->node];
	int error = wiring_set_up(nodes->wirings[upper->node], upper->name, is_up);

	return error || nodes->wires[link] < 0 ? error : wire_set_carrier(nodes, link, is_up);
}

int fault_set_link(struct faults *faults, int link, enum fault_kind kind) {
	const struct nodes *nodes = faults->daemons->nodes;
	int error = 0;

	if (kind == FAULT_SILENT && nodes->wires[link] < 0)
		return -EOPNOTSUPP;
	if (kind == FAULT_SILENT || faults->link_is_silent[link])
		error = wire_cut(nodes, link, kind == FAULT_SILENT);
	if (error)
		return error;
	daemons_cut_wire(faults->daemons, link, kind == FAULT_SILENT);
	faults->link_is_down[link] = kind != FAULT_NONE;
	faults->link_is_silent[link] = kind == FAULT_SILENT;
	return set_carrier(faults, link);
}

int fault_set_node(struct faults *faults, int node, bool is_down) {
	const struct fabric_node *failed = &fabric_of(faults)->nodes[node];
	int error = 0;

	if (faults->node_is_down[node] == is_down)
		return 0;
	faults->node_is_down[node] = is_down;
	for (size_t n = 0; n < failed->port_count && !error; n++)
		error = set_carrier(faults, fabric_of(faults)->ports[failed->ports[n]].link);
	if (is_down) /* after its carriers: nobody hears its sessions end */
		daemons_stop_node(faults->daemons, node);
	else if (!error)
		error = daemons_start_node(faults->daemons, node);
	if (error && !is_down)
		faults->node_is_down[node] = true; /* so that restoring it again does all of that */
	return error;
}

bool faults_are_there(const struct faults *faults) {
	const struct fabric *fabric = fabric_of(faults);

	for (size_t id = 0; id < fabric->link_count; id++)
		if (faults->link_is_down[id])
			return true;
	for (size_t id = 0; id < fabric->node_count; id++)
		if (faults->node_is_down[id])
			return true;
	return false;
}

int faults_mend(struct faults *faults) {
	const struct fabric *fabric = fabric_of(faults);
	int error = 0;

	for (int link = 0; link < (int)fabric->link_count && !error; link++)
		if (faults->link_is_down[link])
			error = fault_set_link(faults, link, FAULT_NONE);
	for (int node = 0; node < (int)fabric->node_count && !error; node++)
		error = fault_set_node(faults, node, false);
	return error;
}
