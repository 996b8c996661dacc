// map: the network as a picture (cytoscape). Elements are made when the design changes; a state only
// changes what has become different: each element's look is a key, and one whose key is the same is
// not touched, so that nothing is drawn when nothing changes.
//
// The picture is for eyes and pointers; by keys one goes from node to node, and what is selected is
// announced. The tables beside it hold all that it shows.
import cytoscape from "cytoscape";
import { drew } from "./draws.js";
import { placeNetwork, shortName } from "./layout.js";
import { mapStyle } from "./map_style.js";
import { theme } from "./theme.js";

// Cytoscape adds a <style> to the page, which the policy forbids, unless an element of this id is
// there. What it would say is in page.css.
function withoutInlineStyle() {
	const stand_in = document.createElement("meta");
	stand_in.id = "__________cytoscape_stylesheet";
	document.head.append(stand_in);
}

const IDS = { node: "n", link: "l", line: "f", place: "p", site: "s" };
const idOf = ({ kind, name }) => `${IDS[kind]}:${name}`;
const LETTERS_MOST = 6; // beside a line
const LOADS = [0.25, 0.5, 0.75, 0.9];

// 0: nothing; 1 to 5: up to the limits of LOADS, and above.
export function loadStep(link) {
	if (!link || Math.max(link.a_to_b_bps ?? 0, link.b_to_a_bps ?? 0) < 1000) return 0;
	if (link.load === null) return 1;
	const above = LOADS.findIndex((limit) => link.load < limit);
	return above < 0 ? LOADS.length + 1 : above + 1;
}

export class NetworkMap {
	#looks = new Map();

	constructor(container, network, selection) {
		this.container = container;
		this.network = network;
		this.selection = selection;
		withoutInlineStyle();
		this.cy = cytoscape({
			container, style: mapStyle(), minZoom: 0.15, maxZoom: 3, boxSelectionEnabled: false,
			autoungrabify: true, selectionType: "single",
		});
		this.cy.on("render", () => drew("map"));
		this.cy.on("tap", (event) => this.#tapped(event.target));
		theme.addEventListener("change", () => this.cy.style(mapStyle()));
		selection.addEventListener("change", () => this.#showSelection());
		container.addEventListener("keydown", (event) => this.#key(event));
		new ResizeObserver(() => this.#resized()).observe(container);
	}

	// ---- what there is ----

	setDesign() {
		this.#build();
		this.fit();
	}

	// Places stand under the sites that they serve, which is known when services have had light.
	#build() {
		this.ends = this.network.ends.size;
		const at = placeNetwork(this.network, this.container.clientWidth / (this.container.clientHeight || 1) || 1.8);
		this.cy.batch(() => {
			this.cy.elements().remove();
			this.#looks.clear();
			this.cy.add([...this.#nodes(at), ...this.#places(at), ...this.#links(), ...this.#lines(), ...this.#ties()]);
		});
		this.update();
		this.#showSelection();
	}

	#nodes(at) {
		const { design } = this.network;
		const roleOf = new Map(design.nodes.map((node) => [node.name, node.role]));
		const above = new Map(design.links.filter((link) => roleOf.get(link.b) === "host").map((link) => [link.b, link.a]));
		const sites = design.sites.map((site) => ({
			group: "nodes", data: { id: `s:${site.name}`, kind: "site", name: site.name, label: site.name }, classes: "site",
		}));
		return sites.concat(design.nodes.map((node) => ({
			group: "nodes", position: at.nodes.get(node.name), classes: `node ${node.role}`,
			data: {
				id: `n:${node.name}`, kind: "node", name: node.name, label: shortName(node, above.get(node.name)),
				parent: node.site && design.sites.length ? `s:${node.site}` : undefined,
			},
		})));
	}

	#places(at) {
		return (this.network.design.places ?? []).map((place) => ({
			group: "nodes", position: at.places.get(place.name), classes: at.places.get(place.name).low ? "place low" : "place",
			data: { id: `p:${place.name}`, kind: "place", name: place.name, label: place.name },
		}));
	}

	#links() {
		return this.network.design.links.map((link) => ({
			group: "edges", classes: "link",
			data: { id: `l:${link.name}`, kind: "link", name: link.name, source: `n:${link.a}`, target: `n:${link.b}` },
		}));
	}

	#lines() {
		return (this.network.design.lines ?? []).map((line) => ({
			group: "edges", classes: "line",
			data: {
				id: `f:${line.name}`, kind: "line", name: line.name, source: `p:${line.from}`, target: `p:${line.to}`,
				label: "", stops: "", colours: "",
			},
		}));
	}

	// Where each service goes from the network into the light, at either end.
	#ties() {
		return [...this.network.ends].flatMap(([service, { link, places }]) =>
			[link.a, link.b].map((node, n) => ({
				group: "edges", classes: "tie",
				data: { id: `t:${service}:${node}`, kind: "tie", source: `n:${node}`, target: `p:${places[n]}` },
			})));
	}

	// ---- what becomes of it ----

	update() {
		if (!this.network.state || !this.network.design) return;
		if (this.ends !== this.network.ends.size) {
			this.#build();
			if (!this.moved) this.fit();
			return;
		}
		this.cy.batch(() => {
			for (const node of this.network.design.nodes) this.#look(`n:${node.name}`, this.#nodeLook(node));
			for (const link of this.network.design.links) this.#look(`l:${link.name}`, this.#linkLook(link));
			for (const line of this.network.design.lines ?? []) this.#look(`f:${line.name}`, this.#lineLook(line));
		});
	}

