// feed: what /api tells, as it comes. Events are `design`, `state`, `history` (all entries of the
// timeline, in place of those before), `timeline` (an entry more) and `connection` (connecting, live,
// lost), each a CustomEvent with the document as its detail.
//
// Whenever the stream opens, all three documents are read once: what happened between two streams, or
// before the first, is in them, and a twin that was raised anew counts its entries from 1 again. A
// state that is older than the last is left out.

const RETRY_MS = 2000;
const SILENCE_MOST_MS = 30000; // the server says something every 10 s, if only that it is alive
const HIDDEN_MOST_MS = 10000; // all tabs of a browser have six connections together

export class Feed extends EventTarget {
	#source = null;
	#reading = null; // ends what is read for this stream
	#early = null; // entries that come while the timeline is read
	#last_at = -Infinity;
	#silence = 0;
	#retry = 0;
	#hiding = 0;

	start() {
		document.addEventListener("visibilitychange", () => this.#seenOrHidden());
		this.#connect();
		this.#seenOrHidden();
	}

	#tell(name, detail) {
		this.dispatchEvent(new CustomEvent(name, { detail }));
	}

	#connect() {
		clearTimeout(this.#retry);
		const source = new EventSource("/api/events");
		this.#source = source;
		this.#heard();
		const on = (name, take) => source.addEventListener(name, (event) => {
			this.#heard();
			take(event);
		});
		const parsed = (take) => (event) => take(JSON.parse(event.data));
		on("open", () => this.#readAll());
		on("alive", () => {});
		on("design", parsed((design) => this.#tell("design", design)));
		on("state", parsed((state) => this.#takeState(state)));
		on("timeline", parsed((entry) => (this.#early ? this.#early.push(entry) : this.#tell("timeline", entry))));
		source.addEventListener("error", () => this.#broken(source));
	}

	#close() {
		for (const timer of [this.#silence, this.#retry]) clearTimeout(timer);
		this.#reading?.abort();
		this.#source?.close();
		this.#source = null;
	}

	// The browser reconnects by itself when a stream breaks, and gives up when one is refused.
	#broken(source) {
		if (source !== this.#source) return;
		if (source.readyState === EventSource.CLOSED) this.#again();
		else this.#tell("connection", "lost");
	}

	#again() {
		this.#close();
		this.#tell("connection", "lost");
		this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
	}

	// A server that hangs holds its connections, and no error tells of it.
	#heard() {
		clearTimeout(this.#silence);
		this.#silence = setTimeout(() => this.#again(), SILENCE_MOST_MS);
	}

	#seenOrHidden() {
		clearTimeout(this.#hiding);
		if (document.hidden) {
			this.#hiding = setTimeout(() => {
				this.#close();
				this.#tell("connection", "connecting");
			}, HIDDEN_MOST_MS);
		} else if (!this.#source) {
			this.#connect();
		}
	}

	async #readAll() {
		this.#reading?.abort();
		this.#early = [];
		this.#last_at = -Infinity; // a twin that was raised anew may have another clock
		this.#reading = new AbortController();
		const { signal } = this.#reading;
		const read = async (what) => {
			const response = await fetch(`/api/${what}`, { cache: "no-store", signal });
			if (!response.ok) throw new Error(`/api/${what}: ${response.status}`);
			return response.json();
		};
		try {
			const [design, state, { timeline }] = await Promise.all(["design", "state", "timeline"].map(read));
			this.#tell("design", design);
			this.#takeState(state);
			this.#tell("history", this.#withEarly(timeline));
			this.#tell("connection", "live");
		} catch {
			if (!signal.aborted) this.#again();
		}
	}

	// An entry may have come after the timeline was written down, and before it was here.
	#withEarly(timeline) {
		const known = new Set(timeline.map((entry) => entry.id));
		const late = this.#early.filter((entry) => !known.has(entry.id));
		this.#early = null;
		return [...timeline, ...late];
	}

	#takeState(state) {
		if (state.at < this.#last_at) return;
		this.#last_at = state.at;
		this.#tell("state", state);
	}
}
