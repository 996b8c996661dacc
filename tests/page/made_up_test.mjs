// made_up_test: the page against servers of made-up figures (feed.mjs), which it starts: how smooth a map of a
// hundred nodes is, a network that stays as it is, what is offered of a model; and a server that is
// raised anew, hangs, or is looked at by nobody. PAGE_DIST is the page as it was built.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { act, api, browser, check, equal, expect, finish, idle, onceOf, open, quiet, server, shot, TRIES, until } from "./browser.mjs";

const FRAME_MOST_MS = 100;
const FRAMES_MS = 4000;
const SILENCE_MS = 30000; // web/src/feed.js
const HIDDEN_MS = 10000;
const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);

const children = [];
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));

// A server; `server` is where it is from now on.
async function start(options = {}) {
	const words = Object.entries({ page: process.env.PAGE_DIST, port: 0, token: "made up", ...options });
	const child = spawn(process.execPath, [join(here, "feed.mjs"), ...words.flatMap(([name, value]) => [`--${name}`, String(value)])],
		{ stdio: ["ignore", "pipe", "inherit"] });
	children.push(child);
	let said = "";
	child.stdout.on("data", (text) => { said += text; });
	await until("the made-up server", () => said.includes("listening at"));
	Object.assign(server, { url: said.match(/listening at (\S+)/)[1], token: "made up" });
	return child;
}

const ended = (child) => new Promise((resolve) => {
	child.once("exit", resolve);
	child.kill("SIGKILL");
});

const percentile = (list, part) => list[Math.min(list.length - 1, Math.floor(list.length * part))];

// What each frame took, for some seconds; panning by the pointer if `moves`.
async function framesOnce(page, moves) {
	await page.evaluate(() => {
		window.deltas = [];
		window.pans = 0;
		window.heddleMap.on("pan", () => window.pans++);
		let last = performance.now();
		const frame = (now) => {
			window.deltas.push(now - last);
			last = now;
			window.framing = requestAnimationFrame(frame);
		};
		window.framing = requestAnimationFrame((now) => { last = now; window.framing = requestAnimationFrame(frame); });
	});
	const box = await page.locator("#map").boundingBox();
	const end = Date.now() + FRAMES_MS;
	if (moves) {
		await page.mouse.move(box.x + 12, box.y + 12);
		await page.mouse.down();
	}
	for (let i = 0; Date.now() < end; i++) {
		if (moves) await page.mouse.move(box.x + 200 + 150 * Math.sin(i / 9), box.y + 200 + 90 * Math.cos(i / 7));
		await page.waitForTimeout(12);
	}
	if (moves) await page.mouse.up();
	const [deltas, pans] = await page.evaluate(() => {
		cancelAnimationFrame(window.framing);
		window.heddleMap.off("pan");
		return [window.deltas, window.pans];
	});
	expect(pans > 0 === moves, `the map was panned ${pans} times`);
	const list = deltas.sort((a, b) => a - b);
	const [median, p95] = [percentile(list, 0.5), percentile(list, 0.95)];
	const said = `${list.length} frames, median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, worst ${list.at(-1).toFixed(1)} ms`;
	expect(p95 < FRAME_MOST_MS, said);
	return said;
}

async function frames() {
	const child = await start({ nodes: 100 });
	const design = await api("design");
	const page = await open();
	await page.waitForTimeout(1500);
	await shot(page, "big");
	for (const [what, moves] of [["while states come", false], ["while the map is dragged as well", true]]) {
		await check(`frames with ${design.nodes.length} nodes, ${what}`, () => onceOf(TRIES, () => framesOnce(page, moves)));
	}
	await quiet(page);
	await page.close();
	await ended(child);
}

const connection = (page, word, limit_ms) => until(`'${word}'`, async () => (await page.textContent("#connection")) === word, limit_ms);
const timeline = (page) => page.textContent("#timeline");

async function model() {
	const child = await start({ kind: "model", hz: 0 });
	const page = await open();
	const choose = async (tab, name) => {
		await page.click(`#tab-${tab}`);
		await page.click(`#view-${tab} button:text-is("${name}")`);
	};
	const buttons = () => page.evaluate(() => [...document.querySelectorAll("#selected > .buttons button")].map((each) => each.textContent));
	const lineState = (name) => page.evaluate((line) => [...document.querySelectorAll("#view-lines tbody tr")]
		.find((row) => row.querySelector("button").textContent === line).children[4].textContent, name);
	const design = await api("design");
	await check("of a model what it does to nodes and links is offered, and nothing to processes that it has not", async () => {
		await choose("nodes", "east-leaf1");
		equal(await buttons(), ["Fail", "Kill a process…"], "of a switch");
		await choose("links", design.links[0].name);
		equal(await buttons(), ["Fail", "Drain"], "of a link");
		expect(!(await page.locator("#verb option").allTextContents()).some((each) => /Restart/.test(each)), "the form offers a restart");
		await page.selectOption("#verb", "kill");
		equal(await page.locator("#extra-choice option").allTextContents(), ["heddle"], "processes");
	});
	await check("with a pump lost a line is lit, with a failed amplifier it is failed", async () => {
		const line = design.lines[0];
		const amplifier = line.elements.find((part) => part.kind === "amplifier").name;
		await page.click("#tab-lines");
		await act({ "lose-pump": `1 ${line.elements[0].name}` });
		await until("the damage", async () => (await page.textContent("#view-lines")).includes("pump lost"));
		equal(await lineState(line.name), "lit", "state");
		await act({ "fail-amplifier": amplifier });
		await until("failed", async () => (await lineState(line.name)) === "failed");
		equal(await page.evaluate((name) => window.heddleMap.getElementById(`f:${name}`).hasClass("is-failed"), line.name), true, "on the map");
	});
	await page.click("#tab-map");
	await shot(page, "model", true);
	await page.close();
	await ended(child);
}

