// main: joins the feed to the network and the network to the page's parts.
//
// Each event of the feed changes the network first, and then asks every part to bring itself up to
// date; a part touches only what differs from what it shows, and counts when it did (draws.js).
import "./page.css";
import { Actions } from "./actions.js";
import { Details } from "./details.js";
import { Feed } from "./feed.js";
import { showLegend } from "./legend.js";
import { NetworkMap } from "./map.js";
import { Network } from "./network.js";
import { Panels } from "./panels.js";
import { setAttribute, setHidden, setText } from "./patch.js";
import { Rates } from "./rates.js";
import { Selection } from "./selection.js";
import { Spectrum } from "./spectrum.js";
import { Strip } from "./strip.js";
import { Tables } from "./tables.js";
import { theme } from "./theme.js";
import { Timeline } from "./timeline.js";

const at = (id) => document.getElementById(id);

theme.start(document.querySelectorAll("input[name=theme]"));
const announce = (text) => setText(at("announce"), text);
const network = new Network();
const selection = new Selection();
const feed = new Feed();
const timeline = new Timeline();
const actions = new Actions(network);
const map = new NetworkMap(at("map"), network, selection);
const rates = new Rates(network);
const parts = [
	new Strip(at("strip")), map, new Tables(network, selection), new Details(network, selection, actions, announce),
	new Panels(network, selection), new Spectrum(network, selection), rates, actions,
];

let designText = "";
let pending = null; // a design waits for the first state: what the map shows depends on both

// Only to a twin something is done; of others the panel comes with their first entry.
function showTimeline() {
	setHidden(at("timeline-panel"), network.design?.kind !== "twin" && timeline.isEmpty());
}

function showDesign() {
	pending = null;
	const { design } = network;
	setText(at("name"), design.name);
	setText(at("version"), design.version ?? "");
	document.title = `${design.name} · Heddle`;
	setHidden(at("map-panel"), design.kind === "router");
	showTimeline();
	showLegend(at("legend"), Boolean(design.lines?.length));
	for (const part of parts) part.setDesign?.();
	if (design.kind === "router") selection.set({ kind: "node", name: design.nodes[0]?.name });
}

function showState() {
	const { state } = network;
	setHidden(at("state"), false);
	setText(at("state"), state.state);
	setAttribute(at("state"), "class", `chip is-${state.state}`);
	for (const part of parts) part.update(network);
}

feed.addEventListener("design", ({ detail }) => {
	const text = JSON.stringify(detail);
	if (text === designText) return;
	designText = text;
	network.setDesign(detail);
	pending = detail;
	if (!network.state) return;
	showDesign();
	showState();
});
feed.addEventListener("state", ({ detail }) => {
	network.setState(detail);
	if (!network.design) return;
	if (pending) showDesign();
	showState();
});
for (const [name, take] of [["history", (entries) => timeline.set(entries)], ["timeline", (entry) => timeline.add(entry)]]) {
	feed.addEventListener(name, ({ detail }) => {
		take(detail);
		showTimeline();
	});
}
feed.addEventListener("connection", ({ detail }) => {
	setText(at("connection"), detail);
	setAttribute(at("connection"), "class", `chip is-${detail}`);
	if (detail !== "live" && network.state) rates.pause();
});
for (const [id, does] of [["zoom-in", () => map.zoom(1.25)], ["zoom-out", () => map.zoom(0.8)], ["zoom-fit", () => map.fit()]]) {
	at(id).addEventListener("click", does);
}
feed.start();

// For the page's test, which measures how smooth the map is.
window.heddleMap = map.cy;
