// feed: a server that speaks the HTTP interface (docs/internals/api.md) with made-up figures: for
// working on the page without root, and for measuring it with a hundred nodes. What is shown of a
// real network is tested against a real twin.
//
//   node tests/page/feed.mjs --page DIST [--port 8080] [--nodes 12|100] [--hz 4] [--still 1] [--kind twin|router|model]
//                              [--token T] [--raised WORDS] [--dark 1]
//                              [--entries N]
//
// --hz 0: nothing changes unless something is done. --still 1: a state is told all the same.
// --dark 1: no light, until something is done. --entries: what the timeline has at first. Prints "listening at URL" once it does.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const options = { page: "web/dist", port: "8080", nodes: "12", hz: "4", token: "letmein", kind: "twin" };
for (let i = 2; i < process.argv.length; i += 2) {
	options[process.argv[i].slice(2)] = process.argv[i + 1];
}
const MANY = Number(options.nodes) > 20;
const RESTORE_MS = 2000;
const ALIVE_MS = 9000;
const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

// ---- the network ----

const MODE = "400G 16QAM";

function fabric(sites, spines, leaves, borders, hosts) {
	const nodes = [];
	const links = [];
	const join_up = (a, b, speed, optical = false) =>
		links.push({
			name: `${b.name}:swp${++b.ports}`, a: a.name, a_port: `swp${++a.ports}`, b: b.name,
			b_port: `swp${b.ports}`, speed_bps: speed, optical,
		});
	const make = (site, role, n, suffix = "") => {
		const node = { name: `${site}-${role}${n}${suffix}`, role: suffix ? "host" : role, site, ports: 0 };
		nodes.push(node);
		return node;
	};
	const edge = {};
	for (const site of sites) {
		const up = Array.from({ length: spines }, (_, i) => make(site, "spine", i + 1));
		edge[site] = Array.from({ length: borders }, (_, i) => make(site, "border", i + 1));
		for (let i = 1; i <= leaves; i++) {
			const leaf = make(site, "leaf", i);
			for (const spine of up) join_up(spine, leaf, 1e11);
			for (let h = 1; h <= hosts; h++) join_up(leaf, make(site, "leaf", i, `-h${h}`), 2.5e10);
		}
		for (const border of edge[site]) for (const spine of up) join_up(spine, border, 1e11);
	}
	for (let i = 0; i + 1 < sites.length; i++) {
		for (let n = 0; n < borders; n++) {
			const [a, b] = [edge[sites[i]][n], edge[sites[i + 1]][n]];
			join_up(a, b, 8e11, true);
		}
	}
	for (const node of nodes) delete node.ports;
	return { nodes, links };
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);
const lines = [];

function line(route, from, to, lengths) {
	const elements = [];
	lengths.forEach((length, i) => {
		const name = `${route} ${from}-${to} ${i + 1}`;
		elements.push({ name, kind: "fibre", length_km: length, pumps: route === "south" ? 1 : 0 });
		if (i + 1 < lengths.length) elements.push({ name: `line amplifier ${name}`, kind: "amplifier" });
	});
	lines.push({
		name: `${route} ${from}-${to} 1`, from: `roadm ${from}`, to: `roadm ${to}`,
		length_km: lengths.reduce((a, b) => a + b, 0), elements,
	});
}

const sites = MANY ? ["east", "middle", "west"] : ["east", "west"];
const { nodes, links } = MANY ? fabric(sites, 4, 8, 4, 2) : fabric(sites, 2, 2, 2, 1);
// 96 so far, and four that somebody else runs.
for (const site of MANY ? ["east", "east", "middle", "west"] : []) {
	const n = nodes.filter((node) => node.name.startsWith(`${site}-external`)).length + 1;
	const name = `${site}-external${n}`;
	nodes.push({ name, role: "external", site });
	links.push({ name: `${name}:swp1`, a: name, a_port: "swp1", b: `${site}-border${n}`, b_port: `swp${20 + n}`, speed_bps: 1e11, optical: false });
}
const known = new Set(nodes.map((node) => node.name));
const kept = links.filter((link) => known.has(link.a) && known.has(link.b));
for (let i = 0; i + 1 < sites.length; i++) {
	const [a, b] = [capital(sites[i]), capital(sites[i + 1])];
	line("south", a, b, [80, 75]);
	line("south", b, a, [75, 80]);
	const north = i ? "far north" : "north"; // names are unique, also where two pairs meet in North
	line(north, a, "North", [70]);
	line(north, "North", a, [70]);
	line(north, "North", b, [85]);
	line(north, b, "North", [85]);
}
const places = [...new Set(lines.flatMap((l) => [l.from, l.to]))];
const design = {
	kind: options.kind, name: MANY ? "three-sites" : "dcs", version: "0.1.0",
	sites: sites.map((name) => ({ name })), nodes, links: kept,
	places: places.map((name) => ({ name, latitude: 0, longitude: 0 })), lines,
	band: { from_thz: 191.3, to_thz: 196.1 }, modes: [MODE, "300G 8QAM", "200G QPSK"], actions: true,
};