async function darkAtFirst() {
	const child = await start({ dark: 1, hz: 0 });
	const page = await open();
	const ties = () => page.evaluate(() => window.heddleMap.elements(".tie").length);
	await check("a network that comes up dark has its ties when there is light", async () => {
		equal(await ties(), 0, "ties in the dark");
		await act({ mend: "nothing" });
		await until("ties", async () => (await ties()) > 0);
		return `${await ties()} ties`;
	});
	await page.close();
	await ended(child);
}

async function longTimeline() {
	const child = await start({ hz: 0, entries: 500, raised: "long ago" });
	const page = await open();
	await check("a group of the timeline that is cut off stays as it is, with what was done", async () => {
		const entries = () => page.locator("#timeline li").count();
		equal(await entries(), 400, "entries");
		await page.evaluate(() => { document.querySelector("#timeline .event").isTheSame = true; });
		await act({ mend: "nothing" });
		await until("what is done", async () => (await timeline(page)).includes("mend nothing"));
		equal(await page.evaluate(() => document.querySelector("#timeline .event").isTheSame), true, "the same group");
		equal(await page.textContent("#timeline .event .words"), "long ago", "what was done");
		equal(await entries(), 399, "entries beside what was done now");
	});
	await page.close();
	await ended(child);
}

async function raisedAnew() {
	let child = await start({ hz: 0, raised: "the first" });
	const page = await open();
	await check("a network raised anew at the same port has a timeline of its own", async () => {
		await until("the first", async () => (await timeline(page)).includes("the first"));
		await ended(child);
		await connection(page, "lost");
		child = await start({ hz: 0, raised: "the second", port: new URL(server.url).port });
		await until("the second", async () => (await timeline(page)).includes("the second"), 20000);
		expect(!(await timeline(page)).includes("the first"), "the first's is still there");
		await connection(page, "live");
	});
	await check("a server that hangs is lost, and live when it goes on", async () => {
		const began = Date.now();
		child.kill("SIGSTOP");
		await connection(page, "lost", SILENCE_MS + 5000);
		const after = Date.now() - began;
		child.kill("SIGCONT");
		await connection(page, "live", 20000);
		return `lost after ${(after / 1000).toFixed(1)} s`;
	});
	await page.close();
	await ended(child);
}

async function hidden() {
	const child = await start();
	const page = await open();
	const turn = (is) => page.evaluate((now) => {
		Object.defineProperty(document, "hidden", { value: now, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}, is);
	const drawn = () => page.evaluate(() => JSON.stringify(window.heddleDraws));
	await check("a tab that is hidden listens no longer, and does when it is seen again", async () => {
		await turn(true);
		await page.waitForTimeout(HIDDEN_MS / 2);
		await connection(page, "live");
		await connection(page, "connecting", HIDDEN_MS);
		await page.waitForTimeout(500);
		const before = await drawn();
		await page.waitForTimeout(1500);
		equal(await drawn(), before, "draws");
		await turn(false);
		await connection(page, "live");
		await until("what is new", async () => (await drawn()) !== before);
	});
	await page.close();
	await ended(child);
}

async function keptNothing() {
	const child = await start({ hz: 0 });
	const bare = await browser.newPage({ colorScheme: "dark" });
	await check("a browser that keeps nothing shows the page", async () => {
		await bare.addInitScript(() => {
			for (const name of ["localStorage", "sessionStorage"]) {
				Object.defineProperty(window, name, { get() { throw new DOMException("forbidden", "SecurityError"); } });
			}
		});
		await bare.goto(server.url);
		await connection(bare, "live");
		await bare.check("input[name=theme][value=light]", { force: true });
		await bare.fill("#token", "x");
		equal(await bare.evaluate(() => document.documentElement.dataset.theme), "light", "theme");
	});
	await check("what keeps its place keeps the focus when what stood before it goes", async () => {
		const blank = await browser.newPage();
		const kept = await blank.evaluate(async (source) => {
			const { setChildren } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
			const show = (names) => setChildren(document.body, names, (name) => name, () => document.createElement("button"), () => false);
			show(["one", "two", "three"]);
			document.body.lastChild.focus();
			show(["two", "three"]);
			return document.activeElement === document.body.lastChild && document.body.children.length === 2;
		}, await readFile(join(here, "../../web/src/patch.js"), "utf8"));
		expect(kept, "the focus is gone");
		await blank.close();
	});
	await bare.close();
	await ended(child);
}

async function still() {
	const child = await start({ still: 1 });
	const page = await open();
	await page.waitForTimeout(1000);
	await idle(page, true);
	await quiet(page);
	await page.close();
	await ended(child);
}

await frames();
await still();
await model();
await darkAtFirst();
await hidden();
await keptNothing();
await longTimeline();
await raisedAnew(); // the last: a server that is gone is complained of
await finish();
