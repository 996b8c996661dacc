// theme: automatic, light or dark, as the switch in the header says; remembered in this browser.
// Canvases read their colours by `colour` and are drawn again on `change`.
import { keep, recall } from "./kept.js";

const KEY = "heddle-theme";
const CHOICES = ["auto", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");

class Theme extends EventTarget {
	#choice = "auto";

	start(radios) {
		const kept = recall("localStorage", KEY);
		if (CHOICES.includes(kept)) this.#choice = kept;
		for (const radio of radios) {
			radio.checked = radio.value === this.#choice;
			radio.addEventListener("change", () => this.#choose(radio.value));
		}
		dark.addEventListener("change", () => this.#apply());
		this.#apply();
	}

	#choose(choice) {
		this.#choice = choice;
		keep("localStorage", KEY, choice);
		this.#apply();
	}

	#apply() {
		const now = this.#choice === "auto" ? (dark.matches ? "dark" : "light") : this.#choice;
		if (document.documentElement.dataset.theme === now) return;
		document.documentElement.dataset.theme = now;
		this.dispatchEvent(new Event("change"));
	}
}

export const theme = new Theme();

export function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
