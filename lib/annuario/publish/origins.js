// Where a number of the text or of a table comes from: a click, a tap or the keyboard on it shows exact value, unit,
// year, definition, document and lines, correction. One number is a tab stop; the arrows go from one to the next,
// up and down in a table along its column.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("annuario-origini").textContent);
  const rows = data.righe.map((row) => row.map((text) => data.testi[text]));
  const keys = Object.entries(data.frasi);
  // Tables, with the cells that have something to tell, as they stand before anything is put in order.
  const tables = new Map(), lines = (table) => [...table.tBodies].flatMap((body) => [...body.rows]);
  for (const [label, cells] of Object.entries(data.tavole)) {
    const table = document.getElementById(label)?.querySelector("table");
    if (!table) continue;
    const own = lines(table);
    tables.set(table, cells.map(([row, column, ...on]) => [own[row]?.cells[column], on]).filter(([cell]) => cell));
  }
  const SHOWN = 8, SKIPPED = "sup, a, button, .footnote-ref, .porta-via, math";
  const NUMBER = /[€+−]?\s?\d+(?:[.,]\d+)*(?:\s?%)?/g;
  // A year, and the day of a month, are no figures.
  const YEAR = /^(?:19|20)\d\d$/, MONTH = /^°?\s(?:gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre)/;
  const style = document.createElement("style");
  style.textContent = `
    .cifra { cursor: pointer; text-decoration: underline dotted 1px; text-decoration-color: var(--tenue); text-underline-offset: 0.2em; border-radius: 2px; }
    td .cifra { text-decoration-color: transparent; } td:has(.cifra) { cursor: pointer; }
    td:hover .cifra { text-decoration-color: var(--tenue); }
    .cifra:hover, .cifra:focus-visible, .cifra[aria-expanded="true"] { text-decoration-style: solid; text-decoration-color: var(--accento); background: var(--velo); }
    .origine { position: absolute; z-index: 30; box-sizing: border-box; width: min(26rem, calc(100vw - 1.5rem)); max-height: min(24rem, 70vh); overflow: auto;
      padding: 0.75rem 2.5rem 0.75rem 1rem; border: 1px solid var(--tenue); border-radius: 4px; background: var(--fondo); color: var(--inchiostro);
      font-size: 0.875rem; line-height: 1.4; text-align: left; box-shadow: 0 4px 16px rgb(0 0 0 / 0.25); }
    .origine ul { margin: 0.4rem 0 0; padding: 0; list-style: none; }
    .origine li { margin: 0; padding: 0.4rem 0; border-top: 1px solid var(--linea); }
    .origine p { margin: 0; } .origine small { display: block; color: var(--tenue); font-size: inherit; }
    .origine button { position: absolute; top: 0.25rem; right: 0.25rem; width: 2rem; height: 2rem; border: 0; background: none; color: inherit; font: inherit; font-size: 1.25rem; cursor: pointer; }
    @media (max-width: 40rem) { .origine { position: fixed; left: 0.75rem !important; top: auto !important; bottom: 0.75rem; } }
    @media print { .cifra { text-decoration: none; } .origine { display: none; } }`;
  document.head.append(style);

  const blocks = [...document.querySelectorAll("main p, main li, main table")].filter((node) => node.matches("table") ? tables.has(node) : !node.closest(".fonti, .note-tabella, nav, .indice-indicatori, .citare") && !(node.matches("li") && node.querySelector("p")));
  const ready = new Set();

  function marked(text, own) {
    const mark = document.createElement("span");
    mark.className = "cifra";
    mark.tabIndex = -1;
    mark.setAttribute("role", "button");
    mark.setAttribute("aria-expanded", "false");
    mark.rows = own;
    text.replaceWith(mark);
    mark.append(text);
  }

  // The number of a cell, without the marks of its notes.
  function prepareCell(cell, own) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      if (/\d/.test(node.data) && !node.parentElement.closest(SKIPPED)) return marked(node, own);
    }
  }

  // The numbers of a block are marked when it comes near, or when the keyboard gets there.
  function prepare(block) {
    if (ready.has(block)) return;
    ready.add(block);
    if (tables.has(block)) for (const cell of tables.get(block)) prepareCell(...cell);
    else prepareText(block);
    if (!document.querySelector(".cifra[tabindex='0']")) first();
  }

  function prepareText(block) {
    let plain = "";
    const spots = []; // of each letter or digit its text and place
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      if (node.parentElement.closest("sup, .footnote-ref") || (block.matches("li") && node.parentElement.closest("li") !== block)) continue;
      for (let at = 0; at < node.data.length; at++) {
        if (!/[\p{L}\p{N}]/u.test(node.data[at])) continue;
        plain += node.data[at].toLowerCase();
        spots.push([node, at]);
      }
    }
    const found = keys.map(([key, own]) => [plain.indexOf(key), own]).filter(([place]) => place >= 0).sort((one, two) => one[0] - two[0]);
    if (!found.length) return;
    const before = new Map(); // of each text the places of its letters among all
    spots.forEach(([node, at], place) => before.has(node) || before.set(node, [place, at]));
    for (const [node] of before) {
      if (node.parentElement.closest(SKIPPED)) continue;
      const parts = [...node.data.matchAll(NUMBER)].reverse();
      for (const part of parts) {
        const digit = part.index + part[0].search(/\d/);
        const place = spots.findIndex(([other, at]) => other === node && at === digit);
        const sentence = found.filter(([start]) => start <= place).pop();
        if (!sentence || YEAR.test(part[0].trim()) || MONTH.test(node.data.slice(part.index + part[0].length))) continue;
        const lead = part[0].length - part[0].trimStart().length;
        const range = node.splitText(part.index + lead);
        range.splitText(part[0].length - lead);
        marked(range, sentence[1]);
      }
    }
  }

  function first() {
    const mark = document.querySelector(".cifra");
    if (mark) mark.tabIndex = 0;
  }

  let box = null, open = null;
  function close(back) {
    if (!box) return;
    box.remove();
    open.setAttribute("aria-expanded", "false");
    if (back) open.focus();
    box = open = null;
  }

  const italian = (value) => { const [whole, part] = value.replace("-", "−").split("."); return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ".") + (part ? "," + part : ""); };
  const amount = (text) => Number(text.replace(/[^\d,]/g, "").replace(",", "."));

  function show(mark, keyboard) {
    const again = open === mark;
    close();
    if (again) return;
    const own = mark.rows.map((number) => rows[number]);
    const same = own.filter(([, , value]) => value && Math.abs(Number(value)) === amount(mark.textContent));
    const told = [...same, ...own.filter((row) => !same.includes(row)).sort((one, two) => two[1] - one[1])];
    open = mark;
    box = document.createElement("div");
    box.className = "origine";
    box.tabIndex = -1;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "Da dove viene " + mark.textContent.trim());
    const add = (parent, name, text) => { const node = document.createElement(name); node.textContent = text; parent.append(node); return node; };
    add(box, "p", same.length ? "Da dove viene il numero" : `I dati su cui poggia ${mark.closest("table") ? "il numero" : "la frase"}`);
    const list = add(box, "ul", "");
    for (const [name, year, value, unit, definition, where, correction] of told.slice(0, SHOWN)) {
      const item = add(list, "li", "");
      if (value) add(item, "b", italian(value) + (unit && unit !== "numero" ? "\u00a0" + unit.replace(/^EUR/, "euro") : ""));
      item.append(` ${name}${year ? ", " + year : ""}`);
      for (const text of [definition, where, correction]) if (text) add(item, "small", text);
    }
    if (told.length > SHOWN) add(box, "p", `e altri dati: ${told.length - SHOWN}`);
    const button = add(box, "button", "×");
    button.type = "button";
    button.setAttribute("aria-label", "Chiudi");
    button.addEventListener("click", () => close(true));
    document.querySelector("main").append(box);
    mark.setAttribute("aria-expanded", "true");
    const place = mark.getBoundingClientRect(), frame = box.offsetParent?.getBoundingClientRect() || { left: 0, top: 0 };
    const shift = box.offsetParent === document.body || !box.offsetParent ? [scrollX, scrollY] : [0, 0];
    const left = Math.max(12, Math.min(place.left, document.documentElement.clientWidth - box.offsetWidth - 12));
    const base = shift[0] || shift[1] || !box.offsetParent || box.offsetParent === document.body ? { left: 0, top: 0 } : frame;
    box.style.left = left - base.left + shift[0] + "px";
    box.style.top = place.bottom + 6 - base.top + shift[1] + "px";
    if (keyboard) box.focus();
  }

  document.addEventListener("click", (event) => {
    const mark = event.target.closest?.(".cifra") ?? (getSelection().isCollapsed && event.target.closest?.("td")?.querySelector(".cifra"));
    if (mark) show(mark, false);
    else if (box && !box.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box) { event.preventDefault(); close(true); return; }
    const mark = event.target.closest?.(".cifra");
    if (!mark) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(mark, true); return; }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const block = mark.closest("li, p, table"), here = blocks.indexOf(block);
    for (let place = here + step; place >= 0 && place < blocks.length; place += step) {
      prepare(blocks[place]);
      if (blocks[place].querySelector(".cifra")) break;
    }
    const all = [...document.querySelectorAll(".cifra")];
    let next = all[all.indexOf(mark) + step];
    if (tables.has(block) && /Up|Down/.test(event.key)) {
      const column = mark.closest("td, th").cellIndex, own = all.filter((each) => block.contains(each));
      const same = lines(block).map((row) => row.cells[column]?.querySelector(".cifra")).filter(Boolean);
      next = same[same.indexOf(mark) + step] ?? all[all.indexOf(own.at(step > 0 ? -1 : 0)) + step];
    }
    if (!next) return;
    close();
    for (const stop of document.querySelectorAll(".cifra[tabindex='0']")) stop.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { near.unobserve(entry.target); prepare(entry.target); }
  }, { rootMargin: "400px" });
  blocks.forEach((block) => near.observe(block));
})();
