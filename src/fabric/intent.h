/*
 * intent: what somebody wants of a fabric, as one short YAML file says it, checked and with every
 * default filled in. It says nothing yet of addresses, ports or configurations: fabric.h does.
 *
 * A file is taken whole or refused whole; all its mistakes are told at once (mistakes.h), each with
 * file:line, what was found, what was expected, and the nearest word that is known.
 */
#pragma once

#include "base/mistakes.h"
#include "emulator/settings.h"
#include "fabric/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	FABRIC_NAME_MAX = 32, /* with its NUL */
	INTENT_FILE_NAME_MAX = 64,
	INTENT_TENANTS_MAX = 256,
	INTENT_SWITCHES_MAX = 4096,
	INTENT_HOSTS_MAX = 65536,
	INTENT_APPLICATIONS_MAX = 32,
};

enum intent_shape {
	SHAPE_LEAF_SPINE, /* leaves below spines */
	SHAPE_CLOS,       /* pods of leaves below spines, below super-spines */
	SHAPE_SITES,      /* leaf-spines, each a site, joined by their borders */
	SHAPE_CUSTOM,     /* only the nodes and cables that are listed */
};

enum fabric_role {
	ROLE_SUPER_SPINE,
	ROLE_SPINE,
	ROLE_LEAF,
	ROLE_BORDER, /* a leaf where external routers are attached */
	ROLE_HOST,
	ROLE_EXTERNAL, /* a router of somebody else's */
	ROLES,
};

typedef char fabric_name[FABRIC_NAME_MAX];
typedef char intent_file_name[INTENT_FILE_NAME_MAX]; /* of a file beside the intent's own */

struct intent_names {
	fabric_name *names;
	size_t count;
};

/* Where something is said. What is wrong with it has been noted: no more is to be concluded from
 * it. */
struct intent_place {
	int line;
	bool is_wrong;
};

/* The cables of a tier. */
struct intent_cabling {
	uint64_t speed_mbps;
	uint32_t count; /* cables between each pair */
	uint32_t length_m;
};

/* A named network: its prefixes are dealt out to leaves. */
struct intent_tenant {
	fabric_name name;
	struct prefix ipv4, ipv6; /* family AF_UNSPEC: none */
	struct intent_place at;
};

/* What is under a leaf, where it differs from the default. */
struct intent_rack {
	fabric_name leaf;
	struct intent_names hosts;
	bool says_hosts, names_hosts; /* there are such, or as many; these are their names */
	fabric_name tenant;
	fabric_name partner; /* the other leaf of dual-homed hosts; "" if they have one */
	struct intent_place at;
};

enum intent_daemon { DAEMON_FRR, DAEMON_BIRD };

struct intent_external {
	fabric_name name;
	uint32_t asn;
	struct intent_names attach; /* switches */
	struct prefix *announces;
	size_t announce_count;
	intent_file_name announces_file; /* whose prefixes are among them; "": none */
	enum intent_daemon daemon;
	struct intent_place at;
};

/* Two tenants, or a tenant and "external", that may not talk, whichever of them begins. */
struct intent_policy {
	fabric_name one, other;
	struct intent_place at;
};

struct intent_node {
	fabric_name name;
	enum fabric_role role;
	bool says_role;
	fabric_name tenant; /* of a host */
	struct intent_place at;
};

struct intent_cable {
	fabric_name from, to;
	struct intent_cabling cabling; /* 0: that of its tier; one cable */
	struct intent_place at;
};

enum { INTENT_LINK_MAX = 80 };

/* Links that a twin runs through a wire (heddle-wire(1)): a tier's, or one. */
struct intent_emulation {
	char link[INTENT_LINK_MAX];    /* "leaf-spine", "leaf1:spine2", "leaf1:swp63" */
	struct wire_settings settings; /* of both directions */
	struct intent_place at;
};

/* The light that interconnects are made of: GNPy's files, beside the intent, in which a service is
 * called as the link that it carries, "east-border1:west-border1" (heddle-optics(1)). In a twin
 * those links run through wires. */
enum { RESTORE_NEVER = UINT32_MAX };

struct intent_optics {
	intent_file_name topology, equipment, services; /* "": there is no such section */
	uint32_t scale;                                 /* of rates: in a twin 1/scale */
	uint32_t restore_ms; /* until services whose light is out are carried elsewhere, or never */
	struct intent_emulation emulation; /* of links without another: none, to begin with */
};

/* What hosts do with the network, by what its owner looks at: how long a step of a job takes, which
 * frames come late, which messages are lost, when a request is answered. */