	#look(id, look) {
		const key = `${look.classes}|${look.label ?? ""}`;
		if (this.#looks.get(id) === key) return;
		this.#looks.set(id, key);
		const element = this.cy.getElementById(id);
		if (look.label !== undefined) element.data("label", look.label);
		element.classes(look.classes + (element.hasClass("chosen") ? " chosen" : ""));
	}

	#nodeLook(node) {
		const state = this.network.nodes.get(node.name)?.state ?? "up";
		return { classes: `node ${node.role} is-${state}` };
	}

	#linkLook(link) {
		const now = this.network.links.get(link.name);
		const state = now?.state ?? "up";
		return { classes: `link ${link.optical ? "optical " : ""}is-${state} load-${loadStep(now)}` };
	}

	// A fibre that carries services is a yarn of their colours; their letters stand beside it.
	#lineLook(line) {
		const state = this.network.stateOf(line);
		const on = this.network.litOn(line);
		const channels = on.reduce((sum, service) => sum + (service.channels ?? 0), 0);
		const other = this.network.mirrors.get(line.name);
		// Both directions lie side by side: one label says it for both, of that which is drawn later.
		const { lines } = this.network.design;
		const first = other && lines.indexOf(line) < lines.indexOf(other);
		if (this.network.stopOf(line)) return { classes: `line is-${state}`, label: first ? "" : state };
		const damaged = this.network.damagesOf(line).length ? " is-damaged" : "";
		if (state === "dark") return { classes: `line is-dark${damaged}`, label: first ? "" : state };
		const letters = on.map((service) => this.network.markOf(service).letter);
		const dyes = on.slice(0, 4).map((service) => this.network.markOf(service).dye).join("-");
		return {
			classes: `line is-lit dyes-${dyes}${damaged}`,
			label: first ? "" : `${letters.length > LETTERS_MOST ? `${on.length} services` : letters.join(" ")} · ${channels} λ`,
		};
	}

	// ---- selection ----

	#tapped(target) {
		if (target === this.cy) return this.selection.set(null, "map");
		return this.selection.set({ kind: target.data("kind"), name: target.data("name") }, "map");
	}

	#chosen() {
		const now = this.selection.now;
		if (!now) return this.cy.collection();
		if (now.kind !== "service") return this.cy.getElementById(idOf(now));
		const service = this.network.services?.get(now.name);
		const lines = service ? this.network.linesOf(service) : [];
		const both = lines.flatMap((line) => [line, this.network.mirrors.get(line.name)]).filter(Boolean);
		return both.reduce(
			(all, line) => all.union(this.cy.getElementById(`f:${line.name}`)),
			this.cy.getElementById(`l:${service ? this.network.linkOf(service)?.name : ""}`),
		);
	}

	#showSelection() {
		const chosen = this.#chosen();
		this.cy.batch(() => {
			this.cy.elements(".chosen").difference(chosen).removeClass("chosen");
			chosen.addClass("chosen");
		});
	}

	// ---- keys ----

	#key(event) {
		const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (ways[event.key]) this.#step(ways[event.key]);
		else if (event.key === "Enter") this.#nextEdge(event.shiftKey ? -1 : 1);
		else if (event.key === "Escape") this.selection.set(null, "map");
		else if (event.key === "+" || event.key === "=") this.zoom(1.25);
		else if (event.key === "-") this.zoom(0.8);
		else if (event.key === "0") this.fit();
		else return;
		event.preventDefault();
	}

	#current() {
		const now = this.selection.now;
		const element = now && now.kind !== "service" ? this.cy.getElementById(idOf(now)) : this.cy.collection();
		return element.length ? element : null;
	}

	// To the nearest node or place in that direction; what lies beside the way counts double.
	#step([dx, dy]) {
		const all = this.cy.nodes(".node, .place");
		const now = this.#current();
		if (!now) return this.#select(all.first());
		const from = now.isEdge() ? now.midpoint() : now.position();
		let best = null;
		let least = Infinity;
		all.forEach((node) => {
			const to = node.position();
			const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
			const beside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
			if (along > 1 && along + 2 * beside < least) [best, least] = [node, along + 2 * beside];
		});
		return best && this.#select(best);
	}

	// From a node to its first link, from a link to the next of the node that one came from.
	#nextEdge(by) {
		const now = this.#current();
		if (!now) return;
		if (now.isNode()) this.hub = now.id();
		const edges = this.cy.getElementById(this.hub ?? "").connectedEdges(".link, .line");
		if (!edges.length) return;
		const n = edges.toArray().findIndex((edge) => edge.same(now));
		this.#select(edges[(n + by + edges.length) % edges.length] ?? edges[0]);
	}

	#select(element) {
		this.selection.set({ kind: element.data("kind"), name: element.data("name") }, "map");
		const box = element.renderedBoundingBox();
		const inside = box.x1 >= 0 && box.y1 >= 0 && box.x2 <= this.cy.width() && box.y2 <= this.cy.height();
		if (!inside) this.cy.center(element);
	}

	// ---- view ----

	zoom(by) {
		this.moved = true;
		this.cy.zoom({ level: this.cy.zoom() * by, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
	}

	fit() {
		this.moved = false;
		this.cy.resize();
		this.cy.fit(undefined, 18);
		if (this.cy.zoom() > 1.45) {
			this.cy.zoom(1.45);
			this.cy.center();
		}
	}

	#resized() {
		if (this.container.clientWidth === 0) return;
		if (this.moved) this.cy.resize();
		else this.fit();
	}
}
