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
	uint32_t links[LEAVES_MOST]; /* that are up, of one host to each leaf */
	size_t leaf_count;
	uint32_t hosts, link_count;
};

struct whatif {
	const struct fabric *fabric;
	const struct traffic *traffic;
	struct spread *spread;
	uint64_t pairs;
	double offered_mbps;
	struct demand *demands; /* by `to` */
	size_t *first_to;       /* by node, and one more: of those */
	/* of one case */
	const struct model_failures *failures;
	struct whatif_result *result;
	struct site *sites;
	size_t site_count;
	int *site_of;   /* by node; FABRIC_NONE: no end of traffic, or off */
	double *matrix; /* Mb/s by sites, from and to */
	double *inflow; /* by node */
	double *part;   /* by site: of what it sends to the site at hand, what has a way */
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

/* Demands once more, in the order of who is sent to. */
static void take_traffic(struct whatif *whatif) {
	size_t nodes = whatif->fabric->node_count, next = 0;

	for (size_t i = 0; whatif->traffic && i < whatif->traffic->count; i++) {
		whatif->first_to[whatif->traffic->demands[i].to + 1]++;
		whatif->offered_mbps += whatif->traffic->demands[i].mbps;
	}
	for (size_t id = 0; id < nodes; id++)
		whatif->first_to[id + 1] += whatif->first_to[id];
	for (int id = 0; id < (int)nodes && whatif->traffic; id++)
		for (size_t i = 0; next < whatif->first_to[id + 1] && i < whatif->traffic->count;
			i++)
			if (whatif->traffic->demands[i].to == id)
				whatif->demands[next++] = whatif->traffic->demands[i];
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
	whatif->part = calloc(ends, sizeof(*whatif->part));
	whatif->first_to = calloc(nodes + 1, sizeof(*whatif->first_to));
	whatif->demands = calloc(traffic ? traffic->count + 1 : 1, sizeof(*whatif->demands));
	whatif->load = calloc(fabric->port_count + 1, sizeof(*whatif->load));
	whatif->ports = calloc(fabric->port_count + 1, sizeof(*whatif->ports));
	if (whatif->spread && whatif->sites && whatif->site_of && whatif->matrix &&
		whatif->inflow && whatif->part && whatif->first_to && whatif->demands &&
		whatif->load && whatif->ports) {
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
	free(whatif->part);
	free(whatif->first_to);
	free(whatif->demands);
	free(whatif->load);
	free(whatif->ports);
	free(whatif);
}

/* --- sites --- */

static void add_link(struct site *site, int leaf) {
	size_t at = 0;

	while (at < site->leaf_count && site->leaves[at] != leaf)
		at++;
	if (at == LEAVES_MOST)
		return;
	if (at == site->leaf_count)
		site->leaves[site->leaf_count++] = leaf;
	site->links[at]++;
	site->link_count++;
}

/* The site of one end by itself, as its links are. */
static struct site site_alone(const struct whatif *whatif, int id) {
	const struct fabric *fabric = whatif->fabric;
	const struct fabric_node *node = &fabric->nodes[id];
	struct site site = {.tenant = tenant_of(node), .hosts = 1};

	for (size_t n = 0; n < node->port_count; n++)
		if (spread_port_is_up(fabric, whatif->failures, node->ports[n]))
			add_link(&site,
				node->role == ROLE_EXTERNAL
					? id
					: fabric->ports[fabric->ports[node->ports[n]].other].node);
	return site;
}

static bool is_same(const struct site *one, const struct site *other) {
	return one->tenant == other->tenant && one->leaf_count == 1 && other->leaf_count == 1 &&
	       one->leaves[0] == other->leaves[0];
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

/* The cables that are up between two nodes. */
static size_t cables_between(const struct whatif *whatif, int one, int other) {
	const struct fabric *fabric = whatif->fabric;
	const struct fabric_node *node = &fabric->nodes[one];
	size_t count = 0;

	for (size_t n = 0; n < node->port_count; n++)
		count += fabric_neighbour(fabric, node->ports[n]) == &fabric->nodes[other] &&
			 spread_port_is_up(fabric, whatif->failures, node->ports[n]);
	return count;
}

/* What is sent to a host, and has a way. */
static double arriving(const struct whatif *whatif, int host) {
	double mbps = 0;

	for (size_t i = whatif->first_to[host]; i < whatif->first_to[host + 1]; i++) {
		int from = whatif->site_of[whatif->demands[i].from];

		if (from != FABRIC_NONE)
			mbps += whatif->demands[i].mbps * whatif->part[from];
	}
	return mbps;
}

/* What arrives at a leaf goes down to the site's hosts: all that is sent to each, if they have no
 * other leaf. */
static void load_hosts(struct whatif *whatif, int site, int leaf, double mbps) {
	const struct fabric *fabric = whatif->fabric;
	const struct fabric_node *node = &fabric->nodes[leaf];

	if (mbps == 0)
		return;
	for (size_t n = 0; n < node->port_count; n++) {
		int port = node->ports[n], host = fabric->ports[fabric->ports[port].other].node;
		bool is_alone = whatif->sites[site].leaf_count > 1;

		if (whatif->site_of[host] == site && fabric->nodes[host].role == ROLE_HOST &&
			spread_port_is_up(fabric, whatif->failures, port))
			whatif->load[port] += (is_alone ? mbps : arriving(whatif, host)) /
					      (double)cables_between(whatif, host, leaf);
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

/* What one site sends to another, evenly by its links: how many of its leaves have a way. */
static void connect_sites(struct whatif *whatif, size_t from, size_t to) {
	const struct site *sender = &whatif->sites[from], *receiver = &whatif->sites[to];
	uint64_t pairs = (uint64_t)sender->hosts * (receiver->hosts - (from == to));
	double mbps = whatif->traffic ? whatif->matrix[from * whatif->site_count + to] : 0;
	size_t with_way = 0;
	uint32_t links = 0;

	for (size_t i = 0; i < sender->leaf_count; i++) {
		if (spread_length(whatif->spread, sender->leaves[i]) == SPREAD_FAR)
			continue;
		with_way++;
		links += sender->links[i];
		whatif->inflow[sender->leaves[i]] += mbps * sender->links[i] / sender->link_count;
	}
	whatif->part[from] = (double)links / sender->link_count;
	if (with_way == 0)
		return;
	whatif->result->pairs_cut -= pairs;
	whatif->result->pairs_partly += with_way < sender->leaf_count ? pairs : 0;
	whatif->result->lost_mbps -= mbps * whatif->part[from];
}

static void connect_to(struct whatif *whatif, size_t to) {
	const struct site *receiver = &whatif->sites[to];

	spread_from(whatif->spread, whatif->failures, receiver->leaves, receiver->leaf_count,
		receiver->tenant);
	memset(whatif->part, 0, whatif->site_count * sizeof(*whatif->part));
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