const optical = kept.filter((link) => link.optical);
const ways = (link, n) => {
	const [from, to] = [link.a, link.b].map((name) => capital(nodes.find((node) => node.name === name).site));
	const north = from === capital(sites[0]) ? "north" : "far north";
	const ends = [`trx ${from} ${n}`, `trx ${to} ${n}`];
	return {
		south: [ends[0], `roadm ${from}`, `south ${from}-${to} 1`, `line amplifier south ${from}-${to} 1`,
			`south ${from}-${to} 2`, `roadm ${to}`, ends[1]],
		north: [ends[0], `roadm ${from}`, `${north} ${from}-North 1`, "roadm North", `${north} North-${to} 1`,
			`roadm ${to}`, ends[1]],
	};
};
const services = optical.map((link, i) => {
	const pair = ways(link, i + 1);
	const home = i % 2 ? "north" : "south";
	return {
		pair, home,
		shown: {
			link: `${link.a}:${link.b}`, state: "lit", mode: MODE, channels: 2, bit_rate: 8e11, margin_db: 3.24 - i * 0.21,
			gsnr_db: 27.1 - i * 0.21, latency_ms: home === "south" ? 0.759 : 0.76, frame_loss: 0,
			path: pair[home], slots: [0, 1].map((n) => ({
				from_thz: +(191.3 + (2 * Math.floor(i / 2) + n + (i % 2) * 10) * 0.075).toFixed(4),
				to_thz: +(191.375 + (2 * Math.floor(i / 2) + n + (i % 2) * 10) * 0.075).toFixed(4),
			})),
		},
	};
});
const state = {
	at: now(), state: "up",
	nodes: nodes.map((node) => ({
		name: node.name, state: "up", restarts: 0, memory_bytes: 61234567, cpu: 0.012, received_pps: 0,
		forwarded_pps: 0, kernel_pps: 0, dropped_pps: 0,
	})),
	links: kept.map((link) => ({
		name: link.name, state: "up", capacity_bps: link.optical ? 8e8 : null, a_to_b_bps: 0, b_to_a_bps: 0,
		load: link.optical ? 0 : null, lost_pps: 0,
	})),
	drops: [{ reason: "no route", packets: 12, pps: 0 }, { reason: "ttl expired", packets: 3, pps: 0 }],
	services: services.map((service) => service.shown),
	damages: [],
	applications: [
		{ name: "training", class: "ai", figures: [{ name: "step time", value: 48.2, unit: "ms" }], latency_ms: { p50: 0.8, p99: 1.2, p999: 1.3 } },
		{ name: "headsets", class: "xr", figures: [{ name: "frames on time", value: 99.98, unit: "%" }], latency_ms: { p50: 0.81, p99: 1.4, p999: 2.2 } },
		{ name: "meters", class: "iot", figures: [{ name: "reports", value: 4000, unit: "/s" }], latency_ms: { p50: 0.9, p99: 2.1, p999: 4.0 } },
		{ name: "shop", class: "web", figures: [{ name: "page time", value: 112, unit: "ms" }], latency_ms: { p50: 11.2, p99: 38, p999: 71 } },
	],
	ports: [],
};
const timeline = [];
if (options.dark) for (const service of state.services) Object.assign(service, { state: "dark", path: [], slots: [] });
if (options.kind === "router") {
	for (const list of [design.sites, design.links, design.places, design.lines, state.links, state.services, state.applications]) list.length = 0;
	design.nodes.splice(0, Infinity, { name: "edge7", role: "router", site: null });
	state.nodes.splice(1);
	state.nodes[0].name = design.name = "edge7";
	design.actions = false;
	state.ports = ["eth1", "eth2"].map((name) => ({
		name, state: "up", mode: "native", received_pps: 1200, received_bps: 9.1e6, forwarded_pps: 1180, kernel_pps: 15,
		dropped_pps: 5, trouble: name === "eth2" ? "no neighbour answers" : "",
	}));
}
if (options.kind === "model") {
	state.drops = [];
	state.applications = [];
	for (const node of state.nodes) {
		for (const figure of Object.keys(node).filter((key) => key !== "name" && key !== "state")) node[figure] = null;
	}
	for (const link of state.links) link.a_to_b_bps = link.b_to_a_bps = link.load = link.lost_pps = null;
}

