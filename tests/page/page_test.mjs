// page_test: the page against a real twin with light (PAGE_URL, PAGE_TOKEN: browser.mjs): what is shown is
// what the API says, an action's effect is seen in time, and keys and readers of screens reach all of it.
import { act, api, check, equal, expect, finish, idle, need, onceOf, open, quiet, rows, server, shot, TRIES, until } from "./browser.mjs";

const SEEN_MS = 1000; // of a cut, until the page shows it

const DASH = "–";
const fixed = (value, digits) => (value === null ? DASH : value.toFixed(digits));

// As the page writes it.
function packets(value) {
	const [size, prefix] = [[1e6, "M"], [1e3, "k"]].find(([least]) => value >= least) ?? [1, ""];
	const shown = value / size;
	return `${shown.toFixed((size === 1 && Number.isInteger(value)) || shown >= 100 ? 0 : shown >= 10 ? 1 : 2)} ${prefix}pps`;
}

const spaced = (value) => value.toLocaleString("en").replaceAll(",", " ");

// Figures move on between looking at the API and at the page: both are looked at until they meet.
async function agrees(page, what, shown, wanted) {
	let last;
	await until(what, async () => {
		last = [await shown(page), wanted(await api("state"))];
		return JSON.stringify(last[0]) === JSON.stringify(last[1]);
	}).catch(() => equal(last[0], last[1], what));
}

async function figures(page, design) {
	await check("each node is on the map, and each link and line", async () => {
		const drawn = await page.evaluate(() => [".node", ".link", ".line"].map((kind) => window.heddleMap.elements(kind).length));
		equal(drawn, [design.nodes.length, design.links.length, design.lines.length], "nodes, links, lines");
	});
	await check("wavelengths are those of the API", () => agrees(page, "wavelengths",
		async (from) => (await rows(from, "wavelengths")).map((row) => row.slice(0, 7)),
		(state) => state.services.map((each) => [
			each.link, each.state, `${each.channels} × ${each.mode}`, String(+(each.bit_rate / 1e9).toFixed(1)),
			fixed(each.gsnr_db, 2), fixed(each.margin_db, 2), fixed(each.latency_ms, 3),
		])));
	await check("what switches receive they forward, leave to the kernel or drop, and the page shows it", async () => {
		const sum = (state, key) => state.nodes.reduce((all, node) => all + (node[key] ?? 0), 0);
		await agrees(page, "forwarded", (from) => from.evaluate(() => [...document.querySelectorAll("#strip div")]
			.find((box) => box.firstElementChild.textContent === "forwarded").lastElementChild.textContent),
		(state) => packets(sum(state, "forwarded_pps")));
		const state = await api("state");
		const [all, rest] = [sum(state, "received_pps"), ["forwarded_pps", "kernel_pps", "dropped_pps"].reduce((a, key) => a + sum(state, key), 0)];
		expect(Math.abs(all - rest) <= all * 0.1 + 10, `received ${all} pps, accounted for ${rest}`);
		return `${all} pps received`;
	});
	await check("drops are those of the API", () => agrees(page, "drops",
		async (from) => (await rows(from, "drops")).map((row) => row.slice(0, 2)),
		(state) => state.drops.map((drop) => [drop.reason, spaced(drop.packets)])));
	await check("applications are those of the API", () => agrees(page, "applications",
		async (from) => (await rows(from, "applications")).map((row) => [row[0], row[1], row[2].split(":")[0], ...row.slice(4)]),
		(state) => state.applications.map((each) => [
			each.name, each.class, each.state ?? "up", ...["p50", "p99", "p999"].map((key) => fixed(each.latency_ms?.[key] ?? null, 2)),
		])));
	await check("the spectrum has each line's slots", async () => {
		const state = await api("state");
		const wanted = new Set(state.services.flatMap((each) => each.slots).map((slot) => slot.from_thz)).size;
		expect(wanted > 0, "no service has slots");
		const labels = await page.evaluate(() => [...document.querySelectorAll("#spectrum svg")].map((each) => each.getAttribute("aria-label")));
		equal(labels.length, design.lines.length, "lines of the spectrum");
		for (const each of state.services.filter((service) => service.state === "lit")) {
			expect(labels.some((label) => label.includes(each.link)), `${each.link} is on no line`);
		}
	});
	await check("nodes in the table are those of the API", async () => {
		await page.click("#tab-nodes");
		await agrees(page, "nodes", async (from) => (await rows(from, "view-nodes")).map((row) => [row[0], row[3]]),
			(state) => state.nodes.map((node) => [node.name, node.state]));
		await page.click("#tab-map");
	});
}

