// details: what is selected: its facts, what it belongs to, and the actions that fit it.
import { bits, bytes, count, decibel, fixed, gigabits, packets, percent, plain } from "./figure.js";
import { drew } from "./draws.js";
import { element, setAttribute, setChildren, setHidden, setText } from "./patch.js";

const act = (label, verb, object, more = {}) => ({ label, verb, object, ...more });
const go = (kind, name) => ({ kind, name });

function nodeDetails(network, name) {
	const node = network.designNodes.get(name);
	const now = network.nodes.get(name) ?? {};
	if (!node) return null;
	const links = network.design.links.filter((link) => link.a === name || link.b === name);
	const actions = [now.state === "down" ? act("Restore", "restore", `node ${name}`) : act("Fail", "fail", `node ${name}`)];
	if (network.isSwitch(node)) actions.push(act("Kill a process…", "kill", name, { fill: true }), act("Restart", "restart", name));
	return {
		what: node.site ? `${node.role} at ${node.site}` : node.role,
		facts: [
			["state", now.state ?? "–", `state is-${now.state}`],
			["received", packets(now.received_pps)], ["forwarded", packets(now.forwarded_pps)],
			["to the kernel", packets(now.kernel_pps)], ["dropped", packets(now.dropped_pps)],
			["CPU, cores", fixed(now.cpu, 3)], ["memory", bytes(now.memory_bytes)], ["restarts", count(now.restarts)],
		],
		belongs: ["Links", links.map((link) => ({ ...go("link", link.name), text: link.name, state: network.links.get(link.name)?.state }))],
		actions,
	};
}

function linkDetails(network, name) {
	const link = network.designLinks.get(name);
	const now = network.links.get(name) ?? {};
	if (!link) return null;
	const service = network.serviceOf(link);
	const object = `link ${link.a}:${link.b}`;
	const actions = now.state === "failed" ? [act("Restore", "restore", object)] : [act("Fail", "fail", object)];
	actions.push(now.state === "drained" ? act("Undrain", "undrain", object) : act("Drain", "drain", object));
	const ends = [link.a, link.b].map((node) => ({ ...go("node", node), text: node, state: network.nodes.get(node)?.state }));
	return {
		what: link.optical ? "link over fibre" : "link",
		facts: [
			["state", now.state ?? "–", `state is-${now.state}`], ["ports", `${link.a_port} – ${link.b_port}`],
			["designed for", bits(link.speed_bps)], ["capacity now", now.capacity_bps ? bits(now.capacity_bps) : "as this machine"],
			["→", bits(now.a_to_b_bps)], ["←", bits(now.b_to_a_bps)], ["load", percent(now.load)], ["lost", packets(now.lost_pps)],
		],
		belongs: ["Belongs to", service ? [...ends, { ...go("service", service.link), text: "its wavelengths", state: service.state }] : ends],
		actions,
	};
}

const damageWords = (damage) => (damage.loss_db ? `${damage.kind}, ${decibel(damage.loss_db)} dB` : damage.kind);

function lineDetails(network, name) {
	const line = network.lines.get(name);
	if (!line) return null;
	const on = network.servicesOn(line);
	const lit = network.litOn(line);
	const parts = line.elements.map((part) => {
		const damage = network.damages.get(part.name);
		const actions = [];
		if (damage) actions.push(act("Mend", "mend", part.name));
		if (part.kind === "fibre") {
			actions.push(act("Cut", "cut", part.name), act("Age…", "age", part.name, { fill: true }));
			if (part.pumps > 0) actions.push(act("Lose pump…", "lose-pump", part.name, { fill: true }));
		} else if (part.kind === "amplifier" && !damage) {
			actions.push(act("Fail", "fail-amplifier", part.name));
		}
		return {
			name: part.name, damage: damage ? damageWords(damage) : "", actions,
			what: part.kind === "fibre" ? fixed(part.length_km, 1, "km") : part.kind,
		};
	});
	return {
		what: `line of fibre, ${line.from} to ${line.to}`,
		facts: [
			["state", network.stateOf(line), `state is-${network.stateOf(line)}`],
			["length", fixed(line.length_km, 1, "km")],
			["wavelengths lit", count(lit.reduce((sum, service) => sum + (service.channels ?? 0), 0))],
		],
		belongs: ["Services by this route", on.map((service) => ({ ...go("service", service.link), text: service.link, state: service.state }))],
		parts, actions: [],
	};
}

function serviceDetails(network, name) {
	const service = network.services.get(name);
	if (!service) return null;
	const link = network.linkOf(service);
	const slots = (service.slots ?? []).map((slot) => `${slot.from_thz.toFixed(3)}–${slot.to_thz.toFixed(3)}`);
	return {
		what: `service ${network.markOf(service).letter}: ${service.channels} × ${service.mode}`,
		facts: [
			["state", service.state, `state is-${service.state}`], ["bit rate", `${gigabits(service.bit_rate)} Gbit/s`],
			["GSNR", fixed(service.gsnr_db, 2, "dB")], ["margin", fixed(service.margin_db, 2, "dB")],
			["latency", fixed(service.latency_ms, 3, "ms")],
			["frame loss", service.frame_loss === 0 ? "0" : plain(service.frame_loss)],
			["slots, THz", slots.join(", ") || "–", "long"], ["path", (service.path ?? []).join(" → ") || "–", "long"],
		],
		belongs: ["Carries and uses", [
			...(link ? [{ ...go("link", link.name), text: "its link", state: network.links.get(link.name)?.state }] : []),
			...network.linesOf(service).map((line) => ({ ...go("line", line.name), text: line.name, state: network.stopOf(line) })),
		]],
		actions: network.design.modes?.length ? [act("Upgrade…", "upgrade", name, { fill: true })] : [],
	};
}

