// kept: what the browser keeps for the page, in localStorage or sessionStorage. A browser that keeps
// nothing throws at the very names; the page does without.
export function recall(storage, key) {
	try {
		return window[storage].getItem(key);
	} catch {
		return null;
	}
}

export function keep(storage, key, value) {
	try {
		window[storage].setItem(key, value);
	} catch {
		// It holds until the page is closed.
	}
}
