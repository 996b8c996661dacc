/*
 * whatif: see whatif.h. Hosts that hang below the same leaves, by links that are up, and belong to
 * the same tenant are a site: what is true of one is true of all. An external router is a site,
 * too.
 */
#include "fabric/whatif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LEAVES_MOST = 16 };

struct site {
	int tenant;              /* or TENANT_EXTERNAL */
	int leaves[LEAVES_MOST]; /* where its traffic enters and leaves: its leaves, or itself */
	size_t leaf_count;
	uint32_t hosts;
	double in_mbps; /* that all send to it */
};

struct whatif {
	const struct fabric *fabric;
	const struct traffic *traffic;
	struct spread *spread;
	uint64_t pairs;
	double offered_mbps;
	double *host_in; /* by node: what is sent to it */
	/* of one case */
	const struct model_failures *failures;
	struct whatif_result *result;
	struct site *sites;
	size_t site_count;
	int *site_of;   /* by node; FABRIC_NONE: no end of traffic, or off */
	double *matrix; /* Mb/s by sites, from and to */
	double *inflow; /* by node */
	double *load;   /* by port */
	uint32_t *ports;
};

static bool is_end(const struct fabric_node *node) {
	return (node->role == ROLE_HOST || node->role == ROLE_EXTERNAL) && node->port_count > 0;
}

static int tenant_of(const struct fabric_node *node) {
	return node->role == ROLE_HOST ? node->tenant : TENANT_EXTERNAL;
}

/* Policies, and that routers of others are nobody's to connect with each other. */
static bool may_talk(const struct fabric *fabric, int one, int other) {
	return !(one == TENANT_EXTERNAL && other == TENANT_EXTERNAL) &&
	       !fabric_denies(fabric, one, other);
}

static uint64_t count_pairs(const struct fabric *fabric) {
	uint64_t pairs = 0;

	for (size_t i = 0; i < fabric->node_count; i++)
		for (size_t j = 0; j < fabric->node_count; j++)
			pairs += i != j && is_end(&fabric->nodes[i]) && is_end(&fabric->nodes[j]) &&
				 may_talk(fabric, tenant_of(&fabric->nodes[i]),
					 tenant_of(&fabric->nodes[j]));
	return pairs;
}

static void take_traffic(struct whatif *whatif) {
	for (size_t i = 0; whatif->traffic && i < whatif->traffic->count; i++) {
		const struct demand *demand = &whatif->traffic->demands[i];

		whatif->host_in[demand->to] += demand->mbps;
		whatif->offered_mbps += demand->mbps;
	}
}

struct whatif *whatif_create(const struct fabric *fabric, const struct traffic *traffic) {
	struct whatif *whatif = calloc(1, sizeof(*whatif));
	size_t nodes = fabric->node_count + 1, ends = 1;

	if (!whatif)
		return NULL;
	for (size_t i = 0; i < fabric->node_count; i++)
		ends += is_end(&fabric->nodes[i]);
	whatif->fabric = fabric;
	whatif->traffic = traffic;
	whatif->spread = spread_create(fabric);
	whatif->sites = calloc(ends, sizeof(*whatif->sites));
	whatif->site_of = calloc(nodes, sizeof(*whatif->site_of));
	whatif->matrix = calloc(traffic ? ends * ends : 1, sizeof(*whatif->matrix));
	whatif->inflow = calloc(nodes, sizeof(*whatif->inflow));
	whatif->host_in = calloc(nodes, sizeof(*whatif->host_in));
	whatif->load = calloc(fabric->port_count + 1, sizeof(*whatif->load));
	whatif->ports = calloc(fabric->port_count + 1, sizeof(*whatif->ports));
	if (whatif->spread && whatif->sites && whatif->site_of && whatif->matrix &&
		whatif->inflow && whatif->host_in && whatif->load && whatif->ports) {
		whatif->pairs = count_pairs(fabric);
		take_traffic(whatif);
		return whatif;
	}
	whatif_destroy(whatif);
	return NULL;
}

void whatif_destroy(struct whatif *whatif) {
	if (!whatif)
		return;
	spread_destroy(whatif->spread);
	free(whatif->sites);
	free(whatif->site_of);
	free(whatif->matrix);
	free(whatif->inflow);
	free(whatif->host_in);
	free(whatif->load);
	free(whatif->ports);
	free(whatif);
}

