import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

// Whoever hands on the binary hands on these libraries, and so their terms.
const licences = {
	name: "licences",
	generateBundle() {
		const source = ["cytoscape", "uplot"].map((name) =>
			`${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8")}`).join("\n\n");
		this.emitFile({ type: "asset", fileName: "licences.txt", source });
	},
};

export default defineConfig({
	plugins: [licences],
	build: {
		target: "es2021",
		// Policy: nothing inline. Small files stay files, and no script is put into the HTML.
		assetsInlineLimit: 0,
		modulePreload: false,
		chunkSizeWarningLimit: 700,
		reportCompressedSize: false,
	},
	// For working on the page: `node tests/page/feed.mjs`, or a twin, is at 8080.
	server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