enum application_kind {
	APPLICATION_AI,  /* all-reduce: large flows, in step */
	APPLICATION_XR,  /* a pose up, a whole frame down, many times a second */
	APPLICATION_IOT, /* many devices, each now and then a message */
	APPLICATION_WEB, /* requests as they come, answers of all sizes */
	APPLICATION_KINDS
};
const char *application_kind_name(enum application_kind kind); /* "ai" … */

enum { XR_PACKETS_MAX = 256, XR_PACKET_BYTES = 1400 }; /* of a frame; of payload, each */
enum reduce_algorithm { REDUCE_RING, REDUCE_TREE };
enum flow_sizes { SIZES_WEB_SEARCH, SIZES_DATA_MINING };

/* What a class has no use for is 0. */
struct intent_application {
	fabric_name name;
	enum application_kind kind;
	bool says_kind;
	uint32_t keys;             /* that it says, a bit each (intent_applications.c) */
	struct intent_names hosts; /* ai; none: all of the fabric, here as below */
	struct intent_names from, to;
	enum reduce_algorithm algorithm;
	uint64_t size_bytes;        /* that each host has to reduce */
	uint32_t compute_ms;        /* between two reductions */
	uint32_t headsets, frames;  /* a second, each */
	uint64_t rate_mbps;         /* of the frames of one */
	uint32_t budget_ms;         /* from a pose to the frame */
	uint32_t devices, every_ms; /* between two messages of one */
	uint32_t requests;          /* a second, on average */
	enum flow_sizes sizes;      /* of answers, times size_scale */
	double size_scale;
	uint32_t seed;
	struct intent_place at;
};

/* All in milliseconds. */
struct intent_timers {
	uint32_t keepalive, hold, connect, advertisement;
	uint32_t restart; /* graceful restart; 0: none */
	uint32_t bfd;     /* between two control packets; 0: no BFD */
	uint32_t bfd_multiplier;
};

/* A kind of switch, for the report: what it draws and how many ports it has. */
struct intent_device {
	fabric_name name;
	uint32_t ports;
	uint64_t speed_mbps;
	double watts; /* at full load; 0: not known */
};

/* Where a key that stands by itself is said: "pods", "hold", "loopbacks-ipv4" … */
struct intent_line {
	const char *key;
	struct intent_place at;
};

enum { INTENT_LINES_MAX = 64 };

struct intent {
	fabric_name name;
	enum intent_shape shape;
	struct intent_names super_spines, spines, leaves,
		borders; /* of each pod, if there are pods */
	uint32_t pods;
	struct intent_names sites;
	uint32_t hosts_per_leaf;
	struct intent_cabling leaf_spine, spine_super, host, external, interconnect;
	struct intent_tenant *tenants;
	struct intent_rack *racks;
	struct intent_external *externals;
	struct intent_policy *policies;
	struct intent_node *nodes;
	struct intent_cable *cables;
	struct intent_emulation *emulations;
	size_t emulation_count;
	struct intent_application *applications;
	size_t application_count;
	size_t tenant_count, rack_count, external_count, policy_count, node_count, cable_count;
	struct intent_optics optics;
	struct intent_timers timers;
	bool numbered; /* links have addresses of their own, not IPv6 link-local alone */
	struct prefix loopbacks4, loopbacks6, links4, links6;
	uint32_t asn_base;
	uint32_t mtu;
	struct intent_device devices[ROLES];
	char frr_version[16];
	struct intent_line lines[INTENT_LINES_MAX];
	size_t line_count;
	bool is_beyond_design; /* what is wrong leaves nothing that could be designed */
};

/*
 * The file that mistakes->path names. What is wrong with it is noted there, and left out of the
 * intent or at its default, so that a design of the rest can find more (fabric.h). 0, or a negative
 * errno after a message if there is nothing to read. To be freed by intent_free, only after 0.
 */
int intent_read(struct intent *intent, struct mistakes *mistakes);
void intent_free(struct intent *intent);

/* The path of a file beside another: "dc/isp1.txt" beside "dc/dc1.yaml". 0 or -ENAMETOOLONG. */
int intent_beside(const char *path, const char *name, char *beside, size_t size);

/* Pods, or sites, which number nodes' pods as well: 0 if the shape has none. */
uint32_t intent_pods(const struct intent *intent);

/* The line of such a key in the file; 0 if it does not say it. */
int intent_line(const struct intent *intent, const char *key);

/* Whether what the file says there, or in a part of it, is wrong. */
bool intent_is_wrong(const struct intent *intent, const char *key);

/* Everything that a file may say, with the values that hold when it does not, as such a file. */
void intent_print_defaults(FILE *to);

/* "leaf-spine", "spine-super", "host", "external", NULL, by enum fabric_tier. */
extern const char *const intent_tier_words[];

/* "super-spine", "spine", "leaf", "border", "host", "external". */
const char *fabric_role_name(enum fabric_role role);
