// feed: what /api tells, as it comes. Events are `design`, `state`, `timeline` (a list of entries) and
// `connection` (connecting, live, lost), each a CustomEvent with the document as its detail.
//
// Whenever the stream opens, all three documents are read once: what happened between two streams, or
// before the first, is in them. A state that is older than the last is left out.

const RETRY_MS = 2000;

export class Feed extends EventTarget {
	#source = null;
	#last_at = -Infinity;

	start() {
		this.#connect();
	}

	#tell(name, detail) {
		this.dispatchEvent(new CustomEvent(name, { detail }));
	}

	#connect() {
		const source = new EventSource("/api/events");
		this.#source = source;
		this.#last_at = -Infinity; // a twin that was raised anew may have another clock
		const on = (name, take) => source.addEventListener(name, (event) => take(JSON.parse(event.data)));
		source.addEventListener("open", () => this.#readAll(source));
		source.addEventListener("error", () => this.#lost(source));
		on("design", (design) => this.#tell("design", design));
		on("state", (state) => this.#takeState(state));
		on("timeline", (entry) => this.#tell("timeline", [entry]));
	}

	// The browser reconnects by itself when a stream breaks, and gives up when one is refused.
	#lost(source) {
		if (source !== this.#source) return;
		this.#tell("connection", "lost");
		if (source.readyState !== EventSource.CLOSED) return;
		this.#source = null;
		setTimeout(() => this.#connect(), RETRY_MS);
	}

	async #readAll(source) {
		const read = async (what) => {
			const response = await fetch(`/api/${what}`, { cache: "no-store" });
			if (!response.ok) throw new Error(`/api/${what}: ${response.status}`);
			return response.json();
		};
		try {
			const [design, state, { timeline }] = await Promise.all(["design", "state", "timeline"].map(read));
			this.#tell("design", design);
			this.#takeState(state);
			this.#tell("timeline", timeline);
			this.#tell("connection", "live");
		} catch {
			source.close();
			this.#lost(source);
		}
	}

	#takeState(state) {
		if (state.at < this.#last_at) return;
		this.#last_at = state.at;
		this.#tell("state", state);
	}
}
