// spectrum: each line of fibre over the band, and the slots on it by the service that lights them.
import { drew } from "./draws.js";
import { element, setAttribute, setChildren, setHidden, setText, svg } from "./patch.js";

const HEIGHT = 26;
const LETTER_WIDTH = 13; // pixels that a letter takes; where a slot is narrower it stands beside
const GHZ = 1000;

const word = (thz) => thz.toFixed(3);

// Slots that touch are one block: "2 × 75 GHz".
function blocksOf(service) {
	const blocks = [];
	for (const slot of [...(service.slots ?? [])].sort((a, b) => a.from_thz - b.from_thz)) {
		const last = blocks.at(-1);
		if (last && Math.abs(last.to_thz - slot.from_thz) < 1e-4) {
			last.to_thz = slot.to_thz;
			last.edges.push(slot.to_thz);
		} else {
			blocks.push({ from_thz: slot.from_thz, to_thz: slot.to_thz, edges: [slot.to_thz] });
		}
	}
	return blocks;
}

function sentence(line, services) {
	if (services.length === 0) return `${line.name}: nothing lit`;
	const parts = services.flatMap((service) => blocksOf(service).map((block) =>
		`${service.link} ${word(block.from_thz)} to ${word(block.to_thz)} THz`));
	return `${line.name}: ${parts.join("; ")}`;
}

export class Spectrum {
	#keys = new Map();

	constructor(network, selection) {
		this.network = network;
		this.selection = selection;
		this.panel = document.getElementById("spectrum-panel");
		this.parent = document.getElementById("spectrum");
		this.band = document.getElementById("band");
		selection.addEventListener("change", () => this.update());
		new ResizeObserver(() => this.#resized()).observe(this.parent);
	}

	#resized() {
		if (this.width === this.parent.clientWidth) return;
		this.width = this.parent.clientWidth;
		this.#keys.clear();
		this.update();
	}

	update() {
		const { design, state } = this.network;
		if (!design || !state) return;
		const lines = design.band ? (design.lines ?? []) : [];
		let changed = setHidden(this.panel, lines.length === 0);
		if (lines.length === 0) return;
		const { from_thz, to_thz } = design.band;
		if (setText(this.band, `${word(from_thz)} to ${word(to_thz)} THz`)) changed = true;
		if (setChildren(this.parent, lines, (line) => line.name, (line) => this.#make(line), (row, line) => this.#update(row, line))) {
			changed = true;
		}
		if (changed) drew("spectrum");
	}

	#make(line) {
		this.#keys.delete(line.name);
		const name = element("button", { type: "button", class: "link" }, [line.name]);
		name.addEventListener("click", () => this.selection.set({ kind: "line", name: line.name }, "spectrum"));
		return element("div", { class: "fibre" }, [
			name,
			svg("svg", { height: HEIGHT, role: "img" }),
			element("span", { class: "number", "aria-hidden": "true" }),
		]);
	}

	#update(row, line) {
		const [button, drawing, figure] = row.children;
		const services = this.network.litOn(line);
		const stop = this.network.stopOf(line);
		const now = this.selection.now;
		const chosen = now?.kind === "service" ? now.name : null;
		const key = JSON.stringify([stop, this.network.design.band, chosen, services.map((each) => [each.link, each.slots])]);
		const pressed = setAttribute(button, "aria-pressed", String(now?.kind === "line" && now.name === line.name));
		if (this.#keys.get(line.name) === key) return pressed;
		this.#keys.set(line.name, key);
		this.#draw(drawing, services, stop, chosen);
		setAttribute(drawing, "aria-label", stop ? `${line.name}: ${stop}` : sentence(line, services));
		const used = services.flatMap((each) => each.slots ?? []).reduce((sum, slot) => sum + slot.to_thz - slot.from_thz, 0);
		setText(figure, stop ?? (used ? `${Math.round(used * GHZ)} GHz` : "dark"));
		setAttribute(figure, "class", stop ? "number alarm" : "number");
		return true;
	}

	#draw(drawing, services, stop, chosen) {
		const { from_thz, to_thz } = this.network.design.band;
		const width = drawing.clientWidth || 600;
		const x = (thz) => ((thz - from_thz) / (to_thz - from_thz)) * width;
		const parts = [svg("rect", { class: stop ? "band cut" : "band", x: 0, y: 6, width, height: HEIGHT - 8 })];
		for (let thz = Math.ceil(from_thz); thz < to_thz; thz++) {
			parts.push(svg("line", { class: "tick", x1: x(thz), x2: x(thz), y1: 2, y2: HEIGHT - 2 }));
		}
		for (const service of services) {
			const { letter, dye } = this.network.markOf(service);
			for (const block of blocksOf(service)) {
				// A slot may reach beyond the band by half its guard.
				const [left, right] = [Math.max(x(block.from_thz), 0), Math.min(x(block.to_thz), width)];
				const dim = chosen && chosen !== service.link ? " dim" : "";
				parts.push(svg("rect", { class: `slot fill-${dye}${dim}`, x: left, y: 4, width: right - left, height: HEIGHT - 4 }, [
					svg("title", {}, [`${service.link}: ${word(block.from_thz)} to ${word(block.to_thz)} THz`]),
				]));
				for (const edge of block.edges.slice(0, -1)) {
					for (const [y1, y2] of [[4, 9], [HEIGHT - 4, HEIGHT]]) {
						parts.push(svg("line", { class: "slot-edge", x1: x(edge), x2: x(edge), y1, y2 }));
					}
				}
				const within = right - left >= LETTER_WIDTH;
				parts.push(svg("text", {
					class: within ? "slot-letter" : "slot-letter beside", y: HEIGHT - 7, x: within ? (left + right) / 2 : right + 3,
				}, [letter]));
			}
		}
		drawing.replaceChildren(...parts);
	}
}