function siteDetails(network, name) {
	const nodes = network.design.nodes.filter((node) => node.site === name);
	return {
		what: "site", facts: [["nodes", count(nodes.length)]], actions: [],
		belongs: ["Nodes", nodes.map((node) => ({ ...go("node", node.name), text: node.name, state: network.nodes.get(node.name)?.state }))],
	};
}

function placeDetails(network, name) {
	const lines = (network.design.lines ?? []).filter((line) => line.from === name || line.to === name);
	return {
		what: "where lines of fibre meet", facts: [["lines", count(lines.length)]], actions: [],
		belongs: ["Lines", lines.map((line) => ({ ...go("line", line.name), text: line.name, state: network.stopOf(line) }))],
	};
}

const DETAILS = {
	node: nodeDetails, link: linkDetails, line: lineDetails, service: serviceDetails, site: siteDetails, place: placeDetails,
};

// One sentence, for who does not see the map.
function sentence(name, details) {
	const state = details.facts.find(([key]) => key === "state");
	const belongs = details.belongs[1].length ? `, ${details.belongs[1].length} ${details.belongs[0].toLowerCase()}` : "";
	return `${name}, ${details.what}${state ? `, ${state[1]}` : ""}${belongs}`;
}

export class Details {
	// `actions` has run(verb, object) and fill(verb, object).
	constructor(network, selection, actions, announce) {
		this.network = network;
		this.selection = selection;
		this.actions = actions;
		this.announce = announce;
		this.title = element("p", { class: "title" });
		this.what = element("p", { class: "aside" });
		this.hint = element("p", { class: "hint" }, [
			"Choose a node, a link, a line of fibre or a wavelength, on the map or in a table: what it does now stands here, with what can be done to it.",
		]);
		this.facts = element("dl", { class: "facts" });
		this.buttons = element("div", { class: "buttons" });
		this.parts = element("ul", { class: "parts" });
		this.belongsTitle = element("h3");
		this.belongs = element("ul", { class: "chips" });
		document.getElementById("selected").append(
			this.hint, this.title, this.what, this.facts, this.buttons, this.parts, this.belongsTitle, this.belongs,
		);
		selection.addEventListener("change", () => this.#changed());
	}

	#changed() {
		this.update();
		const details = this.#details();
		if (details) this.announce(sentence(this.selection.now.name, details));
	}

	#details() {
		const { now } = this.selection;
		if (!now || !this.network.state || !this.network.design) return null;
		return DETAILS[now.kind]?.(this.network, now.name) ?? null;
	}

	update() {
		const details = this.#details();
		let changed = setHidden(this.hint, details !== null);
		const shown = details ?? { what: "", facts: [], actions: [], belongs: ["", []] };
		const note = (is) => { changed = is || changed; };
		note(setText(this.title, details ? this.selection.now.name : ""));
		note(setText(this.what, shown.what));
		note(setChildren(this.facts, shown.facts, ([key]) => key, ([key]) => element("div", {}, [element("dt", {}, [key]), element("dd")]),
			(box, [, value, look]) => {
				const is = setText(box.lastElementChild, value);
				return setAttribute(box.lastElementChild, "class", look ?? null) || is;
			}));
		note(this.#showButtons(this.buttons, shown.actions));
		note(setChildren(this.parts, shown.parts ?? [], (part) => part.name, () => element("li", {}, [
			element("span", { class: "part" }), element("span", { class: "aside" }), element("span", { class: "alarm" }),
			element("span", { class: "buttons" }),
		]), (item, part) => {
			const [name, what, damage, buttons] = item.children;
			const is = [setText(name, part.name), setText(what, part.what), setText(damage, part.damage)].some(Boolean);
			return this.#showButtons(buttons, part.actions, part.name) || is;
		}));
		const [heading, list] = shown.belongs;
		note(setHidden(this.belongsTitle, list.length === 0));
		note(setText(this.belongsTitle, heading));
		note(setChildren(this.belongs, list, (each) => `${each.kind} ${each.name}`, (each) => {
			const button = element("button", { type: "button" }, [element("span"), element("span", { class: "aside" })]);
			button.addEventListener("click", () => this.selection.set(go(each.kind, each.name), "details"));
			return element("li", {}, [button]);
		}, (item, each) => {
			const [text, state] = item.firstElementChild.children;
			const unusual = each.state && each.state !== "up" && each.state !== "lit" ? each.state : "";
			return [setText(text, each.text), setText(state, unusual)].some(Boolean);
		}));
		if (changed) drew("selected");
	}

	#showButtons(parent, actions, of = "") {
		const allowed = actions.filter(({ verb }) => this.network.allows(verb));
		return setChildren(parent, allowed, (action) => `${action.verb} ${action.object}`, (action) => {
			const button = element("button", { type: "button" });
			if (of) button.setAttribute("aria-label", `${action.label.replace("…", "")} ${of}`);
			button.addEventListener("click", () =>
				(action.fill ? this.actions.fill(action.verb, action.object) : this.actions.run(action.verb, action.object)));
			return button;
		}, (button, action) => setText(button, action.label));
	}
}