/* --- sites --- */

static void add_leaf(struct site *site, int leaf) {
	for (size_t i = 0; i < site->leaf_count; i++)
		if (site->leaves[i] == leaf)
			return;
	if (site->leaf_count < LEAVES_MOST)
		site->leaves[site->leaf_count++] = leaf;
}

/* The site of one end by itself, as its links are. */
static struct site site_alone(const struct whatif *whatif, int id) {
	const struct fabric *fabric = whatif->fabric;
	const struct fabric_node *node = &fabric->nodes[id];
	struct site site = {.tenant = tenant_of(node), .hosts = 1};

	for (size_t n = 0; n < node->port_count; n++)
		if (spread_port_is_up(fabric, whatif->failures, node->ports[n]))
			add_leaf(&site,
				node->role == ROLE_EXTERNAL
					? id
					: fabric->ports[fabric->ports[node->ports[n]].other].node);
	return site;
}

static bool is_same(const struct site *one, const struct site *other) {
	return one->tenant == other->tenant && one->leaf_count == other->leaf_count &&
	       memcmp(one->leaves, other->leaves, one->leaf_count * sizeof(*one->leaves)) == 0;
}

/* The place of such a site; ends of one follow each other, so that it is soon found. */
static int site_like(struct whatif *whatif, const struct site *site) {
	for (size_t i = whatif->site_count; i-- > 0;)
		if (is_same(&whatif->sites[i], site)) {
			whatif->sites[i].hosts++;
			return (int)i;
		}
	whatif->sites[whatif->site_count] = *site;
	return (int)whatif->site_count++;
}

static void find_sites(struct whatif *whatif) {
	const struct fabric *fabric = whatif->fabric;

	whatif->site_count = 0;
	for (int id = 0; id < (int)fabric->node_count; id++) {
		struct site site;

		whatif->site_of[id] = FABRIC_NONE;
		if (!is_end(&fabric->nodes[id]))
			continue;
		site = site_alone(whatif, id);
		if (site.leaf_count == 0) {
			whatif->result->hosts_off++;
			continue;
		}
		whatif->site_of[id] = site_like(whatif, &site);
		whatif->sites[whatif->site_of[id]].in_mbps += whatif->host_in[id];
	}
}

static void fill_matrix(struct whatif *whatif) {
	const struct traffic *traffic = whatif->traffic;

	if (!traffic)
		return;
	memset(whatif->matrix, 0,
		whatif->site_count * whatif->site_count * sizeof(*whatif->matrix));
	for (size_t i = 0; i < traffic->count; i++) {
		const struct demand *demand = &traffic->demands[i];
		int from = whatif->site_of[demand->from], to = whatif->site_of[demand->to];

		if (from != FABRIC_NONE && to != FABRIC_NONE)
			whatif->matrix[(size_t)from * whatif->site_count + (size_t)to] +=
				demand->mbps;
	}
}

/* --- loads --- */

/* What arrives at a leaf goes down to the site's hosts, to each as much as is sent to it. */
static void load_hosts(struct whatif *whatif, int site, int leaf, double mbps) {
	const struct fabric *fabric = whatif->fabric;
	const struct fabric_node *node = &fabric->nodes[leaf];

	if (mbps == 0)
		return;
	for (size_t n = 0; n < node->port_count; n++) {
		int port = node->ports[n], host = fabric->ports[fabric->ports[port].other].node;

		if (whatif->site_of[host] == site && fabric->nodes[host].role == ROLE_HOST &&
			spread_port_is_up(fabric, whatif->failures, port))
			whatif->load[port] +=
				mbps * whatif->host_in[host] / whatif->sites[site].in_mbps;
	}
}

/* From the farthest node on, each shares what it has evenly by its ways. */
static void load_ways(struct whatif *whatif, int site) {
	const struct fabric *fabric = whatif->fabric;
	size_t count;
	const int *order = spread_order(whatif->spread, &count);

	while (count-- > 0) {
		int node = order[count];
		double mbps = whatif->inflow[node];
		size_t ways = mbps > 0 ? spread_ways(whatif->spread, node, whatif->ports) : 0;

		whatif->inflow[node] = 0;
		for (size_t i = 0; i < ways; i++) {
			whatif->load[whatif->ports[i]] += mbps / (double)ways;
			whatif->inflow[fabric->ports[fabric->ports[whatif->ports[i]].other].node] +=
				mbps / (double)ways;
		}
		if (ways == 0)
			load_hosts(whatif, site, node, mbps);
	}
}

