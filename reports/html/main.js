// sha256 of a text, in hex. (The browser's own is missing from pages that came over http.)
function sha256(text) {
  const bytes = new TextEncoder().encode(text), n = ((bytes.length + 8 >> 6) + 1) * 64, data = new DataView(new ArrayBuffer(n));
  bytes.forEach((byte, i) => data.setUint8(i, byte));
  data.setUint8(bytes.length, 0x80);
  data.setUint32(n - 4, bytes.length * 8);
  data.setUint32(n - 8, Math.floor(bytes.length / 0x20000000));
  const primes = [];
  for (let p = 2; primes.length < 64; p++) if (primes.every(q => p % q)) primes.push(p);
  const fraction = x => (x - Math.floor(x)) * 0x100000000 | 0;
  const k = primes.map(p => fraction(Math.cbrt(p))), h = primes.slice(0, 8).map(p => fraction(Math.sqrt(p))), w = new Int32Array(64);
  const turn = (x, by) => x >>> by | x << 32 - by;
  for (let at = 0; at < n; at += 64) {
    for (let i = 0; i < 64; i++) {
      w[i] = i < 16 ? data.getInt32(at + i * 4)
        : w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >>> 3) + w[i - 7] + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >>> 10);
    }
    let [a, b, c, d, e, f, g, last] = h;
    for (let i = 0; i < 64; i++) {
      const one = last + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + k[i] + w[i] | 0;
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      [a, b, c, d, e, f, g, last] = [one + two | 0, a, b, c, d + one | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, last].forEach((x, i) => { h[i] = h[i] + x | 0; });
  }
  return h.map(x => (x >>> 0).toString(16).padStart(8, "0")).join("");
}

const controls = new Map([...document.querySelectorAll("[data-control]")].map(element => [element.dataset.control, element]));

// read takes the rows of a table out of the page, block by block; a few are unpacked ahead.
async function read(table, after) {
  const elements = document.querySelectorAll(`script.rows[data-table="${table.id}"]`), ahead = [];
  const next = i => { if (i < elements.length) { ahead[i] = unpack(elements[i]); ahead[i].catch(() => {}); } };
  for (let i = 0; i < 4; i++) next(i);
  for (let i = 0; i < elements.length; i++) {
    try {
      table.take(await ahead[i]);
    } catch (error) {
      table.damage = String(error.message ?? error).slice(0, 100);
      break;
    }
    ahead[i] = undefined;
    next(i + 4);
    await after();
  }
  if (table.loaded !== table.rows && !table.damage) table.damage = "rows are missing";
}

async function start() {
  document.documentElement.classList.add("scripted");
  const views = [];
  for (const meta of head.tables) {
    if (meta.rows === 0) continue;
    const table = meta.id === "findings" ? new FindingTable(meta) : new Table(meta);
    views.push(meta.id === "findings" ? new FindingView(table) : new View(table));
  }
  let printing = false;
  addEventListener("beforeprint", () => { if (!printing) { printing = true; views.forEach(view => view.print(true)); } });
  addEventListener("afterprint", () => { printing = false; views.forEach(view => view.print(false)); });
  let damaged = false;
  for (const view of views) {
    let told = 0;
    if (damaged) { // its rows refer to what could not be read
      view.table.damage = "what comes before it is damaged";
      view.giveUp();
      continue;
    }
    await read(view.table, async () => {
      if (performance.now() - told > 200) { told = performance.now(); view.tell(0, 0); await pause(); }
    });
    damaged = view.table.damage !== "";
    if (view.table.loaded === 0) view.giveUp();
    else await view.filter();
    if (view.offer && view.table.loaded > 0) {
      view.offer();
      offerControls(view);
    }
    if (view.offer) document.documentElement.dataset.ready = "findings";
    await pause();
  }
  document.documentElement.dataset.ready = "all";
}

// offerControls leads from a control to its findings.
function offerControls(view) {
  for (const [id, element] of controls) {
    if (!element.querySelector(".counts .fail, .counts .unknown, .counts .manual")) continue;
    element.querySelector("dl").before(make("p", {}, make("button", {type: "button", onclick: () => view.only(id)}, "Show its findings")));
  }
}

start().catch(error => {
  const text = `This page could not read its data: ${error.message}. What it shows without it is true, and not everything.`;
  document.getElementById("findings-title").after(make("p", {class: "gaps", role: "alert"}, text));
  throw error;
});
