// tables: nodes, links and fibre as tables, beside the map and with the same selection. Only the one that
// is shown is kept up to date.
import { bits, bytes, count, fixed, packets, percent } from "./figure.js";
import { drew } from "./draws.js";
import { setAttribute, setHidden } from "./patch.js";
import { Table } from "./table.js";

const stateClass = (item) => `state is-${item.now?.state ?? "up"}`;

const NODES = [
	{ title: "Node", text: (item) => item.name, select: (item) => ({ kind: "node", name: item.name }) },
	{ title: "Role", text: (item) => item.role },
	{ title: "Site", text: (item) => item.site ?? "" },
	{ title: "State", text: (item) => item.now?.state ?? "", class: stateClass },
	{ title: "Forwarded", text: (item) => packets(item.now?.forwarded_pps), number: true },
	{ title: "To kernel", text: (item) => packets(item.now?.kernel_pps), number: true },
	{ title: "Dropped", text: (item) => packets(item.now?.dropped_pps), number: true },
	{ title: "CPU", text: (item) => fixed(item.now?.cpu, 3), number: true },
	{ title: "Memory", text: (item) => bytes(item.now?.memory_bytes), number: true },
	{ title: "Restarts", text: (item) => count(item.now?.restarts), number: true },
];
const LINKS = [
	{ title: "Link", text: (item) => item.name, select: (item) => ({ kind: "link", name: item.name }) },
	{ title: "From", text: (item) => `${item.a} ${item.a_port}` },
	{ title: "To", text: (item) => `${item.b} ${item.b_port}` },
	{ title: "State", text: (item) => item.now?.state ?? "", class: stateClass },
	{ title: "Speed", text: (item) => bits(item.speed_bps), number: true },
	{ title: "→", text: (item) => bits(item.now?.a_to_b_bps), number: true },
	{ title: "←", text: (item) => bits(item.now?.b_to_a_bps), number: true },
	{ title: "Load", text: (item) => percent(item.now?.load), number: true },
	{ title: "Lost", text: (item) => packets(item.now?.lost_pps), number: true },
];
const LINES = [
	{ title: "Line of fibre", text: (item) => item.name, select: (item) => ({ kind: "line", name: item.name }) },
	{ title: "From", text: (item) => item.from },
	{ title: "To", text: (item) => item.to },
	{ title: "Length", text: (item) => fixed(item.length_km, 1, "km"), number: true },
	{ title: "State", text: (item) => item.state, class: (item) => `state is-${item.state}` },
	{ title: "Lit by", text: (item) => item.by },
	{ title: "Damage", text: (item) => item.damage },
];

function linesNow(network) {
	return (network.design.lines ?? []).map((line) => ({
		...line,
		state: network.stateOf(line),
		by: network.litOn(line).map((service) => service.link).join(", "),
		damage: network.damagesOf(line).map((damage) => `${damage.element}: ${damage.kind}`).join(", "),
	}));
}

export class Tables {
	constructor(network, selection) {
		this.network = network;
		this.selection = selection;
		const choose = (next) => selection.set(next, "table");
		this.views = ["map", "nodes", "links", "lines"].map((name) => ({
			name, tab: document.getElementById(`tab-${name}`), panel: document.getElementById(`view-${name}`),
		}));
		this.tables = {
			nodes: new Table(this.views[1].panel, "Nodes", NODES, choose),
			links: new Table(this.views[2].panel, "Links", LINKS, choose),
			lines: new Table(this.views[3].panel, "Lines of fibre", LINES, choose),
		};
		this.shown = "map";
		this.views.forEach((view, n) => {
			view.tab.addEventListener("click", () => this.show(view.name));
			view.tab.addEventListener("keydown", (event) => this.#arrow(event, n));
		});
		selection.addEventListener("change", () => this.update());
	}

	setDesign() {
		setHidden(this.views[3].tab, !this.network.design.lines?.length);
		this.update();
	}

	show(name) {
		this.shown = name;
		for (const view of this.views) {
			setAttribute(view.tab, "aria-selected", String(view.name === name));
			view.tab.tabIndex = view.name === name ? 0 : -1;
			setHidden(view.panel, view.name !== name);
		}
		this.update();
	}

	#arrow(event, n) {
		const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
		if (!by) return;
		event.preventDefault();
		const visible = this.views.filter((view) => !view.tab.hidden);
		const next = visible[(visible.indexOf(this.views[n]) + by + visible.length) % visible.length];
		this.show(next.name);
		next.tab.focus();
	}

	update() {
		const { network } = this;
		if (this.shown === "map" || !network.state || !network.design) return;
		const items = {
			nodes: () => network.design.nodes.map((node) => ({ ...node, now: network.nodes.get(node.name) })),
			links: () => network.design.links.map((link) => ({ ...link, now: network.links.get(link.name) })),
			lines: () => linesNow(network),
		}[this.shown]();
		if (this.tables[this.shown].show(items, this.selection.now)) drew(this.shown);
	}
}
