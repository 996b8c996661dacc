// table: an accessible table whose cells change in place.
//
// A column: {title, text: (item) => string, number: true for figures, class: (item) => string,
// select: (item) => selection for a first cell that selects, title of the row}.
import { element, setAttribute, setChildren, setText } from "./patch.js";
import { same } from "./selection.js";

export class Table {
	constructor(parent, caption, columns, onSelect) {
		this.columns = columns;
		this.onSelect = onSelect;
		const head = element("tr", {}, columns.map((column) =>
			element("th", { scope: "col", ...(column.number ? { class: "number" } : {}) }, [column.title])));
		this.body = element("tbody");
		this.table = element("table", {}, [
			element("caption", { class: "unseen" }, [caption]), element("thead", {}, [head]), this.body,
		]);
		parent.append(this.table);
	}

	// Items each have a `name` that is unique. Says whether anything differed.
	show(items, selected) {
		return setChildren(this.body, items, (item) => item.name, (item) => this.#make(item), (row, item) =>
			this.#update(row, item, selected));
	}

	#make(item) {
		return element("tr", {}, this.columns.map((column, n) => {
			const cell = n === 0 ? element("th", { scope: "row" }) : element("td");
			if (column.number) cell.classList.add("number");
			if (column.select) {
				const button = element("button", { type: "button", class: "link" });
				button.addEventListener("click", () => this.onSelect(column.select(item)));
				if (column.mark) cell.append(element("span"));
				cell.append(button);
			}
			return cell;
		}));
	}

	#update(row, item, selected) {
		let changed = false;
		this.columns.forEach((column, n) => {
			const cell = row.children[n];
			const target = column.select ? cell.lastElementChild : cell;
			if (setText(target, column.text(item))) changed = true;
			if (column.class && setAttribute(cell, "class", `${column.number ? "number " : ""}${column.class(item)}`)) {
				changed = true;
			}
			if (column.mark) {
				const mark = column.mark(item);
				if (setAttribute(cell.firstElementChild, "class", `dye dye-${mark.dye}`)) changed = true;
				if (setText(cell.firstElementChild, mark.letter)) changed = true;
			}
			if (column.select) {
				const is = same(column.select(item), selected);
				if (setAttribute(target, "aria-pressed", String(is))) changed = true;
				if (setAttribute(row, "class", is ? "selected" : null)) changed = true;
			}
		});
		return changed;
	}
}
