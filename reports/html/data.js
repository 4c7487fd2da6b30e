// What the page holds: tables of packed rows. See html_pack.go for the form of a block.
const head = JSON.parse(document.getElementById("head").textContent);
const things = []; // [name, id, page in the portal]
const number = new Intl.NumberFormat("en").format;

// pause lets the browser do something else.
const pause = () => globalThis.scheduler?.yield ? scheduler.yield() : new Promise(done => setTimeout(done));

// slices runs step(i) for i below n, a few milliseconds at a time; false when stop() became true.
async function slices(n, step, stop = () => false, mask = 127) {
  let until = performance.now() + 10;
  for (let i = 0; i < n; i++) {
    step(i);
    if ((i & mask) === mask && performance.now() > until) {
      await pause();
      if (stop()) return false;
      until = performance.now() + 10;
    }
  }
  return !stop();
}

// ranks gives each of n texts its place in their order; equal texts share one. Texts come from text(i).
async function ranks(n, text) {
  const texts = new Array(n);
  await slices(n, i => { texts[i] = text(i); });
  let from = Uint32Array.from({length: n}, (_, i) => i), to = new Uint32Array(n);
  const less = (a, b) => texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : a - b;
  const run = 512;
  await slices(Math.ceil(n / run), i => { from.subarray(i * run, (i + 1) * run).sort(less); }, undefined, 7);
  for (let width = run; width < n; width *= 2) {
    let left = 0, right = 0, leftEnd = 0, rightEnd = 0;
    await slices(n, i => {
      if (left >= leftEnd && right >= rightEnd) { // the next two runs; i is where they begin
        left = i; leftEnd = right = Math.min(i + width, n); rightEnd = Math.min(i + 2 * width, n);
      }
      const takeLeft = left < leftEnd && (right >= rightEnd || less(from[left], from[right]) <= 0);
      to[i] = from[takeLeft ? left++ : right++];
    });
    [from, to] = [to, from];
  }
  const places = new Uint32Array(n);
  let place = 0;
  await slices(n, i => {
    if (i > 0 && texts[from[i]] !== texts[from[i - 1]]) place++;
    places[from[i]] = place;
  });
  return places;
}

// byRank sorts rows by their ranks, in linear time; equal ones keep their order.
function byRank(rows, places, down) {
  let most = 0;
  for (const row of rows) if (places[row] > most) most = places[row];
  const key = row => down ? most - places[row] : places[row];
  const starts = new Uint32Array(most + 2);
  for (const row of rows) starts[key(row) + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) sorted[starts[key(row)]++] = row;
  return sorted;
}

async function unpack(element) {
  const text = element.textContent;
  element.remove(); // its text is not needed twice
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const stream = new DecompressionStream("gzip"), writer = stream.writable.getWriter(), heard = () => {}; // the reading side tells
  writer.write(bytes).catch(heard);
  writer.close().catch(heard);
  return JSON.parse(await new Response(stream.readable).text());
}

// Table holds the rows of one table by column, as places in dictionaries where a column has one.
class Table {
  constructor({id, rows, heads}) {
    this.id = id;
    this.rows = rows;
    this.heads = heads;
    this.loaded = 0;
    this.damage = "";
    this.dictionaries = [];
    this.columns = [];
    this.known = new Map(); // ranks of columns that were sorted by
  }

  // isThing tells the columns whose dictionary all tables share.
  isThing(column) { return this.heads[column].kind === "app"; }

  take(block) {
    for (const thing of block.t) things.push(thing);
    block.c.forEach((cells, i) => {
      const words = block.d[i];
      if (words === null) {
        this.columns[i] ??= [];
        for (const cell of cells) this.columns[i].push(cell);
        return;
      }
      this.dictionaries[i] = this.isThing(i) ? things : this.dictionaries[i] ?? [];
      for (const word of words) this.dictionaries[i].push(word);
      this.columns[i] ??= new Uint32Array(this.rows);
      this.columns[i].set(cells, this.loaded);
    });
    this.loaded += block.n;
  }

  value(row, column) {
    const dictionary = this.dictionaries[column], cell = this.columns[column][row];
    return dictionary ? dictionary[cell] : cell;
  }

  text(row, column) { return this.written(this.value(row, column), column); }

  written(value, column) { return this.isThing(column) ? value[0] || value[1] : String(value); }

  // matcher tells of rows whether they hold a term, which has no spaces in it: what rows share is looked into once.
  matcher(term) {
    const tests = this.heads.map((_, i) => {
      const text = value => this.isThing(i) ? value[0] + " " + value[1] : String(value);
      return this.dictionaries[i] ? this.shared(i, term, text) : row => text(this.columns[i][row]).toLowerCase().includes(term);
    });
    return row => tests.some(test => test(row));
  }

  // shared is the test of a column with a dictionary.
  shared(column, term, text) {
    const hits = Uint8Array.from(this.dictionaries[column] ?? [], entry => text(entry).toLowerCase().includes(term) ? 1 : 0), cells = this.columns[column];
    return hits.includes(1) ? row => hits[cells[row]] === 1 : () => false;
  }

  // order gives each row its rank by a column.
  async order(column) {
    const cached = this.known.get(column);
    if (cached && cached.length === this.loaded) return cached;
    const values = this.dictionaries[column] ?? this.columns[column].slice(0, this.loaded);
    const places = await ranks(values.length, i => this.key(values[i], column));
    let ranked = places;
    if (this.dictionaries[column]) {
      ranked = new Uint32Array(this.loaded);
      for (let row = 0; row < ranked.length; row++) ranked[row] = places[this.columns[column][row]];
    }
    this.known.set(column, ranked);
    return ranked;
  }

  // key is what texts are compared by; numbers go by size, what is empty last.
  key(value, column) {
    const kind = this.heads[column].kind;
    if (kind === "tier") {
      const rank = ["critical", "high", "medium", "low", "info", "unrated"].indexOf(value);
      return String.fromCharCode(rank < 0 ? 99 : rank + 33);
    }
    if (value === "" || value === null) return "\uffff";
    if (kind === "number") return String(Math.round(value) + 1e15).padStart(17, "0");
    return this.written(value, column).toLowerCase();
  }
}
