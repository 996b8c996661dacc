// selection: what the user looks at: {kind, name}, kind being node, link, line, place, site or service.
// Map, tables and details follow the same one.
export function same(a, b) {
	return a?.kind === b?.kind && a?.name === b?.name;
}

export class Selection extends EventTarget {
	now = null;

	// `by`: which part of the page asks, so that the map need not be told what it said.
	set(next, by = "") {
		if (same(next, this.now)) return;
		this.now = next;
		this.dispatchEvent(new CustomEvent("change", { detail: by }));
	}
}
