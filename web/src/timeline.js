// timeline: what happened, oldest first. Entries stand under what somebody did before them, with the
// time since then; the lane at the left says how far from its cause an effect is.
import { clock, since } from "./figure.js";
import { drew } from "./draws.js";
import { element, setAttribute, setChildren, setText } from "./patch.js";

export const LAYERS = ["done", "light", "port", "BFD", "BGP", "FIB", "proof", "packets", "application"];
const MOST = 400;

// Of one moment, the cause comes before its effects.
const inOrder = (a, b) => a.at - b.at || LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) || a.id - b.id;
const keyOf = (entry) => `${entry.id} ${entry.at}`;
const slug = (layer) => layer.toLowerCase().replace(/[^a-z]/g, "");

// The last of them in order; what was done stays as long as an effect of it does.
function lastOf(entries) {
	const list = [...entries].sort(inOrder);
	const cut = Math.max(0, list.length - MOST);
	const last = list.slice(cut);
	const done = list.slice(0, cut).findLast((entry) => entry.layer === "done");
	return done && last[0].layer !== "done" ? [done, ...last] : last;
}

export class Timeline {
	#entries = [];

	constructor() {
		this.log = document.getElementById("timeline");
		this.#filter(document.getElementById("layers"));
	}

	#filter(parent) {
		for (const layer of LAYERS.slice(1)) {
			const box = element("input", { type: "checkbox", checked: "" });
			box.addEventListener("change", () => this.log.classList.toggle(`without-${slug(layer)}`, !box.checked));
			parent.append(element("label", {}, [box, element("span", {}, [layer])]));
		}
	}

	isEmpty() {
		return this.#entries.length === 0;
	}

	// In place of all that was known.
	set(entries) {
		this.#entries = lastOf(entries);
		this.#draw();
	}

	add(entry) {
		if (this.#entries.some((known) => known.id === entry.id)) return;
		this.#entries = lastOf([...this.#entries, entry]);
		this.#draw();
	}

	#groups() {
		const groups = [];
		for (const entry of this.#entries) {
			if (entry.layer === "done" || groups.length === 0) {
				groups.push({ began: entry.at, done: entry.layer === "done" ? entry : null, effects: [] });
			}
			if (entry.layer !== "done") groups.at(-1).effects.push(entry);
		}
		return groups;
	}

	#draw() {
		const { log } = this;
		const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
		const key = (group) => (group.done ? keyOf(group.done) : "before");
		const changed = setChildren(log, this.#groups(), key, () => this.#makeGroup(), (box, group) =>
			this.#updateGroup(box, group));
		if (!changed) return;
		drew("timeline");
		if (atEnd) log.scrollTop = log.scrollHeight;
	}

	#makeGroup() {
		return element("div", { class: "event" }, [
			element("h3", {}, [element("span", { class: "words" }), " ", element("time")]), element("ol"),
		]);
	}

	#updateGroup(box, group) {
		const [head, list] = box.children;
		const [words, , time] = head.childNodes;
		let changed = setText(words, group.done?.words ?? "before");
		if (setText(time, clock(group.began))) {
			setAttribute(time, "datetime", new Date(group.began * 1000).toISOString());
			changed = true;
		}
		const update = (item, entry) => setText(item.children[1], since(entry.at - group.began));
		return setChildren(list, group.effects, keyOf, (entry) => this.#makeEntry(entry), update) || changed;
	}

	#makeEntry(entry) {
		const lane = element("span", { class: `lane lane-${Math.max(LAYERS.indexOf(entry.layer), 0)}`, "aria-hidden": "true" });
		return element("li", { class: `layer-${slug(entry.layer)}` }, [
			lane, element("span", { class: "t" }),
			element("span", { class: "words" }, [element("b", { class: "layer" }, [entry.layer]), " ", entry.words]),
		]);
	}
}
