// Findings: their columns are named here in the order of html_findings.go.
const C = {control: 0, severity: 1, outcome: 2, kind: 3, subject: 4, owners: 5, since: 6, standing: 7, message: 8, shape: 9, waiver: 10, place: 11, print: 12, area: 13};
const severities = ["critical", "high", "medium", "low", "info"];
const ownersText = owners => owners === null ? "owner not known" : owners.length === 0 ? "no owner" : owners.join(", ");

// mayCross tells whether a term may lie across a hole of a template and the texts around it.
function mayCross(texts, term) {
  return texts.some((text, i) => {
    const first = i === 0, last = i === texts.length - 1;
    if (!first && !last && term.includes(text)) return true;
    for (let n = 1; n < term.length; n++) {
      if (!last && text.endsWith(term.slice(0, n)) || !first && text.startsWith(term.slice(n))) return true;
    }
    return false;
  });
}

class FindingTable extends Table {
  constructor(meta) {
    super({...meta, heads: Object.keys(C).map(label => ({label, kind: label === "subject" ? "app" : "word"}))});
    this.values = []; // by shape: its columns
    this.at = new Uint32Array(this.rows); // of each row, its place within the columns of its shape
    this.counts = [];
  }

  take(block) {
    const first = this.loaded;
    super.take(block);
    for (const [shape, columns] of Object.entries(block.v)) {
      this.values[shape] ??= columns.map(() => []);
      columns.forEach((cells, i) => {
        const list = this.values[shape][i];
        if (Array.isArray(cells)) for (const cell of cells) list.push(cell);
        else for (const place of cells.p) list.push(cells.w[place]); // of few different values
      });
    }
    for (let row = first; row < this.loaded; row++) {
      const shape = this.columns[C.shape][row];
      this.counts[shape] ??= 0;
      this.at[row] = this.counts[shape]++;
    }
  }

  // proof is what a finding's key and evidence hold, in the order of the shape's names.
  proof(row) { return (this.values[this.columns[C.shape][row]] ?? []).map(column => column[this.at[row]]); }

  // message puts name, id and values back into the template of the message.
  message(row) {
    const template = this.value(row, C.message);
    let hole = template.indexOf("\u0001");
    if (hole < 0) return template;
    const [name, id] = this.value(row, C.subject), columns = this.values[this.columns[C.shape][row]], at = this.at[row];
    let text = "", from = 0;
    for (; hole >= 0; hole = template.indexOf("\u0001", from)) {
      const code = template.charCodeAt(hole + 1);
      text += template.slice(from, hole) + (code === 78 ? name : code === 73 ? id : columns[code - 256][at]);
      from = hole + 2;
    }
    return text + template.slice(from);
  }

  matcher(term) {
    const holds = text => text.toLowerCase().includes(term), isNumber = /^[-+.e\d]+$/.test(term);
    const tests = [
      this.shared(C.control, term, id => id), this.shared(C.subject, term, ([name, id]) => name + " " + id), this.shared(C.owners, term, ownersText),
      this.shared(C.print, term, text => text ?? ""), this.shared(C.waiver, term, waiver => waiver ? waiver.join(" ") : ""), this.shared(C.place, term, place => place ? place[0] : ""),
    ];
    const templates = Uint8Array.from(this.dictionaries[C.message] ?? [], template => {
      const texts = template.toLowerCase().split(/\u0001./s);
      return texts.some(text => text.includes(term)) ? 1 : mayCross(texts, term) ? 2 : 0;
    });
    const inValue = value => typeof value === "string" ? holds(value) : typeof value === "number" ? isNumber && holds(String(value)) : holds(JSON.stringify(value));
    return row => {
      for (const test of tests) if (test(row)) return true;
      const template = templates[this.columns[C.message][row]];
      if (template === 1) return true;
      const columns = this.values[this.columns[C.shape][row]], at = this.at[row];
      if (columns) for (let i = 0; i < columns.length; i++) if (inValue(columns[i][at])) return true;
      return template === 2 && holds(this.message(row));
    };
  }

  async order(column) {
    if (column !== C.message) return super.order(column);
    return ranks(this.loaded, row => this.message(row).toLowerCase());
  }

  key(value, column) {
    if (column === C.severity) return String.fromCharCode(33 + (severities.indexOf(value) + 100) % 100);
    if (column === C.owners) return ownersText(value).toLowerCase();
    return super.key(value, column);
  }

