// Under each table and chart one quiet row: its numbers as CSV for people (semicolon, decimal
// comma, what they are, licence) and for programs, as a workbook, the drawing as PNG and SVG,
// its address, how to cite it. All is made here from what the page shows: no file is needed.
(function () {
  "use strict";
  const told = (name) => document.querySelector(`meta[name="${name}"]`)?.content || "";
  const book = {
    agency: told("author"), title: document.querySelector(".testata-titolo")?.textContent.trim() || document.title,
    date: told("dcterms.date"), licence: told("dcterms.license"),
  };
  const charts = JSON.parse(document.getElementById("annuario-grafici")?.textContent || "{}");
  const words = (node) => (node?.textContent || "").replace(/\s+/g, " ").trim();

  function element(name, properties, ...children) {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children);
    return node;
  }

  // Numbers -------------------------------------------------------------------------------

  const NUMBER = /^([+−-]?)\s?(€?)\s?(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?\s?(%|p\.p\.)?$/;

  // A printed number as a value with its unit; a text as it is; a missing value as none.
  function value(text) {
    if (/^[–—-]?$/.test(text)) return { text: "", missing: true };
    const match = NUMBER.exec(text);
    if (!match || /^0\d/.test(match[3])) return { text };
    const number = (match[1] && match[1] !== "+" ? "-" : "") + match[3].replaceAll(".", "") + (match[4] ? "." + match[4] : "");
    return { text, number, unit: match[2] || match[5] || "" };
  }

  // A table's heads and values; a column whose values are all of one unit tells it in its head.
  function grid(heads, rows) {
    const values = rows.map((row) => row.map((text) => value(text)));
    const named = heads.map((head, index) => {
      const numbers = values.map((row) => row[index]).filter((one) => one?.number !== undefined);
      const units = new Set(numbers.map((one) => one.unit));
      const [unit] = units;
      if (units.size > 1) numbers.filter((one) => one.unit).forEach((one) => delete one.number);
      return units.size === 1 && unit && !head.includes(unit) ? `${head} (${unit})`.trim() : head;
    });
    return { heads: named, values };
  }

  // A cell without its marks of notes.
  function cellText(cell) {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("sup, .footnote-ref, .nascosto").forEach((node) => node.remove());
    return words(copy);
  }

  // In the order in which the page was written, whatever it has been put in since.
  function ofTable(table) {
    const lines = (part) => [...table.querySelectorAll(`:scope > ${part} > tr`)].map((row) =>
      [...row.cells].flatMap((cell) => [cellText(cell), ...Array(cell.colSpan - 1).fill("")]));
    const [head = [], ...more] = lines("thead");
    return grid(head, [...more, ...lines("tbody"), ...lines("tfoot")]);
  }

  // Files ---------------------------------------------------------------------------------

  const quoted = (text, sign) => new RegExp(`["\\r\\n${sign}]`).test(text) ? `"${text.replaceAll('"', '""')}"` : text;

  function about(figure) {
    const notes = [];
    for (let next = figure.nextElementSibling; next; next = next.nextElementSibling) {
      if (next.matches(".dati-grafico, .porta-via")) continue;
      if (!next.matches(".note-tabella, .fonte, .fonti")) break;
      notes.push(words(next));
    }
    const caption = figure.querySelector("figcaption").cloneNode(true);
    caption.querySelectorAll(".al-testo, sup, .footnote-ref").forEach((node) => node.remove());
    return [
      ["Titolo", words(caption)], ["Fonte", [`${book.agency}, ${book.title}`, ...notes].join(". ")],
      ["Indirizzo", address(figure)], ["Licenza", book.licence],
    ].filter(([, text]) => text);
  }

  const address = (figure) => location.href.split("#")[0].replace(/^file:.*\//, "") + "#" + figure.id;

  function forPeople(figure, { heads, values }) {
    const cell = (one) => quoted(one.number === undefined ? one.text : one.number.replace(".", ","), ";");
    const lines = [...about(figure).map(([name, text]) => `${name};${quoted(text, ";")}`), "",
      heads.map((head) => quoted(head, ";")).join(";"), ...values.map((row) => row.map(cell).join(";"))];
    return lines.join("\r\n") + "\r\n";
  }

  function forPrograms({ heads, values }) {
    const cell = (one) => quoted(one.number ?? one.text, ",");
    return [heads.map((head) => quoted(head, ",")).join(","), ...values.map((row) => row.map(cell).join(","))].join("\n") + "\n";
  }

  const xml = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "");

  // A workbook of one sheet: numbers as numbers, all the rest as text.
  function workbook(figure, { heads, values }) {
    const text = (words) => `<c t="inlineStr"><is><t xml:space="preserve">${xml(words)}</t></is></c>`;
    const cell = (one) => one.missing ? "<c/>" : one.number === undefined ? text(one.text) : `<c><v>${one.number}</v></c>`;
    const rows = [...about(figure).map((line) => line.map(text).join("")), "", heads.map(text).join(""),
      ...values.map((row) => row.map(cell).join(""))].map((line) => `<row>${line}</row>`).join("");
    const open = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
    const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const links = (kind, target) => `${open}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}/${kind}" Target="${target}"/></Relationships>`;
    const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    return zip({
      "[Content_Types].xml": `${open}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
      "_rels/.rels": links("officeDocument", "xl/workbook.xml"),
      "xl/workbook.xml": `${open}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Dati" sheetId="1" r:id="r1"/></sheets></workbook>`,
      "xl/_rels/workbook.xml.rels": links("worksheet", "worksheets/sheet1.xml"),
      "xl/worksheets/sheet1.xml": `${open}<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`,
    });
  }

  const CHECKS = Uint32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
    return byte;
  });
  const check = (bytes) => ~bytes.reduce((sum, byte) => CHECKS[(sum ^ byte) & 255] ^ (sum >>> 8), ~0) >>> 0;

  // Files put together as they are, without compression.
  function zip(files) {
    const parts = [], list = [];
    let place = 0;
    const numbers = (...pairs) => {
      const view = new DataView(new ArrayBuffer(pairs.reduce((size, [, width]) => size + width, 0)));
      let at = 0;
      for (const [number, width] of pairs) {
        view[width === 4 ? "setUint32" : "setUint16"](at, number, true);
        at += width;
      }
      return new Uint8Array(view.buffer);
    };
    for (const [name, text] of Object.entries(files)) {
      const [label, content] = [name, text].map((one) => new TextEncoder().encode(one));
      const facts = [[20, 2], [0x800, 2], [0, 2], [0, 2], [33, 2], [check(content), 4], [content.length, 4], [content.length, 4], [label.length, 2], [0, 2]];
      parts.push(numbers([0x04034b50, 4], ...facts), label, content);
      list.push(numbers([0x02014b50, 4], [20, 2], ...facts, [0, 2], [0, 2], [0, 2], [0, 4], [place, 4]), label);
      place += 30 + label.length + content.length;
    }
    const size = list.reduce((sum, part) => sum + part.length, 0), count = list.length / 2;
    return new Blob([...parts, ...list, numbers([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [place, 4], [0, 2])],
      { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" });
  }

  function save(name, content, type) {
    const blob = content instanceof Blob ? content : new Blob([content], { type });
    const link = element("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // Drawings ------------------------------------------------------------------------------

  const DOTS = 3; // of a print at 300 an inch, for one of the drawing

  async function source(address) {
    if (!address.startsWith("data:")) return (await fetch(address)).text();
    const comma = address.indexOf(","), kind = address.slice(0, comma), content = address.slice(comma + 1);
    const bytes = kind.endsWith(";base64") ? Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0)) : null;
    return bytes ? new TextDecoder().decode(bytes) : decodeURIComponent(content);
  }

  // The faces of the page, which a drawing cannot see by itself.
  async function faces() {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => [rule, sheet.href || location.href]))
      .filter(([rule]) => rule instanceof CSSFontFaceRule);
    const own = rules.map(async ([rule, base]) => {
      const there = /url\("?([^")]+)"?\)/.exec(rule.cssText);
      if (!there || there[1].startsWith("data:")) return rule.cssText;
      const bytes = new Uint8Array(await (await fetch(new URL(there[1], base))).arrayBuffer());
      let text = "";
      for (const byte of bytes) text += String.fromCharCode(byte);
      return rule.cssText.replace(there[0], `url("data:font/woff;base64,${btoa(text)}")`);
    });
    return (await Promise.all(own)).join("\n");
  }

  async function png(svg) {
    const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
    style.textContent = `${await faces()}\ntext { font-family: ${getComputedStyle(document.body).fontFamily}; }`;
    root.prepend(style);
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(root));
    await image.decode();
    const canvas = element("canvas", { width: image.naturalWidth * DOTS, height: image.naturalHeight * DOTS });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  // The row -------------------------------------------------------------------------------

  function row(figure) {
    const chart = charts[figure.id], image = figure.querySelector("img"), table = figure.querySelector("table");
    const drawing = image && /^data:image\/svg|\.svg$/.test(image.getAttribute("src")) ? image.src : "";
    const printed = table ? ofTable(table) : chart?.righe && grid(chart.colonne, chart.righe.map((line) => line.map((text) => String(text ?? "–"))));
    const name = words(figure.querySelector(".etichetta")).replace(/:$/, "");
    const file = figure.id.replace(/^(fig|tbl)-/, "");
    const answer = element("output", {});
    const node = element("div", { className: "porta-via" });
    node.setAttribute("role", "toolbar"); // one stop of the Tab key (page.js)
    node.setAttribute("aria-label", name);
    const add = (text, full, act) => {
      const button = element("button", { type: "button", title: full, tabIndex: node.childElementCount ? -1 : 0 }, text);
      button.setAttribute("aria-label", `${full} – ${name}`);
      button.addEventListener("click", act);
      node.append(button);
    };
    const copied = async (text) => {
      answer.textContent = text;
      try { await navigator.clipboard.writeText(text); } catch { /* it can be copied by hand */ }
    };
    if (printed) {
      add("CSV", "Dati in CSV, per fogli di calcolo", () => save(file + ".csv", "\ufeff" + forPeople(figure, printed), "text/csv;charset=utf-8"));
      add("CSV per programmi", "Dati in CSV, per programmi", () => save(file + "-dati.csv", chart?.csv || forPrograms(printed), "text/csv;charset=utf-8"));
      add("Excel", "Dati in Excel", () => save(file + ".xlsx", workbook(figure, printed)));
    }
    if (drawing) {
      add("PNG", "Immagine PNG, per la stampa", async () => save(file + ".png", await png(await source(drawing))));
      add("SVG", "Immagine SVG", async () => save(file + ".svg", await source(drawing), "image/svg+xml"));
    }
    add("Link", "Indirizzo", () => copied(location.href.split("#")[0] + "#" + figure.id));
    add("Cita", "Come citare", () => copied(`${book.agency}, ${book.title}, ${about(figure)[0][1]} (${address(figure)})`));
    const back = figure.querySelector(".al-testo");
    if (back) {
      back.tabIndex = -1; // beside the caption for the pointer, here for the keyboard
      add("Testo", "Al testo", () => { location.hash = back.hash; });
    }
    node.append(answer);
    let last = figure;
    while (last.nextElementSibling?.matches(".note-tabella, .dati-grafico, .fonte, .fonti")) last = last.nextElementSibling;
    last.after(node);
  }

  document.querySelectorAll("main figure[id^='tbl-'], main figure[id^='fig-']").forEach((figure) => {
    if (figure.querySelector("figcaption")) row(figure);
  });
})();
