// browser: a page in Chromium and what is asked of it: checks that are told as tests/net/lib.sh tells them, a
// page that notes all that it complains of, and the server that it is of.
//
//   PAGE_OUT     a folder for screenshots
//   PAGE_MODULES a folder of node_modules with playwright-core and axe-core
//   PAGE_CHROMIUM  the browser
//   PAGE_URL, PAGE_TOKEN  where it is served, and what actions need; or `server` is set by who starts one
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

for (const name of ["PAGE_OUT", "PAGE_MODULES"]) {
	if (!process.env[name]) {
		console.error(`page: ${name} is not set; the head of tests/page/browser.mjs says what it is`);
		process.exit(2);
	}
}
const { PAGE_OUT: out, PAGE_MODULES: modules } = process.env;
export const server = { url: process.env.PAGE_URL, token: process.env.PAGE_TOKEN };
const browserPath = process.env.PAGE_CHROMIUM ?? "/usr/bin/chromium";
export const need = createRequire(join(modules, "x"));
const { chromium } = need("playwright-core");
const IDLE_MS = 3000;
export const TRIES = 3; // of what is timed: other tests run beside it, and once must do
mkdirSync(out, { recursive: true });

let passed = 0;
let failed = 0;

export async function check(sentence, prove) {
	try {
		const said = await prove();
		passed++;
		console.log(`ok      ${sentence}${said ? `: ${said}` : ""}`);
	} catch (error) {
		failed++;
		console.log(`FAILED  ${sentence}\n        ${String(error.message ?? error).split("\n").slice(0, 12).join("\n        ")}`);
	}
}

export function expect(holds, words) {
	if (!holds) throw new Error(typeof words === "function" ? words() : words);
}

export const equal = (have, wanted, what) =>
	expect(JSON.stringify(have) === JSON.stringify(wanted), () => `${what}: have ${JSON.stringify(have)}, expected ${JSON.stringify(wanted)}`);

export async function onceOf(tries, prove) {
	const said = [];
	for (let i = 0; i < tries; i++) {
		try {
			const words = await prove();
			return said.length ? `${words} (before: ${said.join("; ")})` : words;
		} catch (error) {
			said.push(error.message);
		}
	}
	throw new Error(said.join("\n"));
}

export async function until(what, holds, limit_ms = 10000) {
	const end = Date.now() + limit_ms;
	for (;;) {
		const found = await holds();
		if (found) return found;
		if (Date.now() > end) throw new Error(`${what}: not within ${limit_ms} ms`);
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
}

// ---- a page, and all that it complains of ----

export const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const complaints = [];

export async function open(options = {}) {
	const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
	page.on("console", (message) => {
		// A refused request is logged by the browser itself; the tests make some on purpose.
		if (["error", "warning"].includes(message.type()) && !/status of 40[013]/.test(message.text())) {
			complaints.push(`console: ${message.text()}`);
		}
	});
	page.on("pageerror", (error) => complaints.push(`exception: ${error.stack}`));
	page.on("request", (request) => {
		const asked = new URL(request.url());
		if (asked.protocol !== "data:" && asked.host !== new URL(server.url).host) complaints.push(`request to ${request.url()}`);
	});
	await page.addInitScript(() => {
		window.violations = [];
		document.addEventListener("securitypolicyviolation", (event) =>
			window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
	});
	await page.goto(server.url);
	await page.waitForFunction(() => document.getElementById("connection").textContent === "live");
	await page.waitForFunction(() => window.heddleDraws.map > 0);
	return page;
}

export const shot = (page, name, full = false) => page.screenshot({ path: join(out, `${name}.png`), fullPage: full });
export const api = async (what) => (await fetch(new URL(`/api/${what}`, server.url))).json();
export const act = (step) => fetch(new URL("/api/actions", server.url), {
	method: "POST", headers: { authorization: `Bearer ${server.token}` }, body: JSON.stringify(step),
});

// Rows of a table as the page shows them, cell by cell.
export const rows = (page, id) => page.evaluate((panel) =>
	[...document.querySelectorAll(`#${panel} tbody tr`)].map((row) => [...row.children].map((cell) =>
		(cell.querySelector("button") ?? cell).textContent)), id);

// With the same state told again, and with nothing told, nothing is drawn. Of a network that runs,
// panels whose part of the state stays the same are not.
export async function idle(page, still = false) {
	await check("nothing is drawn when nothing changes", async () => {
		const [before, after, changed] = await page.evaluate(async (wait) => {
			const parts = { wavelengths: "services", applications: "applications", drops: "drops", ports: "ports" };
			const pick = (state) => Object.fromEntries(Object.entries(parts).map(([panel, key]) => [panel, JSON.stringify(state[key])]));
			const seen = {};
			let last = null;
			let states = 0;
			let told = 0;
			const source = new EventSource("/api/events");
			source.addEventListener("timeline", () => told++);
			source.addEventListener("state", (event) => {
				states++;
				const now = pick(JSON.parse(event.data));
				for (const [panel, text] of Object.entries(now)) if (last && last[panel] !== text) seen[panel] = true;
				last = now;
			});
			await new Promise((resolve) => { source.onopen = resolve; });
			last = pick(await (await fetch("/api/state")).json());
			const from = { ...window.heddleDraws };
			await new Promise((resolve) => setTimeout(resolve, wait));
			source.close();
			return [from, { ...window.heddleDraws }, { seen, states, told }];
		}, IDLE_MS);
		for (const panel of ["wavelengths", "applications", "drops", "ports"]) {
			if (!changed.seen[panel]) equal(after[panel], before[panel], panel);
		}
		if (changed.told === 0) equal(after.timeline, before.timeline, "timeline");
		if (changed.states === 0 || still) equal(after, before, "draws");
		for (const panel of Object.keys(after)) {
			// uPlot draws two charts a state, and the map once a frame at most.
			expect((after[panel] ?? 0) - (before[panel] ?? 0) <= changed.states * 3, `${panel} was drawn more often than states came`);
		}
		return `${changed.states} states in ${IDLE_MS / 1000} s`;
	});
}

export async function quiet(page) {
	await check("no error in the console, no breach of the policy, no request elsewhere", async () => {
		complaints.push(...(await page.evaluate(() => window.violations)));
		equal(complaints, [], "complaints");
	});
}

// The last of a test: leaves with its status.
export async function finish() {
	await browser.close();
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed ? 1 : 0);
}
