// figure: numbers as people read them. What is not known is a dash.
const DASH = "–";
const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

function scaled(value, unit) {
	if (value === null || value === undefined) return DASH;
	const [size, prefix] = PREFIXES.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
	const shown = value / size;
	const digits = size === 1 && Number.isInteger(value) ? 0 : shown >= 100 ? 0 : shown >= 10 ? 1 : 2;
	return `${shown.toFixed(digits)} ${prefix}${unit}`;
}

export const bits = (value) => scaled(value, "bit/s");
export const packets = (value) => scaled(value, "pps");

export function fixed(value, digits, unit = "") {
	if (value === null || value === undefined) return DASH;
	return unit ? `${value.toFixed(digits)} ${unit}` : value.toFixed(digits);
}

export const decibel = (value) => fixed(value, 2);
export const gigabits = (value) => (value === null || value === undefined ? DASH : String(+(value / 1e9).toFixed(1)));
export const percent = (value) => (value === null || value === undefined ? DASH : `${Math.round(value * 100)} %`);
export const count = (value) => (value === null || value === undefined ? DASH : value.toLocaleString("en").replaceAll(",", " "));

export function bytes(value) {
	if (value === null || value === undefined) return DASH;
	return value >= 2 ** 30 ? `${(value / 2 ** 30).toFixed(1)} GiB` : `${(value / 2 ** 20).toFixed(1)} MiB`;
}

// As precise as it came, without tails such as 48.199999.
export function plain(value, unit = "") {
	if (value === null || value === undefined) return DASH;
	return `${Number(value.toPrecision(4))}${unit ? ` ${unit}` : ""}`;
}

export const clock = (at) => new Date(at * 1000).toLocaleTimeString("en-GB");
export const since = (seconds) => `t+${seconds.toFixed(4)} s`;
