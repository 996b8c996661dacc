// map_style: how the map's elements look, in the theme's colours. Load is told by colour and by width,
// states by dashes and by words as well, so that no meaning is in a colour alone.
import { colour } from "./theme.js";

const DYES = 8;
const LOADS = [1.2, 1.8, 2.4, 3.2, 4.2, 5.4];
const FIBRE = 5;
const PLY = 4; // per cent of a line's length before the yarn's next colour

// Every mix of up to four dyes would be too many rules: a fibre's are read from its classes.
function yarn(edge, shades) {
	const found = edge.classes().find((name) => name.startsWith("dyes-"));
	const dyes = found ? found.slice(5).split("-") : [];
	const stops = [];
	for (let at = 0, n = 0; at < 100; at += PLY, n++) {
		const shade = shades[dyes[n % dyes.length] ?? 0];
		stops.push([shade, at], [shade, Math.min(at + PLY, 100)]);
	}
	return stops;
}

export function mapStyle() {
	const shades = Array.from({ length: DYES }, (_, n) => colour(`dye-${n}`));
	const [ink, soft, surface, sunk, thread, alarm, warn, accent] =
		["ink", "soft", "surface", "sunk", "thread", "alarm", "warn", "accent"].map(colour);
	const mono = "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace";
	const sans = "system-ui, DejaVu Sans, sans-serif";
	return [
		{ selector: "core", style: { "active-bg-opacity": 0, "selection-box-opacity": 0 } },
		{ selector: "node", style: {
			label: "data(label)", "font-family": sans, "font-size": 10, color: ink, "text-valign": "center",
			"text-halign": "center", width: 44, height: 22, shape: "round-rectangle", "background-color": surface,
			"border-width": 1.3, "border-color": soft, "min-zoomed-font-size": 5, "overlay-opacity": 0,
		} },
		{ selector: ".site", style: {
			"text-valign": "top", "text-halign": "center", "text-margin-y": -4, "font-size": 13, "font-weight": 600,
			color: soft, "background-color": sunk, "background-opacity": 1, "border-width": 0, padding: 16,
			shape: "round-rectangle",
		} },
		{ selector: ".spine, .super-spine", style: { width: 54, "border-width": 2, "border-color": ink } },
		{ selector: ".border", style: { shape: "cut-rectangle", width: 56, "border-color": accent, "border-width": 2 } },
		{ selector: ".external", style: { shape: "rhomboid", width: 66, height: 22 } },
		{ selector: ".host", style: { width: 26, height: 16, "font-size": 8.5, shape: "ellipse", "border-color": thread, color: soft } },
		{ selector: ".place", style: {
			shape: "ellipse", width: 20, height: 20, "border-width": 4, "border-color": ink, "text-valign": "top",
			"text-margin-y": -4, "font-size": 10.5, color: ink, "text-background-color": surface, "text-background-opacity": 0.9,
		} },
		{ selector: ".place.low", style: { "text-valign": "bottom", "text-margin-y": 5 } },
		{ selector: "node.is-down", style: { "border-style": "dashed", "border-color": alarm, "border-width": 2.5, color: alarm, "background-color": sunk } },
		{ selector: "node.is-starting", style: { "border-style": "dotted", "border-color": warn, "border-width": 2 } },

		{ selector: "edge", style: { "curve-style": "bezier", "control-point-step-size": 14, "overlay-opacity": 0 } },
		...LOADS.map((width, n) => ({
			selector: `.load-${n}`, style: { width, "line-color": colour(`load-${n}`) },
		})),
		{ selector: ".optical", style: { "line-style": "solid", "line-cap": "round" } },
		{ selector: ".link.is-down", style: { "line-style": "dashed", "line-dash-pattern": [6, 5], "line-color": alarm, width: 2 } },
		{ selector: ".link.is-failed", style: {
			"line-style": "dashed", "line-dash-pattern": [2, 5], "line-color": alarm, width: 2.6, label: "✕",
			"font-size": 13, color: alarm, "text-background-color": surface, "text-background-opacity": 1,
		} },
		{ selector: ".link.is-drained", style: { "line-style": "dotted", "line-color": warn, width: 2.6 } },

		{ selector: ".tie", style: {
			width: 1.2, "line-style": "dotted", "line-color": thread, "curve-style": "straight", events: "no",
		} },
		{ selector: ".line", style: {
			width: FIBRE, "line-color": thread, label: "data(label)", "font-family": mono, "font-size": 9.5, color: ink,
			"text-background-color": surface, "text-background-opacity": 0.92, "text-background-padding": 2,
			"text-background-shape": "round-rectangle", "min-zoomed-font-size": 5, "text-margin-y": 0,
			"text-rotation": "autorotate", "control-point-step-size": 16,
		} },
		{ selector: ".line.is-lit", style: {
			"line-fill": "linear-gradient",
			"line-gradient-stop-colors": (edge) => yarn(edge, shades).map(([shade]) => shade).join(" "),
			"line-gradient-stop-positions": (edge) => yarn(edge, shades).map(([, at]) => `${at}%`).join(" "),
		} },
		{ selector: ".line.is-dark", style: { width: 2.4, "line-color": thread, color: soft } },
		{ selector: ".line.is-damaged", style: { "underlay-color": warn, "underlay-opacity": 0.35, "underlay-padding": 4 } },
		{ selector: ".line.is-cut, .line.is-failed", style: {
			width: 3, "line-style": "dashed", "line-dash-pattern": [3, 7], "line-color": alarm, color: alarm, "font-weight": 700,
		} },
		{ selector: ".chosen", style: { "underlay-color": accent, "underlay-opacity": 0.38, "underlay-padding": 6 } },
		{ selector: ".site.chosen", style: { "underlay-opacity": 0, "border-width": 2, "border-color": accent } },
	];
}
