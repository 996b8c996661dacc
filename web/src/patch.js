// patch: brings the document up to date and touches only what differs. Each function says whether
// anything did. What comes from the network goes in as text, never as HTML.

// element("td", {class: "number"}, [children or strings])
export function element(name, attributes = {}, children = []) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	made.append(...children);
	return made;
}

const SVG = "http://www.w3.org/2000/svg";
export function svg(name, attributes = {}, children = []) {
	const made = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	made.append(...children);
	return made;
}

export function setText(node, text) {
	if (node.textContent === text) return false;
	node.textContent = text;
	return true;
}

// A value of null removes it.
export function setAttribute(node, name, value) {
	if (value === null) {
		if (!node.hasAttribute(name)) return false;
		node.removeAttribute(name);
		return true;
	}
	if (node.getAttribute(name) === String(value)) return false;
	node.setAttribute(name, value);
	return true;
}

export function setHidden(node, hidden) {
	if (node.hidden === hidden) return false;
	node.hidden = hidden;
	return true;
}

// Children of `parent` become one for each item, in order. `make(item)` makes one; `update(child, item)`
// brings it up to date and says whether it had to. Children keep their identity, and so the focus.
export function setChildren(parent, items, keyOf, make, update) {
	const keys = items.map(keyOf);
	const wanted = new Set(keys);
	const old = new Map();
	let changed = false;
	// First, so that what stands behind need not be moved: that would take the focus from it.
	for (const child of [...parent.children]) {
		if (wanted.has(child.heddleKey)) {
			old.set(child.heddleKey, child);
		} else {
			child.remove();
			changed = true;
		}
	}
	let at = parent.firstElementChild;
	for (const [n, item] of items.entries()) {
		const key = keys[n];
		let child = old.get(key);
		if (!child) {
			child = make(item);
			child.heddleKey = key;
			changed = true;
		}
		if (update(child, item)) changed = true;
		if (child === at) {
			at = at.nextElementSibling;
		} else {
			parent.insertBefore(child, at);
			changed = true;
		}
	}
	return changed;
}

// Options of a <select>: [value, text] each; what was chosen stays so if it is still there.
export function setOptions(select, options) {
	const chosen = select.value;
	const changed = setChildren(
		select, options, ([value]) => value,
		([value]) => element("option", { value }),
		(option, [, text]) => setText(option, text),
	);
	if (changed && options.some(([value]) => value === chosen)) select.value = chosen;
	return changed;
}