  // fingerprint is worked out where it is the digest of what is here.
  fingerprint(row) {
    const written = this.value(row, C.print);
    if (written !== null) return written;
    const shape = this.value(row, C.shape), proof = this.proof(row).slice(shape.e.length);
    const key = this.value(row, C.outcome) === "unknown" ? '{"outcome":"unknown"}'
      : "{" + shape.k.map((name, i) => JSON.stringify(name) + ":" + JSON.stringify(proof[i])).join(",") + "}";
    return sha256([this.value(row, C.control), this.value(row, C.kind), this.value(row, C.subject)[1], key].map(part => part + "\0").join("")).slice(0, 32);
  }
}

class FindingView extends View {
  columns() { return [C.severity, C.control, C.subject, C.message, C.owners, C.outcome, C.since]; }

  makeTools() {
    const field = (label, element, wide) => make("div", {class: wide ? "field wide" : "field"}, make("label", {for: element.id}, label), element);
    const choose = id => make("select", {id, onchange: () => this.filter()}, make("option", {value: ""}, "All"));
    this.control = choose("filter-control");
    this.area = choose("filter-area");
    this.owner = make("input", {type: "text", id: "filter-owner", list: "owners", autocomplete: "off", spellcheck: "false", oninput: () => this.later()});
    this.owners = make("datalist", {id: "owners"});
    this.sets = {severity: make("fieldset", {}), outcome: make("fieldset", {}), standing: make("fieldset", {})};
    this.tools.append(make("form", {class: "filters", role: "search", "aria-label": "Findings", onkeydown: event => { if (event.key === "Enter" && event.target.matches("input")) event.preventDefault(); }},
      field("Search control, subject, owner, text, evidence", this.makeSearch("findings-search"), true),
      this.sets.severity, this.sets.outcome, this.sets.standing,
      field("Control", this.control), field("Area", this.area), field("Owner", this.owner), this.owners,
      make("button", {type: "button", class: "clear", onclick: () => this.clear()}, "Clear filters")));
  }

  // offer makes choices of what the findings are.
  offer() {
    const {table} = this;
    const used = column => {
      const dictionary = table.dictionaries[column], counts = new Uint32Array(dictionary.length), cells = table.columns[column];
      for (let row = 0; row < table.loaded; row++) counts[cells[row]]++;
      const texts = new Map(); // a dictionary may hold a text twice
      dictionary.forEach((text, place) => { if (counts[place]) texts.set(text, (texts.get(text) ?? 0) + counts[place]); });
      return texts;
    };
    const boxes = (name, legend, values) => this.sets[name].replaceChildren(make("legend", {}, legend), ...values.map(([value, text, n]) =>
      make("label", {class: "box"}, make("input", {type: "checkbox", value, onchange: () => this.filter()}), ` ${text} `, make("span", {class: "count"}, number(n)))));
    const bySeverity = used(C.severity), byOutcome = used(C.outcome), byStanding = used(C.standing);
    boxes("severity", "Severity", severities.filter(s => bySeverity.has(s)).map(s => [s, s, bySeverity.get(s)]));
    boxes("outcome", "Result", ["fail", "unknown", "manual"].filter(o => byOutcome.has(o)).map(o => [o, o, byOutcome.get(o)]));
    boxes("standing", "Standing", [["", "not waived, not known"], ["new", "new"], ["waived", "waived"], ["known", "known"]].filter(([s]) => byStanding.has(s)).map(([s, text]) => [s, text, byStanding.get(s)]));
    this.sets.standing.hidden = byStanding.size < 2;
    const options = (select, texts) => select.append(...[...texts.keys()].sort().map(text => make("option", {value: text}, `${text.slice(0, 100)} (${number(texts.get(text))})`)));
    options(this.control, used(C.control));
    options(this.area, used(C.area));
    const names = new Map();
    for (const [owners, n] of used(C.owners)) for (const name of owners?.length ? owners : [ownersText(owners)]) names.set(name, (names.get(name) ?? 0) + n);
    this.owners.append(...[...names].sort((a, b) => b[1] - a[1]).slice(0, 200).map(([name]) => make("option", {value: name})));
  }

  checked(name) { return new Set([...this.sets[name].querySelectorAll("input:checked")].map(box => box.value)); }

