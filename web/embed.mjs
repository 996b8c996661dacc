// embed: turns a folder into one object: node embed.mjs DIST TABLE.c BYTES.S
//
// The assembler takes the files in whole, which is at once; as C arrays they would be some seconds.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join, relative, resolve } from "node:path";

const TYPES = {
	".css": "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
};

function filesBelow(folder) {
	return readdirSync(folder).flatMap((name) => {
		const path = join(folder, name);
		return statSync(path).isDirectory() ? filesBelow(path) : [path];
	});
}

const [dist, table, bytes] = process.argv.slice(2);
const pages = filesBelow(dist).map((file) => {
	const path = `/${relative(dist, file)}`;
	const type = TYPES[extname(file)];
	if (!type) throw new Error(`${file}: no media type is known for it; embed.mjs lists them`);
	const content = readFileSync(file);
	return {
		path: path === "/index.html" ? "/" : path, type, file: resolve(file), size: content.length,
		etag: createHash("sha256").update(content).digest("hex").slice(0, 16),
	};
}).sort((a, b) => (a.path < b.path ? -1 : 1));

const text = JSON.stringify;
writeFileSync(bytes, [
	"\t.section .rodata",
	...pages.flatMap((page, n) => [
		`\t.global page_bytes_${n}`, `\t.balign 8`, `page_bytes_${n}:`, `\t.incbin ${text(page.file)}`,
	]),
	'\t.section .note.GNU-stack, "", %progbits', "",
].join("\n"));
writeFileSync(table, [
	"/* Written by web/embed.mjs. */", '#include "http/page.h"', "",
	...pages.map((_, n) => `extern const unsigned char page_bytes_${n}[];`), "",
	"const struct page_file page_files[] = {",
	...pages.map((page, n) =>
		`\t{${text(page.path)}, ${text(page.type)}, page_bytes_${n}, ${page.size}, "\\"${page.etag}\\""},`),
	"\t{NULL, NULL, NULL, 0, NULL},", "};", `const size_t page_file_count = ${pages.length};`, "",
].join("\n"));