function now() {
	return Date.now() / 1000;
}

// ---- what happens ----

const listeners = new Set();

function send(event, document, id) {
	const text = `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(document)}\n\n`;
	for (const listener of listeners) listener.write(text);
}

function changed() {
	state.at = now();
	send("state", state);
}

function tell(layer, words, after = 0) {
	const entry = { id: timeline.length + 1, at: now() + after, layer, words };
	timeline.push(entry);
	send("timeline", entry, entry.id);
}

let phase = 0;
// What a busy network tells, four times a second.
function flow() {
	if (options.still || options.kind === "model") return changed();
	phase += 0.05;
	const wave = (seed) => 0.5 + 0.5 * Math.sin(phase * (1 + (seed % 5) / 7) + seed);
	state.links.forEach((link, i) => {
		const up = link.state === "up";
		link.a_to_b_bps = up && options.kind === "twin" ? Math.round(6.5e8 * wave(i)) : 0;
		link.b_to_a_bps = up && options.kind === "twin" ? Math.round(5e8 * wave(i + 3)) : 0;
		link.load = +(Math.max(link.a_to_b_bps, link.b_to_a_bps) / 8e8).toFixed(3);
		link.capacity_bps = 8e8;
	});
	state.nodes.forEach((node, i) => {
		node.forwarded_pps = node.state === "up" ? Math.round(42000 * wave(i * 2)) : 0;
		node.received_pps = node.forwarded_pps + 12;
		node.kernel_pps = 12;
		node.cpu = +(0.01 + 0.2 * wave(i)).toFixed(3);
	});
	if (state.drops.length === 0) return changed();
	state.drops[0].pps = +(3 * wave(1)).toFixed(1);
	state.drops[0].packets += Math.round(state.drops[0].pps / 4);
	return changed();
}

function light() {
	const dead = (path) => path.some((name) => state.damages.some((damage) =>
		["cut", "failed"].includes(damage.kind) && mirror(damage.element).includes(name)));
	for (const { shown, pair, home } of services) {
		const link = state.links[kept.findIndex((each) => `${each.a}:${each.b}` === shown.link)];
		const before = shown.state;
		if (!dead(pair[home])) {
			shown.path = pair[home];
			shown.state = "lit";
		} else if (dead(shown.path)) {
			shown.state = "dark";
			const other = home === "south" ? "north" : "south";
			if (!dead(pair[other])) {
				setTimeout(() => {
					if (shown.state !== "dark") return;
					shown.path = pair[other];
					shown.state = "restored";
					[shown.margin_db, shown.gsnr_db, shown.latency_ms] = [2.91, 26.8, 0.76];
					link.state = "up";
					tell("light", `${shown.link}: 2 x ${MODE} restored by roadm North`);
					changed();
				}, RESTORE_MS);
			}
		}
		if (shown.state === "dark") [shown.margin_db, shown.gsnr_db, shown.latency_ms] = [null, null, null];
		else if (shown.state === "lit") [shown.margin_db, shown.gsnr_db, shown.latency_ms] = [3.24, 27.1, 0.759];
		link.state = shown.state === "dark" ? "down" : "up";
		if (before !== shown.state) {
			tell("light", `${shown.link}: 2 x ${MODE} ${shown.state}`, 0.001);
			tell("port", `${shown.link}: ${link.state}`, 0.003);
			tell("BGP", `${shown.link.split(":")[0]}: session ${link.state}`, 0.011);
			tell("FIB", "4 tables changed", 0.029);
			tell("proof", "proven as designed", 0.0312);
			tell("packets", "41 of 5000 lost", 0.041);
			tell("application", "training: step time 48.2 -> 51.9 ms", 0.102);
		}
	}
}

