import { defineConfig } from "vite";

export default defineConfig({
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
