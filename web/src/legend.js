// legend: what colours and dashes on the map mean.
import { element } from "./patch.js";

const LOADS = ["idle", "< 25 %", "< 50 %", "< 75 %", "< 90 %", "≥ 90 %"];
const OTHERS = [["key-down", "down"], ["key-failed", "failed"], ["key-drained", "drained"]];
const FIBRE = [["key-lit", "fibre, lit"], ["key-dark", "dark"], ["key-cut", "cut or failed"]];

const entry = (look, text) => element("li", {}, [element("i", { class: `line-key ${look}`, "aria-hidden": "true" }), text]);

export function showLegend(parent, withFibre) {
	parent.replaceChildren(
		...LOADS.map((text, n) => entry(`key-load-${n}`, text)),
		...[...OTHERS, ...(withFibre ? FIBRE : [])].map(([look, text]) => entry(look, text)),
	);
}
