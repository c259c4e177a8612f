// Search in the whole text of the page. The first search reads the text once: paragraphs,
// rows of tables, captions, the words and the data of charts, each with its chapter and
// section. Accents and capitals do not matter; a number is found as it is printed, with or
// without its dots, and by its millions or thousands. The words as they were typed come before
// parts of words; a word that the book does not have is told the nearest that it has.
(function () {
  "use strict";
  const bar = document.querySelector(".barra");
  const main = document.getElementById("contenuto");
  if (!bar || !main) return;

  const FEW = 5; // results of a chapter shown at once
  const BLOCKS = "h2, h3, h4, h5, p, li, tr, figcaption, dt, dd, summary, pre, div";
  const LEFT_OUT = ".elenco, .frasi, .vicini, .al-testo, .dati-grafico, .porta-via, .annuario-grafico, .header-section-number, script, style";

  function element(name, properties, ...children) {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children);
    return node;
  }

  // The text in small letters without accents, as long as it was: places stay the same.
  const LIKE = { "’": "'", "‘": "'", "−": "-", "–": "-", "\u2060": " " };
  const plain = (letter) => LIKE[letter] || (/\s/.test(letter) ? " " : letter.normalize("NFD")[0]);
  const fold = (text) => text.replace(/[^\x20-\x7e]/g, plain).toLowerCase();

  // Units ---------------------------------------------------------------------------------

  let units = null;

  function read() {
    const found = [], byBlock = new Map();
    let chapter = "Frontespizio", section = "", place = main.firstElementChild;
    const add = (unit) => found.push({ chapter, section, place, context: "", parts: [], ...unit, folded: fold(unit.text) });
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
      if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
      return node.matches(LEFT_OUT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
    });
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (/^H[2-5]$/.test(node.tagName)) {
          const title = node.textContent.replace(/\s+/g, " ").trim();
          if (node.tagName === "H2") [chapter, section] = [title, ""];
          else section = title;
          place = node;
        }
        continue;
      }
      if (!node.data.trim()) continue;
      const block = node.parentElement.closest(BLOCKS);
      const cell = node.parentElement.closest("td, th");
      let unit = byBlock.get(block);
      if (!unit) {
        const figure = block.matches("tr") && block.closest("figure");
        unit = { block, text: "", parts: [], chapter, section, place, context: figure ? heading(figure, block) : "",
          caption: figure ? caption(figure) : "" };
        byBlock.set(block, unit);
        found.push(unit);
      } else if (cell !== unit.cell) {
        unit.text += " · ";
      }
      unit.cell = cell;
      unit.parts.push({ node, start: unit.text.length });
      unit.text += node.data;
      if (block.matches("figcaption")) charts(block.parentElement, add);
    }
    for (const unit of found) unit.folded = fold(unit.text);
    return found;
  }

  // The caption of a table without its number, which says measure and unit.
  function caption(figure) {
    const text = figure.querySelector("figcaption")?.cloneNode(true);
    text?.querySelectorAll(".etichetta, .al-testo, sup").forEach((part) => part.remove());
    return text ? text.textContent.replace(/\s+/g, " ").trim() : "";
  }

  // What a row of a table is about: the caption and the names of the columns.
  function heading(figure, row) {
    const names = row.parentElement.tagName === "THEAD" ? "" : figure.querySelector("thead")?.textContent;
    return fold(`${figure.querySelector("figcaption")?.textContent || ""} ${names || ""}`);
  }

  // The words of a chart, and its data where the page draws it.
  let data;
  function charts(figure, add) {
    data ??= JSON.parse(document.getElementById("annuario-grafici")?.textContent || "{}");
    const chart = data[figure.id], image = figure.querySelector("img");
    if (!chart && !image) return;
    delete data[figure.id];
    const name = figure.querySelector("figcaption").textContent;
    add({ block: figure, text: chart ? chart.alt : image.alt });
    const table = figure.nextElementSibling;
    if (!chart || !table?.matches(".dati-grafico")) return;
    const context = fold(`${name} ${chart.colonne.join(" ")}`);
    chart.righe.forEach((row, index) => add({ block: table, row: index, text: row.join(" · "), context }));
  }

  // Words ---------------------------------------------------------------------------------

  function pattern(word) {
    const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const number = /^(\d[\d.]*)((?:,\d*)?)$/.exec(word);
    if (!number) return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}`, "gu");
    const digits = [...number[1].replaceAll(".", "")].join("\\.?");
    return new RegExp(`(?<![\\d]|\\d[.,])${digits}(?!\\.?\\d)${number[2]}`, "gu");
  }

  function places(text, patterns) {
    const found = patterns.flatMap((each) => [...text.matchAll(each)].map((hit) => [hit.index, hit.index + hit[0].length]));
    found.sort((a, b) => a[0] - b[0]);
    return found.filter(([start], index) => index === 0 || start >= found[index - 1][1]);
  }

  const holds = (each, text) => text.search(each) >= 0;

  // «7 milioni» is said of 7.002.049,31, «16,4 milioni» of 16.384.627,28: amounts that round to it.
  const SIZES = { milioni: 6, milione: 6, mila: 3, migliaia: 3, miliardi: 9, miliardo: 9 };

  function amount(number, size) {
    const [whole, decimals = ""] = number.replaceAll(".", "").split(",");
    const rest = SIZES[size] - decimals.length - 1; // digits after the one that decides
    if (!/^\d+$/.test(whole) || !/^\d*$/.test(decimals) || rest < 0 || whole.length > 6) return null;
    const starts = Array.from({ length: 10 }, (_, index) => Number(whole + decimals) * 10 + index - 5).filter((each) => each > 0);
    const digits = starts.map((each) => [...String(each)].join("\\.?")).join("|");
    const said = number.replaceAll(".", "\\.");
    return new RegExp(`(?<![\\d]|\\d[.,])(?:${digits})${"\\.?\\d".repeat(rest)}(?!\\.?\\d)|(?<![\\p{L}\\p{N}.,])${said} ${size}`, "gu");
  }

  function asked(words) {
    const parts = fold(words).split(" ").filter(Boolean), patterns = [];
    for (let at = 0; at < parts.length; at += 1) {
      const made = /^\d/.test(parts[at]) && SIZES[parts[at + 1]] && amount(parts[at], parts[at + 1]);
      patterns.push(made || pattern(parts[at]));
      if (made) at += 1;
    }
    return { parts, patterns };
  }

  // How well a unit answers: the whole phrase, then whole words, then words that begin so.
  function score(unit, parts) {
    const text = ` ${unit.folded.replace(/[^\p{L}\p{N}]+/gu, " ")} `;
    const wanted = parts.map((part) => part.replace(/[^\p{L}\p{N}]+/gu, " ").trim());
    if (wanted.length > 1 && text.includes(` ${wanted.join(" ")} `)) return 2;
    return wanted.every((part) => text.includes(` ${part} `)) ? 1 : 0;
  }

  function search(words) {
    const { parts, patterns } = asked(words);
    const found = units.filter((unit) =>
      patterns.some((each) => holds(each, unit.folded)) &&
      patterns.every((each) => holds(each, unit.folded) || holds(each, unit.context)));
    const scores = new Map(found.map((unit) => [unit, score(unit, parts)]));
    const best = new Map();
    for (const unit of found) best.set(unit.chapter, Math.max(best.get(unit.chapter) ?? 0, scores.get(unit)));
    found.sort((a, b) => best.get(b.chapter) - best.get(a.chapter) || scores.get(b) - scores.get(a)); // else in the book's order
    return { patterns, found: grouped(found) };
  }

  // Units of one chapter together, chapters in the order of their first.
  function grouped(found) {
    const chapters = new Map();
    for (const unit of found) chapters.set(unit.chapter, [...(chapters.get(unit.chapter) || []), unit]);
    return [...chapters.values()].flat();
  }

  // The words asked for, with the nearest of the book in the place of those that it does not have.
  let vocabulary = null;
  function suggestion(words) {
    if (!vocabulary) {
      vocabulary = new Map();
      for (const unit of units) {
        for (const word of unit.folded.match(/\p{L}{4,}/gu) || []) vocabulary.set(word, (vocabulary.get(word) || 0) + 1);
      }
    }
    let changed = false;
    const said = fold(words).split(" ").filter(Boolean).map((word) => {
      if (word.length < 4 || !/^\p{L}+$/u.test(word) || [...vocabulary.keys()].some((known) => known.startsWith(word))) return word;
      let nearest = word, least = word.length > 7 ? 3 : 2, times = 0;
      for (const [known, count] of vocabulary) {
        const far = distance(word, known, least);
        if (far < least || (far === least && nearest !== word && count > times)) [nearest, least, times] = [known, far, count];
      }
      changed ||= nearest !== word;
      return nearest;
    });
    return changed ? said.join(" ") : "";
  }

  // How many letters to change, add, leave out or exchange; from `most` on it does not matter.
  function distance(a, b, most) {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let older = [], before = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i += 1) {
      const row = [i];
      for (let j = 1; j <= b.length; j += 1) {
        row[j] = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], older[j - 2] + 1);
      }
      if (Math.min(...row) > most) return most + 1;
      [older, before] = [before, row];
    }
    return before[b.length];
  }

  // Results -------------------------------------------------------------------------------

  const field = element("input", {
    type: "search", id: "cerca", placeholder: "Cerca nel libro", autocomplete: "off", spellcheck: false, enterKeyHint: "search",
  });
  field.setAttribute("aria-controls", "trovati");
  field.setAttribute("aria-keyshortcuts", "/");
  const count = element("p", { className: "quanti" });
  count.setAttribute("role", "status");
  const list = element("ul", { id: "trovati" });
  const panel = element("div", { className: "trovati", hidden: true }, list);
  const label = element("label", { className: "nascosto", htmlFor: "cerca" }, "Cerca nel libro");
  const form = element("form", { className: "cerca" }, label, field, count, panel);
  form.setAttribute("role", "search");
  bar.prepend(form);
  bar.prepend(...bar.querySelectorAll(".testatina"));

  function snippet(unit, patterns) {
    const hits = places(unit.folded, patterns), from = Math.max(0, hits[0][0] - 40), to = hits[0][0] + 110;
    const parts = [from > 0 ? "…" : ""];
    let at = from;
    for (const [start, end] of hits.filter(([start]) => start < to)) {
      parts.push(unit.text.slice(at, start), element("mark", {}, unit.text.slice(start, end)));
      at = end;
    }
    return [...parts, unit.text.slice(at, Math.max(at, to)), unit.text.length > to ? "…" : ""];
  }

  // The column of a hit in a row of a table, as it is headed.
  function column(unit, patterns) {
    if (!unit.block.matches?.("tbody tr")) return "";
    const heads = unit.block.closest("table").tHead?.rows[0]?.cells || [];
    const cells = [...unit.block.cells];
    const place = cells.findIndex((cell, index) => index > 0 && patterns.some((each) => holds(each, fold(cell.textContent))));
    return place > 0 && cells.length === heads.length ? heads[place].textContent.trim() : "";
  }

  function result(unit, patterns) {
    const about = column(unit, patterns);
    const place = unit.row === undefined ? unit.section : `${unit.section} – dati del grafico`;
    const where = [place, unit.caption, about].filter(Boolean).join(" – ");
    const link = element("a", { href: unit.href || "#" + (unit.place.closest("[id]")?.id || "contenuto") },
      element("span", { className: "dove" }, where), ...snippet(unit, patterns));
    if (!unit.href) link.addEventListener("click", (event) => {
      event.preventDefault();
      show(unit, patterns);
    });
    return element("li", {}, link);
  }

  function group(chapter, found, patterns) {
    const items = element("ul", {}, ...found.slice(0, FEW).map((unit) => result(unit, patterns)));
    const node = element("li", {}, element("span", { className: "capitolo" }, `${chapter} (${found.length})`), items);
    const more = found.length - FEW;
    if (more > 0) {
      const button = element("button", { type: "button" }, more === 1 ? "Mostra un altro risultato" : `Mostra altri ${more} risultati`);
      button.addEventListener("click", () => {
        items.append(...found.slice(FEW).map((unit) => result(unit, patterns)));
        items.children[FEW].querySelector("a").focus();
        button.remove();
      });
      node.append(button);
    }
    return node;
  }

  // The texts of other pages, where the book has several (site.js).
  function elsewhere(more) {
    units.push(...more.map((unit) => ({ ...unit, folded: fold(unit.text), context: fold(unit.context) })));
    run();
  }

  function run() {
    const words = field.value.trim();
    bar.classList.toggle("cercando", words.length > 1);
    panel.hidden = words.length < 2;
    if (panel.hidden) {
      count.textContent = "";
      return;
    }
    if (!units) {
      units = read();
      document.dispatchEvent(new CustomEvent("annuario-cerca", { detail: elsewhere }));
    }
    const { patterns, found } = search(words);
    const chapters = new Map();
    for (const unit of found) chapters.set(unit.chapter, [...(chapters.get(unit.chapter) || []), unit]);
    list.replaceChildren(...[...chapters].map(([chapter, own]) => group(chapter, own, patterns)));
    const many = found.length === 1 ? "1 risultato" : `${found.length.toLocaleString("it", { useGrouping: "always" })} risultati`;
    count.textContent = found.length
      ? `${many} in ${chapters.size === 1 ? "un capitolo" : chapters.size + " capitoli"}` : "Nessun risultato";
    const instead = found.length ? "" : suggestion(words);
    if (instead) {
      const button = element("button", { type: "button", className: "forse" }, instead);
      button.addEventListener("click", () => {
        field.value = instead;
        run();
        field.focus();
      });
      count.append(". Forse cercavi ", button, "?");
    }
  }

  // Showing a place -----------------------------------------------------------------------

  function ranges(unit, patterns) {
    return places(unit.folded, patterns).flatMap(([start, end]) => unit.parts.flatMap((part) => {
      const from = Math.max(start - part.start, 0), to = Math.min(end - part.start, part.node.length);
      if (from >= to) return [];
      const range = new Range();
      range.setStart(part.node, from);
      range.setEnd(part.node, to);
      return [range];
    }));
  }

  async function show(unit, patterns) {
    let target = unit.block;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    if (unit.row !== undefined) {
      // the chart's table is made when its part is first opened
      if (!target.querySelector("tbody")) await new Promise((ready) => target.addEventListener("toggle", () => setTimeout(ready), { once: true }));
      target = target.querySelectorAll("tbody tr")[unit.row];
    }
    unmark();
    const marked = ranges(unit, patterns);
    if (marked.length && window.Highlight) CSS.highlights.set("trovato", new Highlight(...marked));
    else target.classList.add("trovato");
    if (matchMedia("(max-width: 60rem)").matches) close();
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  }

  function unmark() {
    if (window.Highlight) CSS.highlights.delete("trovato");
    document.querySelectorAll(".trovato").forEach((node) => node.classList.remove("trovato"));
  }

  function close() {
    panel.hidden = true;
    bar.classList.remove("cercando");
    count.textContent = "";
  }

  // Keys ----------------------------------------------------------------------------------

  let waiting = 0, before = null;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(run, 150);
  });
  field.addEventListener("focus", () => {
    if (field.value) run();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    run();
    list.querySelector("a")?.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    field.value = "";
    unmark();
    close();
    (before?.isConnected ? before : document.body).focus?.();
    field.blur();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    event.preventDefault();
    before = document.activeElement;
    field.focus();
    field.select();
  });
})();
