// layout: where everything stands on the map. Two floors: above, the sites side by side, in tiers as
// they are cabled, borders on the side that faces the site they lead to; below, the places and fibre
// that carry what is between them. Only computes; units are those of the map at zoom 1.

const TIERS = ["external", "super-spine", "spine", "leaf", "router"];
const ROW = 84;
const COLUMN = 72;
const CROWD = 6; // from so many on, a row of leaves stands in two, turn about
const STAGGER = { step: 34, drop: 34 };
const HOST_ROW = 30;
const HOSTS_A_COLUMN = 6;
const HOST_COLUMN = 40;
const BORDER_ROW = 52;
const SITE_GAP = 190;
const FLOOR_GAP = 96;
const PLACE_ROW = 84;
const STRETCH_MOST = 1.6;

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

// Which leaf or other switch each host hangs on.
function hostsBySwitch(design, hosts) {
	const map = new Map();
	const names = new Set(hosts.map((host) => host.name));
	for (const link of design.links) {
		const [host, on] = names.has(link.b) ? [link.b, link.a] : names.has(link.a) ? [link.a, link.b] : [];
		if (host && !names.has(on)) map.set(on, [...(map.get(on) ?? []), host]);
	}
	return map;
}

// Tiers of one site, each a row that is centred; hosts in columns below what they hang on.
function placeTiers(nodes, hosts, at) {
	const rows = TIERS.map((role) => nodes.filter((node) => node.role === role)).filter((row) => row.length);
	const spread = Math.max(1, ...nodes.map((node) => Math.ceil((hosts.get(node.name)?.length ?? 0) / HOSTS_A_COLUMN)));
	const widest = Math.max(1, ...rows.map((row) => row.length));
	const last = rows.at(-1)?.length ?? 0;
	const crowded = last >= CROWD && spread === 1;
	const lowest = crowded ? STAGGER.step : Math.max(COLUMN, spread * HOST_COLUMN + 14);
	const width = Math.max((crowded ? 1 : widest) * COLUMN, last * lowest);
	rows.forEach((row, r) => {
		const lower = r === rows.length - 1;
		const step = lower ? lowest : Math.min(width / row.length, COLUMN * 1.9);
		row.forEach((node, n) => {
			const drop = lower && crowded && n % 2 ? STAGGER.drop : 0;
			at.set(node.name, { x: (n - (row.length - 1) / 2) * step, y: r * ROW + drop });
		});
	});
	const under = (rows.length - 1) * ROW + (crowded ? STAGGER.drop : 0);
	for (const [name, list] of hosts) {
		const above = at.get(name);
		if (!above) continue;
		const columns = Math.ceil(list.length / HOSTS_A_COLUMN);
		list.forEach((host, n) => {
			const column = n % columns;
			at.set(host, {
				x: above.x + (column - (columns - 1) / 2) * HOST_COLUMN,
				y: (crowded ? under : above.y) + 52 + Math.floor(n / columns) * HOST_ROW,
			});
		});
	}
	return { width, spines: Math.max(0, rows.findIndex((row) => row[0].role === "spine")) * ROW };
}

// -1: leads to sites on the left, 1: on the right, 0: to both, or nowhere.
function facing(design, border, siteOf, order) {
	const here = order.get(siteOf.get(border.name));
	const ways = design.links
		.filter((link) => link.a === border.name || link.b === border.name)
		.map((link) => Math.sign(order.get(siteOf.get(link.a === border.name ? link.b : link.a)) - here))
		.filter((way) => way);
	return Math.sign(ways.reduce((a, b) => a + b, 0));
}

function placeBorders(design, borders, siteOf, order, tiers, at) {
	const sides = { "-1": [], 1: [] };
	borders.forEach((border, n) => {
		const side = facing(design, border, siteOf, order) || (n % 2 ? 1 : -1);
		sides[side].push(border);
	});
	for (const [side, list] of Object.entries(sides)) {
		// A few stand below the spines' row, so that no link runs behind a spine.
		const first = list.length <= 3 ? BORDER_ROW * 0.6 : ROW * 0.5 - ((list.length - 1) / 2) * BORDER_ROW;
		list.forEach((border, n) => {
			at.set(border.name, { x: Number(side) * (tiers.width / 2 + 56), y: tiers.spines + first + n * BORDER_ROW });
		});
	}
}