  // among tells of each entry of a column's dictionary whether it is wanted.
  among(column, wanted) { return Uint8Array.from(this.table.dictionaries[column] ?? [], entry => wanted(entry) ? 1 : 0); }

  test() {
    const {table} = this, tests = [];
    const add = (column, wanted) => {
      const allowed = this.among(column, wanted), cells = table.columns[column];
      tests.push(row => allowed[cells[row]] === 1);
    };
    for (const name of ["severity", "outcome", "standing"]) {
      const values = this.checked(name);
      if (values.size > 0) add(C[name], value => values.has(value));
    }
    if (this.control.value) add(C.control, value => value === this.control.value);
    if (this.area.value) add(C.area, value => value === this.area.value);
    const owner = this.owner.value.trim().toLowerCase();
    if (owner) add(C.owners, owners => ownersText(owners).toLowerCase().includes(owner));
    this.tests = tests.length;
    return row => tests.every(t => t(row));
  }

  asked() { return super.asked() || this.tests > 0; }

  clear() {
    this.search.value = this.owner.value = this.control.value = this.area.value = "";
    for (const box of this.tools.querySelectorAll("input:checked")) box.checked = false;
    this.search.focus();
    return this.filter();
  }

  // only shows the findings of one control.
  only(control) {
    this.clear();
    this.control.value = control;
    location.hash = "findings";
    return this.filter();
  }

  cells(row) {
    const {table} = this, value = column => table.value(row, column);
    const severity = value(C.severity), outcome = value(C.outcome), standing = value(C.standing), thing = value(C.subject);
    const clamped = (text, attributes = {}) => make("td", attributes, make("div", {class: "clamped"}, bdi(text)));
    return [
      make("td", {}, severities.includes(severity) ? badge("severity", severity) : bdi(severity)),
      clamped(value(C.control), {class: "id"}),
      make("th", {scope: "row", "data-name": ""}, make("div", {class: "clamped"}, bdi(thing[0] || thing[1]))),
      clamped(table.message(row), {class: "message"}),
      clamped(ownersText(value(C.owners)), {class: "owner"}),
      make("td", {}, badge("result", standing === "waived" || standing === "known" ? standing : outcome),
        make("span", {class: "standing"}, standing === "new" ? " new" : standing ? ` ${outcome}` : "")),
      clamped(/^\d{4}-\d\d-\d\dT.*Z$/.test(value(C.since)) ? value(C.since).slice(0, 10) : value(C.since), {class: "instant"}),
    ];
  }

  details(row) {
    const {table} = this, value = column => table.value(row, column);
    const thing = value(C.subject), shape = value(C.shape), proof = table.proof(row), place = value(C.place), waiver = value(C.waiver), href = portal(thing);
    const said = v => typeof v === "string" ? v : Array.isArray(v) && v.every(item => typeof item !== "object") ? v.join(", ") || "none" : JSON.stringify(v, null, 1);
    const list = (names, values) => names.length === 0 ? undefined : facts(names.map((name, i) => [name.replaceAll("_", " "), said(values[i])]));
    const control = controls.get(value(C.control));
    return facts([
      ["What was found", table.message(row)],
      ["Control", control ? make("a", {href: "#" + control.id, onclick: () => { control.open = true; }}, bdi(value(C.control))) : value(C.control), " ", control?.querySelector(".title").textContent ?? ""],
      ["How to fix", control?.querySelector(".remediation")?.textContent],
      ["Evidence", list(shape.e, proof)],
      ["What makes it this finding", list(shape.k, proof.slice(shape.e.length))],
      ["Subject", `${thing[0] || thing[1]} (${value(C.kind).replaceAll("_", " ")} ${thing[1]})`],
      ["Portal", href && link(href, "Open the page of the subject in the portal")],
      ["Owner", ownersText(value(C.owners))],
      ["Place", place && (place[1] ? `${place[0]}:${place[1]}` : place[0])],
      ["First reported", value(C.since)],
      ["Waiver", waiver && facts([["waiver", waiver[0]], ["reason", waiver[1]], ["requested by", waiver[2]], ["approved by", waiver[3]], ["expires", waiver[4]]])],
      ["Baseline", value(C.standing) === "known" ? `the baseline of ${head.baseline} holds it` : value(C.standing) === "new" ? `new since the baseline of ${head.baseline}` : ""],
      ["Fingerprint", make("code", {}, bdi(table.fingerprint(row)))],
    ]);
  }
}
