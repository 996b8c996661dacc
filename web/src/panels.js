// panels: those that are a table each: wavelengths, applications, drops, a router's ports. A panel
// without content is not shown.
import { bits, count, decibel, fixed, gigabits, packets, plain } from "./figure.js";
import { drew } from "./draws.js";
import { setHidden } from "./patch.js";
import { Table } from "./table.js";

const LOW_MARGIN_DB = 1;

function marginClass(service) {
	if (service.margin_db === null) return "";
	return service.margin_db < 0 ? "alarm" : service.margin_db < LOW_MARGIN_DB ? "warn" : "";
}

const bare = (place) => place.replace(/^roadm /i, "");
const wavelengths = (network) => [
	{
		title: "Service", text: (service) => service.link, mark: (service) => network.markOf(service),
		select: (service) => ({ kind: "service", name: service.link }),
	},
	{ title: "State", text: (service) => service.state, class: (service) => `state is-${service.state}` },
	{ title: "Mode", text: (service) => `${service.channels} × ${service.mode}` },
	{ title: "Gbit/s", text: (service) => gigabits(service.bit_rate), number: true },
	{ title: "GSNR dB", text: (service) => decibel(service.gsnr_db), number: true },
	{ title: "Margin dB", text: (service) => decibel(service.margin_db), number: true, class: marginClass },
	{ title: "Latency ms", text: (service) => fixed(service.latency_ms, 3), number: true },
	{ title: "Frame loss", text: (service) => (service.frame_loss === 0 ? "0" : plain(service.frame_loss)), number: true },
	{ title: "Route", text: (service) => network.placesOf(service).map(bare).join(" → ") || "–" },
];
const figuresOf = (application) =>
	application.figures.map((figure) => `${figure.name} ${plain(figure.value, figure.unit)}`);
const APPLICATIONS = [
	{ title: "Application", text: (item) => item.name },
	{ title: "Class", text: (item) => item.class },
	{ title: "State", text: (item) => [item.state ?? "up", item.reason].filter(Boolean).join(": "), class: (item) => `state is-${item.state ?? "up"}` },
	{ title: "Figures", text: (item) => figuresOf(item).join(" · "), class: () => "wrap" },
	{ title: "p50", text: (item) => fixed(item.latency_ms?.p50, 2), number: true },
	{ title: "p99", text: (item) => fixed(item.latency_ms?.p99, 2), number: true },
	{ title: "p999", text: (item) => fixed(item.latency_ms?.p999, 2), number: true },
];
const DROPS = [
	{ title: "Reason", text: (drop) => drop.reason },
	{ title: "Packets", text: (drop) => count(drop.packets), number: true },
	{ title: "Now", text: (drop) => packets(drop.pps), number: true },
];
const PORTS = [
	{ title: "Port", text: (port) => port.name },
	{ title: "State", text: (port) => port.state, class: (port) => `state is-${port.state}` },
	{ title: "Mode", text: (port) => port.mode },
	{ title: "Received", text: (port) => packets(port.received_pps), number: true },
	{ title: "Received", text: (port) => bits(port.received_bps), number: true },
	{ title: "Forwarded", text: (port) => packets(port.forwarded_pps), number: true },
	{ title: "To kernel", text: (port) => packets(port.kernel_pps), number: true },
	{ title: "Dropped", text: (port) => packets(port.dropped_pps), number: true },
	{ title: "Trouble", text: (port) => port.trouble ?? "" },
];

export class Panels {
	constructor(network, selection) {
		this.network = network;
		this.selection = selection;
		const choose = (next) => selection.set(next, "table");
		const panel = (name, caption, columns, items) => ({
			name, items, section: document.getElementById(`${name}-panel`),
			table: new Table(document.getElementById(name), caption, columns, choose),
		});
		this.panels = [
			panel("wavelengths", "Wavelengths", wavelengths(network), (state) =>
				(state.services ?? []).map((service) => ({ ...service, name: service.link }))),
			panel("applications", "Applications", APPLICATIONS, (state) => state.applications ?? []),
			panel("drops", "Drops by reason", DROPS, (state) =>
				(state.drops ?? []).map((drop) => ({ ...drop, name: drop.reason }))),
			panel("ports", "Ports", PORTS, (state) => state.ports ?? []),
		];
		selection.addEventListener("change", () => this.update());
	}

	update() {
		if (!this.network.state) return;
		for (const { name, items, section, table } of this.panels) {
			const list = items(this.network.state);
			const changed = table.show(list, this.selection.now);
			if (setHidden(section, list.length === 0) || changed) drew(name);
		}
	}
}
