// actions: the form by which something is done to the network. A request is a step of a scenario
// without its time, as `heddle twin play` reads it; what comes of it is told by the timeline.
import { keep, recall } from "./kept.js";
import { element, setAttribute, setHidden, setOptions, setText } from "./patch.js";

const TOKEN = "heddle-token"; // of this tab alone: sessionStorage

const parts = (network, kind) =>
	(network.design.lines ?? []).flatMap((line) => line.elements).filter((part) => !kind || part.kind === kind).map((part) => part.name);
const switches = (network) => network.design.nodes.filter((node) => network.isSwitch(node)).map((node) => node.name);
const links = (network) => network.design.links.map((link) => `link ${link.a}:${link.b}`);
const nodes = (network) => network.design.nodes.map((node) => `node ${node.name}`);
const services = (network) => (network.state.services ?? []).map((service) => service.link);
const damaged = (network) => (network.state.damages ?? []).map((damage) => damage.element);

// What has been failed comes first where something is restored; links may be gone with a node.
function failed(network) {
	const down = network.design.nodes.filter((node) => network.nodes.get(node.name)?.state === "down").map((node) => `node ${node.name}`);
	const gone = network.design.links.filter((link) => network.links.get(link.name)?.state === "failed").map((link) => `link ${link.a}:${link.b}`);
	return [...down, ...gone];
}

function drained(network) {
	return network.design.links.filter((link) => network.links.get(link.name)?.state === "drained").map((link) => `link ${link.a}:${link.b}`);
}

// `words` are what the step's value is; `extra` is what it takes beside the object.
const VERBS = [
	{ verb: "cut", label: "Cut a fibre", of: "light", objects: (network) => parts(network, "fibre") },
	{
		verb: "age", label: "Age a fibre", of: "light", objects: (network) => parts(network, "fibre"),
		extra: { label: "Loss, dB", value: "3" }, words: (object, extra) => `${extra} ${object}`,
	},
	{ verb: "fail-amplifier", label: "Fail an amplifier", of: "light", objects: (network) => parts(network, "amplifier") },
	{
		verb: "lose-pump", label: "Lose a Raman pump", of: "light",
		objects: (network) => (network.design.lines ?? []).flatMap((line) => line.elements).filter((part) => part.pumps > 0).map((part) => part.name),
		extra: { label: "Pump, from 1", value: "1" }, words: (object, extra) => `${extra} ${object}`,
	},
	{ verb: "mend", label: "Mend what is damaged", of: "light", objects: damaged },
	{
		verb: "upgrade", label: "Change a service's mode", of: "light", objects: services,
		extra: { label: "Mode", choices: (network) => network.design.modes ?? [] }, words: (object, extra) => `${object} ${extra}`,
	},
	{ verb: "fail", label: "Fail a link or a node", of: "network", objects: (network) => [...links(network), ...nodes(network)] },
	{ verb: "restore", label: "Restore what has failed", of: "network", objects: failed },
	{
		verb: "kill", label: "Kill a process", of: "network", objects: switches,
		extra: { label: "Process", choices: (network) => network.processes() }, words: (object, extra) => `${object} ${extra}`,
	},
	{ verb: "restart", label: "Restart a switch's processes", of: "network", objects: switches },
	{ verb: "drain", label: "Drain a link", of: "network", objects: links },
	{ verb: "undrain", label: "Undrain a link", of: "network", objects: drained },
];
const verbOf = (name) => VERBS.find((verb) => verb.verb === name);

export class Actions {
	constructor(network) {
		this.network = network;
		this.panel = document.getElementById("actions-panel");
		for (const name of ["token", "verb", "object", "extra", "step", "result"]) this[name] = document.getElementById(name);
		this.form = document.getElementById("actions");
		this.choice = document.getElementById("extra-choice");
		this.extraField = document.getElementById("extra-field");
		this.extraLabel = document.getElementById("extra-label");
		this.submit = this.form.querySelector("[type=submit]");
		this.token.value = recall("sessionStorage", TOKEN) ?? "";
		this.token.addEventListener("input", () => keep("sessionStorage", TOKEN, this.token.value));
		this.verb.addEventListener("change", () => this.#verbChanged());
		for (const field of [this.object, this.extra, this.choice]) {
			field.addEventListener("input", () => this.#showStep());
		}
		this.form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.#post(this.#now());
		});
	}

