// draws: how often each panel was drawn. Nothing may be drawn when nothing has changed, and the page's
// test proves it by these counts.
const counts = {};
window.heddleDraws = counts;

// A panel says so each time that it has touched the document or a canvas.
export function drew(panel) {
	counts[panel] = (counts[panel] ?? 0) + 1;
}
