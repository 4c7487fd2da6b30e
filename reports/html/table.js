// How tables are drawn: one page of rows at a time, so that the number of rows does not matter.
const pageRows = 50, printedRows = 1000;

// make is an element with attributes and children. Texts become text, whatever they hold.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick" || key === "oninput" || key === "onchange" || key === "onkeydown") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat());
  return element;
}

// bdi keeps the direction of writing of a text to itself.
const bdi = text => make("bdi", {}, String(text));

const badge = (kind, text) => make("span", {class: kind + " " + text.replace(/[^a-z]+/g, "-")}, bdi(text));

// toMinute shortens an instant, as the page itself does.
function toMinute(text) {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d(\.\d+)?Z$/.exec(text);
  return parts ? parts[1] + "Z" : text;
}

const marks = {"●": "granted", "○": "with a wider permission", "◐": "in part", "◇": "granted, no role limits it", "?": "not read or not documented"};

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// portal is the address of a thing's page; made of constants and of GUIDs alone.
function portal([, id, page]) {
  id = id.toLowerCase();
  if (page === 2) return head.links.dataConnect;
  if (!page || !guid.test(id)) return undefined;
  if (page === 1) return head.links.registered?.replace("{id}", id);
  return guid.test(page) ? head.links.principal?.replace("{id}", id).replace("{principal}", page) : undefined;
}

const link = (href, ...children) => href ? make("a", {href, target: "_blank", rel: "noopener noreferrer"}, ...children) : make("span", {}, ...children);

const facts = entries => make("dl", {class: "details"}, entries.filter(([, value]) => value !== undefined && value !== "" && value !== null)
  .map(([name, ...value]) => make("div", {}, make("dt", {}, bdi(name)), make("dd", {}, value.map(v => v instanceof Node ? v : bdi(v))))));

// View draws one table and keeps what was asked of it.
class View {
  constructor(table) {
    this.table = table;
    this.element = document.querySelector(`table[data-table="${table.id}"]`);
    this.status = document.querySelector(`[data-status="${table.id}"]`);
    this.pages = document.querySelector(`[data-pages="${table.id}"]`);
    this.tools = document.querySelector(`[data-tools="${table.id}"]`);
    this.rows = new Uint32Array(0); // that match, in the order in which they are shown
    this.page = 0;
    this.sort = {column: -1, down: false};
    this.terms = [];
    this.run = 0;
    this.open = new Set();
    this.shown = this.columns();
    this.makeTools();
    this.makeHeads();
  }

  columns() { return this.table.heads.map((_, i) => i).filter(i => !this.table.heads[i].more); }

  makeTools() {
    const id = this.table.id + "-search";
    this.tools.append(make("div", {class: "filters"}, make("div", {class: "field wide"},
      make("label", {for: id}, "Search"), this.makeSearch(id))));
  }

  makeSearch(id) {
    this.search = make("input", {type: "search", id, autocomplete: "off", spellcheck: "false", oninput: () => this.later()});
    return this.search;
  }

