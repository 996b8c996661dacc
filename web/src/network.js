// network: the design and what becomes of it, with what the page asks of both: which line an element
// is of, which services' light crosses a line, what is damaged. It draws nothing.
//
// `setDesign` and `setState` take the documents of /api as they are (docs/internals/api.md).

const LIT = new Set(["lit", "restored", "failing"]);
const STOPS = ["cut", "failed"];
const DYES = 8;
const SWITCHES = new Set(["super-spine", "spine", "leaf", "border", "router"]);
const PROCESSES = ["heddle", "zebra", "bgpd", "bfdd"];
export const isLit = (service) => LIT.has(service.state);

const byName = (list) => new Map((list ?? []).map((each) => [each.name, each]));

// A, B … Z, A1, B1 …
const letterOf = (n) => String.fromCharCode(65 + (n % 26)) + (n < 26 ? "" : Math.floor(n / 26));

export class Network {
	design = null;
	state = null;
	ends = new Map(); // of a service: its link, and the places where it enters the light, once known
	#marks = new Map();
	#crossings = { key: null, map: new Map() };

	setDesign(design) {
		this.design = { sites: [], nodes: [], links: [], places: [], lines: [], modes: [], ...design };
		this.designNodes = byName(design.nodes);
		this.designLinks = byName(design.links);
		this.lines = byName(design.lines);
		// A service is called as the two nodes that it joins, a link by a name of its own.
		this.linksByEnds = new Map(this.design.links.flatMap((link) =>
			[[`${link.b}:${link.a}`, link.name], [`${link.a}:${link.b}`, link.name]]));
		this.lineOf = new Map();
		for (const line of design.lines ?? []) {
			for (const part of line.elements) this.lineOf.set(part.name, line);
		}
		this.#pairLines();
		this.#crossings.key = null;
		this.ends.clear();
		this.#noteEnds();
	}

	// A mirror of the line in the other direction: the n-th from A to B and the n-th from B to A.
	#pairLines() {
		const waiting = new Map();
		this.mirrors = new Map();
		for (const line of this.design.lines ?? []) {
			const other = waiting.get(`${line.to}\n${line.from}`)?.shift();
			if (other) {
				this.mirrors.set(line.name, other);
				this.mirrors.set(other.name, line);
			} else {
				const key = `${line.from}\n${line.to}`;
				waiting.set(key, [...(waiting.get(key) ?? []), line]);
			}
		}
	}

	setState(state) {
		this.state = state;
		this.nodes = byName(state.nodes);
		this.links = byName(state.links);
		this.services = new Map((state.services ?? []).map((service) => [service.link, service]));
		this.damages = new Map((state.damages ?? []).map((damage) => [damage.element, damage]));
		for (const service of state.services ?? []) {
			if (!this.#marks.has(service.link)) {
				const n = this.#marks.size;
				this.#marks.set(service.link, { letter: letterOf(n), dye: n % DYES });
			}
		}
		this.#noteEnds();
	}

	// A service without light has no path; where it was stays the way that it goes.
	#noteEnds() {
		for (const service of (this.design && this.state?.services) ?? []) {
			if (this.ends.has(service.link)) continue;
			const link = this.linkOf(service);
			const places = this.placesOf(service);
			if (link && places.length) this.ends.set(service.link, { link, places: [places[0], places.at(-1)] });
		}
	}

	// ---- what can be done ----

	// A model has no processes that could be started again.
	allows(verb) {
		if (!this.design?.actions) return false;
		return verb !== "restart" || this.design.kind !== "model";
	}

	// Of what runs or is computed: a model knows what becomes of a switch without its Heddle.
	processes() {
		return this.design.kind === "model" ? PROCESSES.slice(0, 1) : PROCESSES;
	}

	isSwitch(node) {
		return SWITCHES.has(node.role);
	}

	// ---- light ----

	// How a service is told from others: a letter, and a colour as well.
	markOf(service) {
		return this.#marks.get(service.link) ?? { letter: "?", dye: 0 };
	}

	// Of the design; undefined if there is none.
	linkOf(service) {
		return this.designLinks.get(service.link) ?? this.designLinks.get(this.linksByEnds.get(service.link));
	}

	// The service that carries a link of the design, if one does.
	serviceOf(link) {
		return [link.name, `${link.a}:${link.b}`, `${link.b}:${link.a}`].map((name) => this.services.get(name)).find(Boolean);
	}

	damagesOf(line) {
		return line.elements.map((part) => this.damages.get(part.name)).filter(Boolean);
	}

	// cut, failed, lit or dark. Services go both ways: what stops the one direction, a cut of the sheath or
	// an amplifier that fails, stops the other.
	stateOf(line) {
		return this.stopOf(line) ?? (this.litOn(line).length ? "lit" : "dark");
	}

	// cut or failed, or null. With a pump lost, or aged, light may still pass.
	stopOf(line) {
		const other = this.mirrors.get(line.name);
		const damages = [line, other].filter(Boolean).flatMap((each) => this.damagesOf(each));
		return STOPS.find((kind) => damages.some((damage) => damage.kind === kind)) ?? null;
	}

	litOn(line) {
		return this.servicesOn(line).filter(isLit);
	}

	// Services whose route has this line, lit or not.
	servicesOn(line) {
		const services = this.state?.services ?? [];
		const key = services.map((service) => `${service.link}|${service.path?.join(">")}`).join("\n");
		if (this.#crossings.key !== key) this.#crossings = { key, map: this.#cross(services) };
		return (this.#crossings.map.get(line.name) ?? []).map((name) => this.services.get(name)).filter(Boolean);
	}

	#cross(services) {
		const map = new Map();
		const add = (line, service) => {
			const list = map.get(line.name) ?? [];
			if (!list.includes(service.link)) map.set(line.name, [...list, service.link]);
		};
		for (const service of services) {
			for (const line of this.linesOf(service)) {
				add(line, service);
				// Services go both ways; a path names only one of them.
				const other = this.mirrors.get(line.name);
				if (other) add(other, service);
			}
		}
		return map;
	}

	// The lines of a service's path, in order. Amplifiers may be left out of it, places never are.
	linesOf(service) {
		const path = service.path ?? [];
		const named = [...new Set(path.map((name) => this.lineOf.get(name)).filter(Boolean))];
		if (named.length) return named;
		const places = this.placesOf(service);
		return places.slice(1).map((to, n) =>
			this.design.lines.find((line) => line.from === places[n] && line.to === to)).filter(Boolean);
	}

	placesOf(service) {
		const places = new Set((this.design?.places ?? []).map((place) => place.name));
		return (service.path ?? []).filter((name) => places.has(name));
	}

	// Of all nodes together; null as long as none is known.
	total(figure) {
		const known = (this.state?.nodes ?? []).map((node) => node[figure]).filter((value) => value !== null && value !== undefined);
		return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
	}
}