async function refusals(page) {
	const result = () => page.textContent("#result");
	await check("without a token nothing is sent, and the page says so", async () => {
		await page.fill("#token", "");
		await page.click("#actions [type=submit]");
		await until("the refusal", async () => /token/i.test(await result()));
		equal(await page.evaluate(() => document.activeElement.id), "token", "focus");
	});
	await check("with a wrong token the error is announced", async () => {
		await page.fill("#token", "wrong");
		await page.click("#actions [type=submit]");
		await until("the error", async () => (await result()).startsWith("Refused"));
		equal(await page.getAttribute("#result", "role"), "alert", "role");
		return (await result()).slice(0, 100);
	});
}

// Cuts by the page's own form, and says when the page showed it: the page itself notes that, for looking
// from outside would add its own time, and when the news reached it.
async function cutOnce(page, line, fibre, service) {
	await page.evaluate(([lineName, serviceName, element]) => {
		window.seen = {};
		window.news?.close();
		window.news = new EventSource("/api/events");
		window.news.addEventListener("state", (event) => {
			if (JSON.parse(event.data).damages.some((damage) => damage.element === element)) window.seen.told ??= Date.now();
		});
		const look = () => {
			const edge = window.heddleMap.getElementById(`f:${lineName}`);
			const row = [...document.querySelectorAll("#wavelengths tbody tr")].find((each) =>
				each.querySelector("button").textContent === serviceName);
			if (edge.hasClass("is-cut")) window.seen.cut ??= Date.now();
			if (["dark", "lost"].includes(row.children[1].textContent)) window.seen.dark ??= Date.now();
			window.looking = setTimeout(look, 4);
		};
		look();
	}, [line.name, service, fibre]);
	const before = Date.now() / 1000;
	await page.fill("#token", server.token);
	await page.selectOption("#verb", "cut");
	await page.selectOption("#object", fibre);
	await page.click("#actions [type=submit]");
	const began = (await until("the timeline", async () => (await api("timeline")).timeline.find((entry) =>
		entry.layer === "done" && entry.at > before - 0.5 && entry.words.includes(fibre)))).at;
	const seen = await until("line and service", async () => {
		const now = await page.evaluate(() => window.seen);
		return now.cut && now.dark ? now : null;
	});
	await shot(page, "cut");
	await page.evaluate(() => { clearTimeout(window.looking); window.news.close(); });
	const [cut_ms, dark_ms, told_ms] = [seen.cut, seen.dark, seen.told].map((at) => Math.round(at - began * 1000));
	const said = `the line after ${cut_ms} ms, the service after ${dark_ms} ms, the server's word after ${told_ms} ms`;
	expect(cut_ms < SEEN_MS && dark_ms < SEEN_MS, said);
	return said;
}

async function mend(page, line, fibre) {
	await until("mend", async () => (await act({ mend: fibre })).status === 202, 60000);
	await page.waitForFunction(([name]) => !window.heddleMap.getElementById(`f:${name}`).hasClass("is-cut"), [line.name], { timeout: 60000 });
	await until("lit as before", async () => (await api("state")).services.every((each) => each.state === "lit"), 60000);
}

async function cut(page, design) {
	const state = await api("state");
	const line = design.lines.find((each) => state.services.some((service) => service.state === "lit" &&
		each.elements.some((part) => service.path.includes(part.name))));
	const fibre = line.elements.find((part) => part.kind === "fibre").name;
	const service = state.services.find((each) => each.path.includes(fibre)).link;

	let tries = 0;
	await check(`a cut of ${fibre} shows within a second`, () => onceOf(TRIES, async () => {
		if (tries++) await mend(page, line, fibre);
		return cutOnce(page, line, fibre, service);
	}));
	await check("the timeline tells of it, from the cause on", async () => {
		const told = await until("effects", () => page.evaluate((name) => {
			const box = [...document.querySelectorAll("#timeline .event")].find((each) =>
				each.querySelector("h3").textContent.includes(name));
			const items = box ? [...box.querySelectorAll("li")] : [];
			return items.length > 1 ? items.map((item) => item.querySelector(".t").textContent) : null;
		}, fibre));
		expect(told.every((time) => /^t\+\d+\.\d{4} s$/.test(time)), `times are ${told.join(", ")}`);
		const seconds = told.map((time) => Number(time.slice(2, -2)));
		equal(seconds, [...seconds].sort((a, b) => a - b), "order");
	});
	await check("it is mended", () => mend(page, line, fibre));
}