// Damage holds both ways: an element of the other direction's line dies with it.
function mirror(element) {
	const at = lines.findIndex((each) => each.elements.some((part) => part.name === element));
	return at < 0 ? [element] : [...lines[at].elements, ...lines[at ^ 1].elements].map((part) => part.name);
}

function act(step) {
	const [[verb, words]] = Object.entries(step);
	tell("done", `${verb} ${words}`);
	const [kind, name] = [words.split(" ")[0], words.slice(words.indexOf(" ") + 1)];
	if (verb === "cut") state.damages.push({ element: words, kind: "cut", loss_db: null });
	if (verb === "age") state.damages.push({ element: name, kind: "aged", loss_db: Number(kind) });
	if (verb === "fail-amplifier") state.damages.push({ element: words, kind: "failed", loss_db: null });
	if (verb === "lose-pump") state.damages.push({ element: name, kind: "pump lost", loss_db: null });
	if (verb === "mend") state.damages = state.damages.filter((damage) => damage.element !== words);
	const links_of = { link: (link) => { const of = kept.find((each) => each.name === link.name); return `${of.a}:${of.b}` === name; }, node: (link) => kept.find((each) => each.name === link.name && (each.a === name || each.b === name)) };
	if (verb === "fail" || verb === "restore") {
		for (const link of state.links.filter(links_of[kind])) link.state = verb === "fail" ? "failed" : "up";
		const node = kind === "node" && state.nodes.find((each) => each.name === name);
		if (node) node.state = verb === "fail" ? "down" : "up";
	}
	if (verb === "drain" || verb === "undrain") {
		for (const link of state.links.filter(links_of.link)) link.state = verb === "drain" ? "drained" : "up";
	}
	light();
	changed();
}

// ---- serving ----

const json = (response, status, document) => {
	response.writeHead(status, { "content-type": "application/json" });
	response.end(JSON.stringify(document));
};

async function page(path, response) {
	const file = join(options.page, normalize(path === "/" ? "/index.html" : path));
	try {
		const bytes = await readFile(file);
		response.writeHead(200, {
			"content-type": TYPES[extname(file)] ?? "application/octet-stream",
			"content-security-policy": POLICY, "x-content-type-options": "nosniff",
		});
		response.end(bytes);
	} catch {
		json(response, 404, { error: `${path}: no such file; the page is at /` });
	}
}

async function answer(request, response) {
	const path = new URL(request.url, "http://x").pathname;
	if (path === "/api/design") return json(response, 200, design);
	if (path === "/api/state") return json(response, 200, state);
	if (path === "/api/timeline") return json(response, 200, { timeline });
	if (path === "/api/events") {
		response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
		response.write(": here\n\n");
		listeners.add(response);
		request.on("close", () => listeners.delete(response));
		return undefined;
	}
	if (path === "/api/actions") {
		if (request.headers.authorization !== `Bearer ${options.token}`) {
			return json(response, 401, { error: "no such token; it is in /run/heddle/twin/dcs/token" });
		}
		let body = "";
		for await (const part of request) body += part;
		try {
			act(JSON.parse(body));
		} catch (error) {
			return json(response, 400, { error: `body: ${error.message}` });
		}
		return json(response, 202, { accepted: true });
	}
	return page(path, response);
}

tell("done", options.raised ?? "raised");
tell("proof", "proven as designed", 0.4);
for (let n = 0; n < Number(options.entries ?? 0); n++) tell("packets", `${n} lost`, 0.4 + (n + 1) / 1e5);
setInterval(() => send("alive", {}), ALIVE_MS);
if (Number(options.hz)) setInterval(flow, 1000 / Number(options.hz));
const server = createServer(answer);
server.listen(Number(options.port), "127.0.0.1", () => {
	console.log(`listening at http://127.0.0.1:${server.address().port}`);
});
