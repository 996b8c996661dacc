/* fault: see fault.h. */
#include "twin/fault.h"

#include "base/whole_file.h"
#include "fabric/drain.h"
#include "twin/console.h"
#include "twin/control.h"
#include "twin/twin.h"
#include "twin/wires.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 3 * FABRIC_NAME_MAX, CONFIGURATION_MAX = 16 << 20 };

static const struct fabric *fabric_of(const struct faults *faults) {
	return faults->daemons->nodes->fabric;
}

int faults_open(struct faults *faults, const struct daemons *daemons) {
	const struct fabric *fabric = daemons->nodes->fabric;

	*faults = (struct faults){.daemons = daemons,
		.link_is_down = calloc(fabric->link_count + 1, sizeof(bool)),
		.node_is_down = calloc(fabric->node_count + 1, sizeof(bool)),
		.link_is_silent = calloc(fabric->link_count + 1, sizeof(bool)),
		.link_is_drained = calloc(fabric->link_count + 1, sizeof(bool))};
	return faults->link_is_down && faults->node_is_down && faults->link_is_silent &&
			       faults->link_is_drained
		       ? 0
		       : -ENOMEM;
}

void faults_close(struct faults *faults) {
	free(faults->link_is_down);
	free(faults->node_is_down);
	free(faults->link_is_silent);
	free(faults->link_is_drained);
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

/* ---- drains ---- */

/* Drained ports of a node, all of them; `ports` has room for all that it has. */
static size_t drained_ports(const struct faults *faults, int node, int *ports) {
	const struct fabric *fabric = fabric_of(faults);
	size_t count = 0;

	for (size_t n = 0; n < fabric->nodes[node].port_count; n++) {
		int port = fabric->nodes[node].ports[n];

		if (faults->link_is_drained[fabric->ports[port].link])
			ports[count++] = port;
	}
	return count;
}

/* What others of the node's ports still need is written again behind what clears one away. */
static char *drain_lines(const struct faults *faults, int port, bool is_drained) {
	const struct fabric *fabric = fabric_of(faults);
	int node = fabric->ports[port].node;
	int *drained = calloc(fabric->nodes[node].port_count + 1, sizeof(*drained));
	size_t count = drained ? drained_ports(faults, node, drained) : 0, size;
	char *text = NULL;
	FILE *to = drained ? open_memstream(&text, &size) : NULL;

	if (to) {
		if (!is_drained)
			drain_write_ports_back(fabric, &port, 1, false, to);
		if (count)
			drain_write_ports(fabric, drained, count, to);
		fclose(to);
	}
	free(drained);
	return text;
}

/* The plan's lines, and behind them what is drained. */
static int write_configuration(
	const struct faults *faults, int node, const char *plan, const char *path) {
	int *ports = calloc(fabric_of(faults)->nodes[node].port_count + 1, sizeof(*ports));
	FILE *to = ports ? fopen(path, "we") : NULL;
	size_t count = ports ? drained_ports(faults, node, ports) : 0;
	int error = !ports ? -ENOMEM : !to ? -errno : 0;

	if (to) {
		fputs(plan, to);
		if (count)
			drain_write_ports(fabric_of(faults), ports, count, to);
		if (fclose(to) == EOF)
			error = -errno;
	}
	free(ports);
	return error;
}

/* A daemon that starts again reads its file. The plan's is kept beside it. */
static int keep_drains(const struct faults *faults, int node) {
	struct whole_file plan = {0};
	char path[PATH_BYTES], kept[PATH_BYTES + 8];
	int error = 0;

	snprintf(path, sizeof(path), "%s/plan/nodes/%s/frr.conf", faults->daemons->folder,
		fabric_of(faults)->nodes[node].name);
	snprintf(kept, sizeof(kept), "%s.plan", path);
	if (access(kept, F_OK) < 0 && rename(path, kept) < 0)
		error = -errno;
	if (!error)
		error = whole_file_read(&plan, kept, CONFIGURATION_MAX);
	if (!error)
		error = write_configuration(faults, node, plan.text, path);
	whole_file_free(&plan);
	return error;
}

static int drain_port(
	const struct faults *faults, int port, bool is_drained, char *error, size_t size) {
	const struct fabric *fabric = fabric_of(faults);
	int node = fabric->ports[port].node, result = -ENOMEM;
	char *lines = drain_lines(faults, port, is_drained);

	if (lines)
		result = console_write_lines(
			faults->daemons->folder, fabric->nodes[node].name, lines, error, size);
	free(lines);
	return result ? result : keep_drains(faults, node);
}

int fault_drain_link(struct faults *faults, int link, bool is_drained, char *error, size_t size) {
	const int *ports = fabric_of(faults)->links[link].ports;
	char ignored[TWIN_ERROR_MAX];
	int result;

	if (!drain_has_session(fabric_of(faults), ports[0]) ||
		!drain_has_session(fabric_of(faults), ports[1]))
		return -EOPNOTSUPP;
	if (faults->link_is_drained[link] == is_drained)
		return 0;
	faults->link_is_drained[link] = is_drained;
	result = drain_port(faults, ports[0], is_drained, error, size);
	if (!result)
		result = drain_port(faults, ports[1], is_drained, error, size);
	if (!result)
		return 0;
	faults->link_is_drained[link] = !is_drained; /* so that it can be tried again */
	drain_port(faults, ports[0], !is_drained, ignored, sizeof(ignored));
	return result;
}

bool faults_are_there(const struct faults *faults) {
	const struct fabric *fabric = fabric_of(faults);

	for (size_t id = 0; id < fabric->link_count; id++)
		if (faults->link_is_down[id] || faults->link_is_drained[id])
			return true;
	for (size_t id = 0; id < fabric->node_count; id++)
		if (faults->node_is_down[id])
			return true;
	return false;
}

int faults_mend(struct faults *faults) {
	const struct fabric *fabric = fabric_of(faults);
	char why[TWIN_ERROR_MAX];
	int error = 0;

	for (int link = 0; link < (int)fabric->link_count && !error; link++)
		if (faults->link_is_down[link])
			error = fault_set_link(faults, link, FAULT_NONE);
	for (int node = 0; node < (int)fabric->node_count && !error; node++)
		error = fault_set_node(faults, node, false);
	for (int link = 0; link < (int)fabric->link_count && !error; link++)
		if (faults->link_is_drained[link])
			error = fault_drain_link(faults, link, false, why, sizeof(why));
	return error;
}