const focused = (page) => page.evaluate(() => {
	const now = document.activeElement;
	return now.id || now.textContent.trim().slice(0, 40) || now.tagName;
});

async function keyboard(design) {
	const page = await open();
	const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
	await check("by keys alone: the map is reached by the first skip link", async () => {
		await press("Tab");
		equal(await focused(page), "To the map", "first stop");
		await press("Enter");
		equal(await focused(page), "map", "focus");
		await press("ArrowRight");
		const name = await page.textContent("#selected .title");
		expect(design.nodes.some((node) => node.name === name) || design.places.some((place) => place.name === name), `selected is '${name}'`);
	});
	await check("arrow keys go on, Enter goes to its links, and each is announced", async () => {
		const first = await page.textContent("#selected .title");
		await press("ArrowDown");
		const second = await page.textContent("#selected .title");
		expect(first !== second, "the arrow key went nowhere");
		expect((await page.textContent("#announce")).startsWith(second), "it was not announced");
		await press("Enter");
		const third = await page.textContent("#selected .title");
		expect(third !== second, "Enter went nowhere");
	});
	await check("tabs turn by arrow keys, and rows of tables select", async () => {
		await page.focus("#tab-map");
		await press("ArrowRight", "ArrowRight");
		equal(await page.isVisible("#view-links table"), true, "the table of links");
		await press("Tab", "Tab", "Enter");
		equal(await page.textContent("#selected .title"), design.links[0].name, "selected");
	});
	await check("every control is reached by Tab, and its focus is seen", async () => {
		const wanted = await page.evaluate(() => [...document.querySelectorAll("a[href], button, input, select, [tabindex='0']")]
			.filter((each) => each.checkVisibility() && !each.disabled && each.tabIndex >= 0).length);
		await page.evaluate(() => { document.activeElement.blur(); window.scrollTo(0, 0); });
		const met = new Set();
		const bare = [];
		for (let i = 0; i < wanted + 5; i++) {
			await press("Tab");
			const [id, seen] = await page.evaluate(() => {
				const now = document.activeElement;
				now.testId ??= `${Math.random()}`;
				const shows = (each) => each && getComputedStyle(each).outlineStyle !== "none";
				return [now === document.body ? null : now.testId, shows(now) || shows(now.nextElementSibling)];
			});
			if (id) met.add(id);
			if (id && !seen) bare.push(await focused(page));
		}
		equal(bare, [], "without a visible focus");
		// Of radio buttons one is a stop.
		expect(met.size >= wanted - 2, `${met.size} of ${wanted} controls`);
		return `${met.size} stops`;
	});
	await page.close();
}

async function accessibility(page, name) {
	await check(`axe finds nothing against WCAG 2.1 AA: ${name}`, async () => {
		await page.evaluate(need("axe-core").source);
		const found = await page.evaluate(() => window.axe.run(document, {
			runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
		}));
		equal(found.violations.map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`), [], "violations");
		return `${found.passes.length} rules hold`;
	});
}

async function looks() {
	for (const colorScheme of ["light", "dark"]) {
		const page = await open({ colorScheme });
		await page.waitForTimeout(1500);
		await page.click("#wavelengths button");
		await shot(page, colorScheme);
		await shot(page, `${colorScheme}-whole`, true);
		await accessibility(page, colorScheme);
		await page.close();
	}
	const narrow = await open({ viewport: { width: 360, height: 780 } });
	await narrow.waitForTimeout(800);
	await check("at 360 pixels nothing is cut off", async () => {
		equal(await narrow.evaluate(() => document.documentElement.scrollWidth), 360, "width");
	});
	await shot(narrow, "narrow", true);
	await accessibility(narrow, "narrow");
	await narrow.close();
	const page = await open({ colorScheme: "light" });
	await check("the theme's switch holds against the system's", async () => {
		await page.check("input[name=theme][value=dark]", { force: true });
		equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark", "theme");
		await page.reload();
		equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark", "theme after loading again");
	});
	await page.close();
}

const design = await api("design");
const page = await open();
await figures(page, design);
await idle(page);
await refusals(page);
await cut(page, design);
await keyboard(design);
await looks();
await quiet(page);
await finish();