  // later waits until somebody has stopped typing.
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.filter(), 150);
  }

  makeHeads() {
    const row = this.element.tHead.rows[0];
    this.heads = [...row.cells].map((cell, i) => {
      const label = cell.textContent;
      cell.dataset.label = label; // for paper, on which no button is repeated
      cell.replaceChildren(make("button", {type: "button", class: "sort", onclick: () => this.sortBy(i)}, label, make("span", {class: "arrow", "aria-hidden": "true"})));
      return cell;
    });
    row.prepend(make("th", {scope: "col", class: "opener"}, make("span", {class: "unseen"}, "Details")));
    this.element.addEventListener("keydown", event => this.move(event));
  }

  // move goes from row to row by the arrow keys.
  move(event) {
    if (!event.target.matches("button.open") || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const buttons = [...this.element.querySelectorAll("button.open")];
    const next = buttons[buttons.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); next.focus(); }
  }

  async sortBy(i) {
    const column = this.shown[i];
    if (this.sort.column !== column) this.sort = {column, down: false};
    else if (!this.sort.down) this.sort.down = true;
    else this.sort = {column: -1, down: false};
    this.heads.forEach((cell, n) => {
      if (this.sort.column === this.shown[n]) cell.setAttribute("aria-sort", this.sort.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    await this.filter();
  }

  // test is what a row has to be besides holding the terms of the search.
  test() { return () => true; }

  // asked tells whether anything narrows the rows.
  asked() { return this.terms.length > 0; }

  // filter finds the rows that match, sorts and draws them. A later call ends an earlier one.
  async filter() {
    const run = ++this.run, {table} = this;
    this.terms = this.search.value.toLowerCase().split(/\s+/).filter(term => term !== "");
    const matchers = this.terms.map(term => table.matcher(term)), test = this.test(), found = new Uint32Array(table.loaded);
    let n = 0;
    this.element.setAttribute("aria-busy", "true");
    const done = await slices(table.loaded, row => {
      if (!test(row)) return;
      for (const matches of matchers) if (!matches(row)) return;
      found[n++] = row;
    }, () => run !== this.run);
    if (!done) return;
    let rows = found.subarray(0, n);
    if (this.sort.column >= 0) {
      const places = await table.order(this.sort.column);
      if (run !== this.run) return;
      rows = byRank(rows, places, this.sort.down);
    }
    this.rows = rows;
    this.page = 0;
    this.open.clear();
    this.draw();
    this.element.removeAttribute("aria-busy");
  }

  draw(from = this.page * pageRows, most = pageRows) {
    const rows = [...this.rows.subarray(from, from + most)];
    const body = this.element.tBodies[0];
    body.replaceChildren(...rows.flatMap((row, i) => this.drawRow(row, from + i)));
    this.element.setAttribute("aria-rowcount", this.rows.length + 1);
    this.tell(from, rows.length);
    this.drawPages();
  }

  // tell says how many rows there are and which of them are shown.
  tell(from, n) {
    const {table} = this, all = number(table.rows);
    let text = this.asked() ? `${number(this.rows.length)} of ${all} match` : `${all} ${table.rows === 1 ? "row" : "rows"} in all`;
    if (n > 0 && n < this.rows.length) text = `Rows ${number(from + 1)} to ${number(from + n)}; ${text}`;
    if (table.damage) text = `THE DATA OF THIS PAGE IS DAMAGED (${table.damage}): only ${number(table.loaded)} of ${all} rows could be read. ${table.loaded === 0 ? "Below are the first as the page itself holds them" : text}`;
    else if (table.loaded < table.rows) text += `; still reading, ${number(table.loaded)} so far`;
    this.status.textContent = text + ".";
    this.status.classList.toggle("bad", table.damage !== "");
  }

  drawRow(row, place) {
    const id = `${this.table.id}-details-${place}`, open = this.open.has(row);
    const cells = this.cells(row);
    const name = cells.find(cell => cell.dataset.name !== undefined) ?? cells[0];
    const button = make("button", {type: "button", class: "open", "aria-expanded": String(open), "aria-controls": id,
      "aria-label": `Details of ${name.textContent.slice(0, 200)}`, onclick: () => this.toggle(row, place, tr, button)},
    make("span", {"aria-hidden": "true"}));
    const tr = make("tr", {"aria-rowindex": place + 2, onclick: event => {
      if (!event.target.closest("a, button") && getSelection().isCollapsed) button.click();
    }}, make("td", {class: "opener"}, button), cells);
    return open ? [tr, this.drawDetails(row, id)] : [tr];
  }

  drawDetails(row, id) {
    return make("tr", {class: "opened"}, make("td", {id, colspan: this.shown.length + 1}, this.details(row)));
  }

  toggle(row, place, tr, button) {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      this.open.add(row);
      tr.after(this.drawDetails(row, `${this.table.id}-details-${place}`));
    } else {
      this.open.delete(row);
      tr.nextElementSibling.remove();
    }
  }

  cells(row) { return this.shown.map((column, i) => this.cell(row, column, i)); }

  cell(row, column, i) {
    const {kind, label} = this.table.heads[column], text = this.table.text(row, column);
    const cell = make(i === 0 ? "th" : "td", i === 0 ? {scope: "row", "data-name": ""} : {class: kind});
    if (kind === "app") cell.append(make("div", {class: "clamped"}, link(portal(this.table.value(row, column)), bdi(text))));
    else if (kind === "tier" && text) cell.append(badge("severity", text));
    else if (kind === "matrix" && text) cell.append(make("span", {title: label, "aria-label": marks[text] ?? text, role: "img"}, text));
    else cell.append(make("div", {class: "clamped"}, bdi(kind === "instant" ? toMinute(text) : text)));
    return cell;
  }

  details(row) {
    const entries = [];
    this.table.heads.forEach((column, i) => {
      if (column.kind === "matrix") return;
      const value = this.table.value(row, i);
      if (column.kind === "app") {
        entries.push([column.label, link(portal(value), bdi(this.table.text(row, i)))]);
        entries.push([column.label + " ID", value[1]]);
      } else entries.push([column.label, String(value)]);
    });
    return facts(entries);
  }

  drawPages() {
    const count = Math.ceil(this.rows.length / pageRows), {page} = this;
    if (count < 2) return this.pages.replaceChildren();
    const step = (text, to, off) => make("button", {type: "button", disabled: off, onclick: () => this.goTo(to)}, text);
    const box = make("input", {type: "number", min: 1, max: count, value: page + 1, "aria-label": `Page of ${this.table.id}, of ${count}`,
      onchange: event => this.goTo(Math.min(Math.max(1, Math.trunc(Number(event.target.value)) || 1), count) - 1)});
    this.pages.replaceChildren(step("First", 0, page === 0), step("Previous", page - 1, page === 0), make("span", {}, "Page ", box, ` of ${number(count)}`),
      step("Next", page + 1, page === count - 1), step("Last", count - 1, page === count - 1));
  }

  goTo(page) {
    const label = document.activeElement?.textContent;
    this.page = page;
    this.draw();
    [...this.pages.querySelectorAll("button")].find(b => b.textContent === label && !b.disabled)?.focus({preventScroll: true});
    this.tools.scrollIntoView({block: "start"});
  }

  // giveUp leaves what the page itself holds, and says what became of the rest.
  giveUp() {
    this.tell(0, 0);
    this.tools.hidden = true;
  }

  // print draws more rows than fit on a screen, and says so when those are not all.
  print(on) {
    if (this.table.loaded === 0) return;
    this.draw(on ? 0 : undefined, on ? printedRows : undefined);
    if (on && this.rows.length > printedRows) this.status.textContent += " Paper holds the first of them; the workbook holds all.";
  }
}