	setDesign() {
		const { design } = this.network;
		setHidden(this.panel, !design.actions);
		const where = design.kind === "model" ? "as it was printed at the start" : `in /run/heddle/twin/${design.name}/token`;
		setText(document.getElementById("token-where"), where);
		const offered = VERBS.filter(({ verb, of }) => this.network.allows(verb) && (of === "network" || design.lines?.length));
		if (offered.length === 0) return;
		setOptions(this.verb, offered.map((verb) => [verb.verb, verb.label]));
		this.#verbChanged();
	}

	// What can be mended and restored comes and goes.
	update() {
		if (!this.network.design?.actions) return;
		this.#fillObjects();
		this.#showStep();
	}

	#fillObjects(wanted) {
		const verb = verbOf(this.verb.value);
		const objects = verb.objects(this.network);
		const list = wanted && !objects.includes(wanted) ? [wanted, ...objects] : objects;
		const options = list.length ? list.map((name) => [name, name]) : [["", "nothing is"]];
		setOptions(this.object, options);
		if (wanted) this.object.value = wanted;
		if (this.submit.disabled !== (this.object.value === "")) this.submit.disabled = this.object.value === "";
	}

	#verbChanged(wanted) {
		if (!this.network.state) return;
		const { extra } = verbOf(this.verb.value);
		this.#fillObjects(wanted);
		setHidden(this.extraField, !extra);
		if (extra) {
			setText(this.extraLabel, extra.label);
			setHidden(this.extra, Boolean(extra.choices));
			setHidden(this.choice, !extra.choices);
			setAttribute(this.extraLabel, "for", extra.choices ? "extra-choice" : "extra");
			if (extra.choices) setOptions(this.choice, extra.choices(this.network).map((name) => [name, name]));
			else this.extra.value = extra.value;
		}
		this.#showStep();
	}

	#stepOf(verb, object) {
		const { extra, words } = verbOf(verb);
		const more = extra ? (extra.choices ? this.choice.value : this.extra.value.trim()) : "";
		return { [verb]: words ? words(object, more) : object };
	}

	#now() {
		return this.#stepOf(this.verb.value, this.object.value);
	}

	#showStep() {
		setText(this.step, this.object.value ? JSON.stringify(this.#now()) : "");
	}

	// The form for this, ready to be completed.
	fill(verb, object) {
		this.verb.value = verb;
		this.#verbChanged(object);
		const { extra } = verbOf(verb);
		this.form.scrollIntoView({ block: "nearest" });
		(extra?.choices ? this.choice : this.extra).focus();
	}

	// At once.
	run(verb, object) {
		this.verb.value = verb;
		this.#verbChanged(object);
		return this.#post({ [verb]: object });
	}

	#say(text, tone) {
		this.result.replaceChildren(element("span", { class: tone }, [text]));
	}

	async #post(step) {
		if (!this.token.value) {
			this.#say("Give the token first.", "alarm");
			this.token.focus();
			return;
		}
		setAttribute(this.form, "aria-busy", "true");
		try {
			const response = await fetch("/api/actions", {
				method: "POST", body: JSON.stringify(step),
				headers: { authorization: `Bearer ${this.token.value}`, "content-type": "application/json" },
			});
			const answer = await response.json().catch(() => ({}));
			const [[verb, words]] = Object.entries(step);
			if (response.ok) this.#say(`Accepted: ${verb} ${words}. The timeline tells what comes of it.`, "good");
			else this.#say(`Refused: ${answer.error ?? `status ${response.status}`}`, "alarm");
		} catch {
			this.#say("Not sent: the server cannot be reached.", "alarm");
		} finally {
			setAttribute(this.form, "aria-busy", null);
		}
	}
}
