// strip: the network at a glance, in a row of figures under the header.
import { bits, decibel, fixed, packets } from "./figure.js";
import { isLit } from "./network.js";
import { drew } from "./draws.js";
import { element, setAttribute, setChildren, setText } from "./patch.js";

const upOf = (list) => `${list.filter((each) => each.state === "up").length} / ${list.length}`;
const allUp = (list) => list.every((each) => each.state === "up");

function figures({ design, state }, network) {
	const list = [{ name: "nodes up", value: upOf(state.nodes), tone: allUp(state.nodes) ? "" : "alarm" }];
	if (state.links.length) {
		list.push({ name: "links up", value: upOf(state.links), tone: allUp(state.links) ? "" : "alarm" });
	}
	if (state.services?.length) {
		const lit = state.services.filter(isLit).length;
		const margins = state.services.filter((each) => each.margin_db !== null).map((each) => each.margin_db);
		const least = margins.length ? Math.min(...margins) : null;
		list.push({ name: "services lit", value: `${lit} / ${state.services.length}`, tone: lit < state.services.length ? "alarm" : "" });
		list.push({ name: "least margin", value: fixed(least, 2, "dB"), tone: least !== null && least < 1 ? "warn" : "" });
	}
	if (design.kind !== "model") {
		const dropped = network.total("dropped_pps");
		list.push({ name: "forwarded", value: packets(network.total("forwarded_pps")) });
		list.push({ name: "dropped", value: packets(dropped), tone: dropped > 0 ? "warn" : "" });
	}
	const optical = design.links.filter((link) => link.optical).map((link) => network.links.get(link.name)).filter(Boolean);
	if (optical.length && design.kind !== "model") {
		const known = optical.filter((link) => link.a_to_b_bps !== null);
		const sum = known.length ? known.reduce((all, link) => all + link.a_to_b_bps + link.b_to_a_bps, 0) : null;
		list.push({ name: "between sites", value: bits(sum) });
	}
	if (design.lines?.length) {
		const damages = state.damages ?? [];
		const words = damages.length === 1
			? `${damages[0].kind}${damages[0].loss_db ? ` ${decibel(damages[0].loss_db)} dB` : ""}`
			: damages.length ? String(damages.length) : "none";
		list.push({ name: "damage", value: words, tone: damages.length ? "alarm" : "" });
	}
	return list;
}

export class Strip {
	constructor(parent) {
		this.parent = parent;
	}

	update(network) {
		const changed = setChildren(
			this.parent, figures(network, network), (figure) => figure.name,
			(figure) => element("div", {}, [element("dt", {}, [figure.name]), element("dd")]),
			(box, figure) => {
				const text = setText(box.lastElementChild, figure.value);
				return setAttribute(box, "class", figure.tone || null) || text;
			},
		);
		if (changed) drew("strip");
	}
}