/* What hosts send leaves them evenly by the links that they have. */
static void load_senders(struct whatif *whatif) {
	const struct fabric *fabric = whatif->fabric;

	for (size_t i = 0; whatif->traffic && i < whatif->traffic->count; i++) {
		const struct demand *demand = &whatif->traffic->demands[i];
		const struct fabric_node *node = &fabric->nodes[demand->from];
		size_t up = 0;

		if (node->role != ROLE_HOST)
			continue;
		for (size_t n = 0; n < node->port_count; n++)
			up += spread_port_is_up(fabric, whatif->failures, node->ports[n]);
		for (size_t n = 0; n < node->port_count; n++)
			if (spread_port_is_up(fabric, whatif->failures, node->ports[n]))
				whatif->load[node->ports[n]] += demand->mbps / (double)up;
	}
}

static void find_congestion(struct whatif *whatif) {
	const struct fabric *fabric = whatif->fabric;
	struct whatif_result *result = whatif->result;

	for (int port = 0; port < (int)fabric->port_count; port++) {
		double speed = (double)fabric->links[fabric->ports[port].link].speed_mbps;
		double load = whatif->load[port] / speed;

		result->congested += load > 1 + 1e-9;
		if (load > result->worst_load) {
			result->worst_load = load;
			result->worst_port = port;
		}
	}
}

/* --- one case --- */

/* What one site sends to another: how many of its leaves have a way. */
static void connect_sites(struct whatif *whatif, size_t from, size_t to) {
	const struct site *sender = &whatif->sites[from], *receiver = &whatif->sites[to];
	uint64_t pairs = (uint64_t)sender->hosts * (receiver->hosts - (from == to));
	double mbps = whatif->traffic ? whatif->matrix[from * whatif->site_count + to] : 0;
	size_t with_way = 0;

	for (size_t i = 0; i < sender->leaf_count; i++) {
		if (spread_length(whatif->spread, sender->leaves[i]) == SPREAD_FAR)
			continue;
		with_way++;
		whatif->inflow[sender->leaves[i]] += mbps / (double)sender->leaf_count;
	}
	if (with_way == 0)
		return;
	whatif->result->pairs_cut -= pairs;
	whatif->result->pairs_partly += with_way < sender->leaf_count ? pairs : 0;
	whatif->result->lost_mbps -= mbps * (double)with_way / (double)sender->leaf_count;
}

static void connect_to(struct whatif *whatif, size_t to) {
	const struct site *receiver = &whatif->sites[to];

	spread_from(whatif->spread, whatif->failures, receiver->leaves, receiver->leaf_count,
		receiver->tenant);
	for (size_t from = 0; from < whatif->site_count; from++)
		if (may_talk(whatif->fabric, whatif->sites[from].tenant, receiver->tenant))
			connect_sites(whatif, from, to);
	if (whatif->traffic)
		load_ways(whatif, (int)to);
}

void whatif_evaluate(struct whatif *whatif, const struct model_failures *failures,
	struct whatif_result *result) {
	*result = (struct whatif_result){.pairs = whatif->pairs,
		.pairs_cut = whatif->pairs,
		.offered_mbps = whatif->offered_mbps,
		.lost_mbps = whatif->offered_mbps,
		.worst_port = FABRIC_NONE};
	whatif->failures = failures;
	whatif->result = result;
	memset(whatif->load, 0, whatif->fabric->port_count * sizeof(*whatif->load));
	find_sites(whatif);
	fill_matrix(whatif);
	for (size_t to = 0; to < whatif->site_count; to++)
		connect_to(whatif, to);
	load_senders(whatif);
	find_congestion(whatif);
	if (result->lost_mbps < 1e-6 * result->offered_mbps)
		result->lost_mbps = 0; /* what rounding leaves */
}

double whatif_port_mbps(const struct whatif *whatif, int port) {
	return whatif->load[port];
}
