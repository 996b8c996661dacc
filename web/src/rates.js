// rates: charts of the last two minutes (uPlot). Time goes on only when a state comes: a network in
// which nothing changes draws nothing. What was, held until the next state; the line shows it so.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { bits, packets } from "./figure.js";
import { drew } from "./draws.js";
import { element, setHidden, setText } from "./patch.js";
import { colour, theme } from "./theme.js";

const WINDOW_S = 120;
const HOLD_S = 1; // after a longer silence a point is put before the new one
const HEIGHT = 150;
const MOST_LINES = 8;

const RATES = [["forwarded", "forwarded_pps", "dye-0"], ["to kernel", "kernel_pps", "dye-2"], ["dropped", "dropped_pps", "dye-1"]];

class Chart {
	constructor(parent, title, names, colours, unit) {
		this.unit = unit;
		this.colours = colours;
		this.names = names;
		this.points = [[], ...names.map(() => [])];
		this.values = names.map(() => element("dd"));
		const legend = element("dl", { class: "keys" }, names.map((name, n) => element("div", {}, [
			element("dt", {}, [element("i", { class: `key ${colours[n]}`, "aria-hidden": "true" }), name]), this.values[n],
		])));
		this.canvas = element("div", { class: "chart", role: "img", "aria-label": `${title}, last two minutes; the figures now stand below` });
		this.box = element("figure", {}, [element("figcaption", {}, [title]), this.canvas, legend]);
		parent.append(this.box);
		this.build();
		this.watcher = new ResizeObserver(() => this.#resized());
		this.watcher.observe(this.canvas);
	}

	build() {
		this.plot?.destroy();
		const axis = {
			stroke: colour("soft"), font: "11px system-ui, sans-serif", grid: { stroke: colour("rule"), width: 1 },
			ticks: { show: false },
		};
		this.plot = new uPlot({
			width: Math.max(this.canvas.clientWidth, 200), height: HEIGHT, legend: { show: false },
			cursor: { show: false }, padding: [8, 10, 0, 0],
			scales: { x: { time: true, auto: false, range: () => this.#window() }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.12 : 1] } },
			axes: [
				{ ...axis, size: 26, space: 70, values: (_, ticks) => ticks.map((at) => this.#ago(at)), incrs: [30, 60] },
				{ ...axis, size: 78, space: 34, values: (_, ticks) => ticks.map((value) => (value === 0 ? "0" : this.unit(value))) },
			],
			series: [{}, ...this.names.map((name, n) => ({
				label: name, stroke: colour(this.colours[n]), width: 1.8, points: { show: false },
				dash: n % 3 === 1 ? [6, 3] : n % 3 === 2 ? [2, 3] : undefined,
			}))],
			hooks: { draw: [() => drew("rates")] },
		}, this.points, this.canvas);
	}

	#window() {
		const last = this.points[0].at(-1) ?? Date.now() / 1000;
		return [last - WINDOW_S, last];
	}

	#ago(at) {
		return new Date(at * 1000).toLocaleTimeString("en-GB");
	}

	#resized() {
		const width = this.canvas.clientWidth;
		if (width && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
	}

	add(at, values) {
		const [times, ...series] = this.points;
		const last = times.at(-1);
		if (last !== undefined && at <= last) return;
		const held = series.map((list) => list.at(-1));
		const same = last !== undefined && values.every((value, n) => value === held[n]);
		values.forEach((value, n) => setText(this.values[n], this.unit(value)));
		if (same) return; // it holds; the next that differs shows for how long
		if (last !== undefined && at - last > HOLD_S) {
			times.push(at - 0.05);
			series.forEach((list, n) => list.push(held[n]));
		}
		times.push(at);
		series.forEach((list, n) => list.push(values[n]));
		const old = times.findIndex((time) => time >= at - WINDOW_S);
		// One point before the window stays: the line comes from there.
		for (const list of this.points) list.splice(0, Math.max(0, old - 1));
		if (!document.hidden) this.plot.setData(this.points);
		else this.stale = true;
	}

	// What was held until then; what follows is not known.
	pause(at) {
		const [times, ...series] = this.points;
		if (times.length === 0 || series.every((list) => list.at(-1) === null)) return;
		const from = Math.max(at, times.at(-1) + 0.001);
		times.push(from, from + 0.001);
		series.forEach((list) => list.push(list.at(-1), null));
		this.stale = true;
	}

	shown() {
		if (!this.stale) return;
		this.stale = false;
		this.plot.setData(this.points);
	}

	destroy() {
		this.watcher.disconnect();
		this.plot.destroy();
		this.box.remove();
	}
}

export class Rates {
	#charts = [];

	constructor(network) {
		this.network = network;
		this.panel = document.getElementById("rates-panel");
		this.parent = document.getElementById("rates");
		theme.addEventListener("change", () => this.#charts.forEach((chart) => chart.build()));
		document.addEventListener("visibilitychange", () => this.#charts.forEach((chart) => chart.shown()));
	}

	setDesign() {
		const { design } = this.network;
		this.#charts.forEach((chart) => chart.destroy());
		this.#charts = [];
		setHidden(this.panel, design.kind === "model");
		if (design.kind === "model") return;
		this.#charts.push(new Chart(
			this.parent, design.kind === "router" ? "Packets" : "Packets, all switches", RATES.map(([name]) => name), RATES.map(([, , shade]) => shade), packets,
		));
		this.wide = design.links.filter((link) => link.optical).slice(0, MOST_LINES);
		if (this.wide.length) {
			this.#charts.push(new Chart(
				this.parent, "Between sites, the fuller direction of each link", this.wide.map((link) => `${link.a}:${link.b}`),
				this.wide.map((link) => `dye-${this.#dye(link)}`), bits,
			));
		}
	}

	#dye(link) {
		const service = this.network.serviceOf(link);
		return service ? this.network.markOf(service).dye : 0;
	}

	// Nobody tells what becomes of the network.
	pause() {
		this.#charts.forEach((chart) => chart.pause(this.network.state.at));
	}

	update() {
		const { state } = this.network;
		if (this.#charts.length === 0) return;
		this.#charts[0].add(state.at, RATES.map(([, figure]) => this.network.total(figure)));
		if (this.#charts.length < 2) return;
		this.#charts[1].add(state.at, this.wide.map((link) => {
			const now = this.network.links.get(link.name);
			return now?.a_to_b_bps === null || !now ? null : Math.max(now.a_to_b_bps, now.b_to_a_bps);
		}));
	}
}