function extent(points) {
	const xs = points.map((point) => point.x);
	const ys = points.map((point) => point.y);
	return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function placeNodes(design) {
	const all = new Map();
	const siteOf = new Map(design.nodes.map((node) => [node.name, node.site]));
	const names = design.sites.length ? design.sites.map((site) => site.name) : [undefined];
	const order = new Map(names.map((name, n) => [name, n]));
	let left = 0;
	for (const site of names) {
		const at = new Map();
		const nodes = design.nodes.filter((node) => design.sites.length === 0 || node.site === site);
		if (nodes.length === 0) continue;
		const hosts = hostsBySwitch(design, nodes.filter((node) => node.role === "host"));
		const borders = nodes.filter((node) => node.role === "border");
		const tiers = placeTiers(nodes, hosts, at);
		placeBorders(design, borders, siteOf, order, tiers, at);
		// Whatever is of no tier stands in a row above.
		nodes.filter((node) => !at.has(node.name)).forEach((node, n) => at.set(node.name, { x: n * COLUMN, y: -ROW }));
		const box = extent([...at.values()]);
		for (const [name, point] of at) all.set(name, { x: point.x - box.left + left, y: point.y });
		left += box.right - box.left + SITE_GAP;
	}
	return all;
}

// The site that a place serves is where the services' ends are that enter the light there.
function placesUnderSites(network, nodes) {
	const xs = new Map();
	const siteOf = new Map(network.design.nodes.map((node) => [node.name, node.site]));
	const lived_in = network.design.sites.filter((site) => [...nodes.keys()].some((name) => siteOf.get(name) === site.name));
	const middles = new Map(lived_in.map((site) => {
		const box = extent([...nodes].filter(([name]) => siteOf.get(name) === site.name).map(([, point]) => point));
		return [site.name, (box.left + box.right) / 2];
	}));
	const add = (place, node) => {
		const x = middles.get(siteOf.get(node)) ?? nodes.get(node)?.x;
		if (place && x !== undefined) xs.set(place, [...(xs.get(place) ?? []), x]);
	};
	for (const { link, places } of network.ends.values()) {
		add(places[0], link.a);
		add(places[1], link.b);
	}
	return new Map([...xs].map(([place, list]) => [place, mean(list)]));
}

function placeByMap(places, floor, width) {
	const box = extent(places.map((place) => ({ x: place.longitude, y: -place.latitude })));
	const tall = Math.max(PLACE_ROW * 2, width * 0.35);
	return new Map(places.map((place) => [place.name, {
		x: (width * (place.longitude - box.left)) / (box.right - box.left || 1),
		y: floor + (tall * (-place.latitude - box.top)) / (box.bottom - box.top || 1),
	}]));
}

function placeByNeighbours(network, under, floor, width) {
	const at = new Map();
	const { places, lines } = network.design;
	for (const [place, x] of under) at.set(place, { x, y: floor });
	let waiting = places.filter((place) => !at.has(place.name));
	for (let row = 1; waiting.length; row++) {
		const found = waiting.map((place) => {
			const near = lines.filter((line) => line.from === place.name && at.has(line.to)).map((line) => at.get(line.to).x);
			return near.length ? { name: place.name, x: mean(near) } : null;
		}).filter(Boolean);
		// Of no neighbour that stands already: side by side.
		const now = found.length ? found : waiting.map((place, n) => ({
			name: place.name, x: (width * (n + 1)) / (waiting.length + 1),
		}));
		now.sort((a, b) => a.x - b.x);
		now.forEach((place, n) => {
			if (n && place.x - now[n - 1].x < 110) place.x = now[n - 1].x + 110;
			at.set(place.name, { x: place.x, y: floor + row * PLACE_ROW });
		});
		waiting = waiting.filter((place) => !at.has(place.name));
	}
	return at;
}

// A wide network uses the height that there is.
function stretch(maps, aspect) {
	const box = extent(maps.flatMap((map) => [...map.values()]));
	const tall = box.bottom - box.top;
	const by = Math.min(Math.max((box.right - box.left) / aspect / (tall || 1), 1), STRETCH_MOST);
	for (const map of maps) for (const point of map.values()) point.y *= by;
}

function placePlaces(network, nodes) {
	const { design } = network;
	const places = design.places ?? [];
	if (places.length === 0) return new Map();
	const box = nodes.size ? extent([...nodes.values()]) : { left: 0, right: 600, bottom: -FLOOR_GAP };
	const floor = box.bottom + FLOOR_GAP;
	const width = box.right - box.left;
	const onEarth = new Set(places.map((place) => `${place.latitude} ${place.longitude}`)).size === places.length;
	if (onEarth && places.length > 1) return placeByMap(places, floor, Math.max(width, 400));
	return placeByNeighbours(network, placesUnderSites(network, nodes), floor, width);
}

// Where nodes and places are: two maps from a name to {x, y}, of places also `low`: not of the first
// row. `aspect`: of the picture, width by height.
export function placeNetwork(network, aspect) {
	const nodes = placeNodes(network.design);
	const places = placePlaces(network, nodes);
	if (nodes.size + places.size) stretch([nodes, places], aspect);
	const top = Math.min(...[...places.values()].map((place) => place.y));
	for (const place of places.values()) place.low = place.y > top + 1;
	return { nodes, places };
}

// A name as it stands within its site: without the site's, and of a host without its switch's.
export function shortName(node, switchName) {
	const bare = (name) => (node.site && name.startsWith(`${node.site}-`) ? name.slice(node.site.length + 1) : name);
	if (switchName && node.name.startsWith(`${switchName}-`)) return node.name.slice(switchName.length + 1);
	return bare(node.name);
}
