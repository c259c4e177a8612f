// The sidebar of the built-in page, and tables that scroll only where they must.
(function () {
  "use strict";
  const phone = matchMedia("(max-width: 60rem)");
  const bar = document.querySelector(".barra");
  const nav = bar.querySelector(".indice");

  if (nav) {
    const drawer = nav.querySelector("details");
    const adapt = () => { drawer.open = !phone.matches; };
    phone.addEventListener("change", adapt);
    adapt();

    for (const item of nav.querySelectorAll("details > ul > li")) {
      const sections = item.querySelector("ul");
      if (!sections) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-expanded", "false");
      button.setAttribute("aria-label", "Sezioni: " + item.querySelector("a").textContent.trim());
      button.addEventListener("click", () => {
        button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
      });
      sections.before(button);
    }
    nav.addEventListener("click", (event) => {
      if (event.target.closest("a") && phone.matches) drawer.open = false;
    });

    const links = new Map();
    for (const link of nav.querySelectorAll("a[href^='#']")) {
      const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (section) links.set(section.querySelector("h2, h3, h4") || section, link);
    }
    const headings = [...links.keys()];
    let current = null;
    const mark = () => {
      let found = null;
      for (const heading of headings) {
        if (heading.getBoundingClientRect().top > innerHeight * 0.3) break;
        found = links.get(heading);
      }
      if (found === current) return;
      if (current) current.removeAttribute("aria-current");
      current = found;
      if (!found) return;
      found.setAttribute("aria-current", "true");
      const chapter = found.closest("details > ul > li");
      for (const button of nav.querySelectorAll("button")) {
        if (!phone.matches) button.setAttribute("aria-expanded", String(chapter.contains(button)));
      }
      const box = bar.getBoundingClientRect(), line = found.getBoundingClientRect();
      if (line.top < box.top + 40) bar.scrollTop -= box.top + 40 - line.top;
      if (line.bottom > box.bottom - 40) bar.scrollTop += line.bottom - box.bottom + 40;
    };
    const watch = new IntersectionObserver(mark, { rootMargin: "0px 0px -70% 0px" });
    headings.forEach((heading) => watch.observe(heading.parentElement));
    mark();
  }

  // A table that fits needs no stop of the Tab key and is no place of its own; on a phone one
  // that does not fit is laid out a row below the other, so that no digit is cut.
  const narrow = matchMedia("(max-width: 40rem)");

  function stack(table, on) {
    if (table.classList.contains("a-blocchi") === on) return;
    table.classList.toggle("a-blocchi", on);
    const role = (node, name) => (on ? node.setAttribute("role", name) : node.removeAttribute("role"));
    const heads = [...(table.tHead?.rows[0]?.cells || [])].map((cell) => cell.textContent.trim());
    role(table, "table");
    for (const row of table.rows) {
      role(row, "row");
      role(row.parentElement, "rowgroup");
      [...row.cells].forEach((cell, index) => {
        role(cell, cell.tagName === "TD" ? "cell" : row.parentElement.tagName === "THEAD" ? "columnheader" : "rowheader");
        if (cell.tagName === "TD") cell.dataset.titolo = heads[index] || "";
        cell.classList.toggle("vuota", cell.tagName === "TD" && !cell.textContent.trim());
      });
    }
  }

  function fit(region) {
    const table = region.querySelector("table");
    if (table) stack(table, false);
    const wide = () => region.scrollWidth > region.clientWidth + 1;
    if (table && narrow.matches && wide()) stack(table, true);
    const scrolls = wide();
    region.classList.toggle("largo", scrolls);
    if (scrolls) {
      region.setAttribute("tabindex", "0");
      region.setAttribute("role", "region");
    } else {
      region.removeAttribute("tabindex");
      region.removeAttribute("role");
    }
    edge(region);
  }

  // A shadow at the side where more of a table is.
  const edge = (region) => region.classList.toggle(
    "prosegue", region.scrollLeft + region.clientWidth < region.scrollWidth - 2);

  const widths = new WeakMap();
  const regions = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (widths.get(target) === target.clientWidth) continue;
      widths.set(target, target.clientWidth);
      fit(target);
    }
  });
  document.querySelectorAll(".scorre, div.tabella").forEach((region) => {
    region.addEventListener("scroll", () => edge(region), { passive: true });
    regions.observe(region);
  });
  // once more with the buttons of sort.js and the book's own letters
  const again = () => document.querySelectorAll(".scorre, div.tabella").forEach(fit);
  addEventListener("load", () => document.fonts.ready.then(again));

  // Cells that are copied can be pasted as numbers: without signs of euros and dots, with a
  // minus that programs know. Text around a table is copied as it stands.
  const NUMBER = /^([+\u2212-]?)\u2060?(?:€[\s\u00a0]?)?(\d{1,3}(?:\.\d{3})+|\d+)(,\d+)?(?:[\s\u00a0](%))?$/;

  function asNumber(cell) {
    const bare = cell.cloneNode(true);
    bare.querySelectorAll("sup").forEach((mark) => mark.remove());
    const text = bare.textContent.replace(/\u2060/g, "").replace(/\s+/g, " ").trim();
    const found = NUMBER.exec(text);
    if (!found) return text;
    const minus = found[1] === "\u2212" || found[1] === "-" ? "-" : "";
    return minus + found[2].replaceAll(".", "") + (found[3] || "") + (found[4] || "");
  }

  document.addEventListener("copy", (event) => {
    const chosen = getSelection();
    if (!chosen.rangeCount || !event.clipboardData) return;
    const range = chosen.getRangeAt(0), common = range.commonAncestorContainer;
    const table = (common.nodeType === Node.ELEMENT_NODE ? common : common.parentElement).closest(".scorre, div.tabella, table");
    if (!table) return;
    const rows = [...table.querySelectorAll("tr")]
      .map((row) => [...row.cells].filter((cell) => chosen.containsNode(cell, true)))
      .filter((cells) => cells.length);
    if (rows.length === 1 && rows[0].length === 1 && chosen.toString().trim() !== rows[0][0].textContent.trim()) return;
    const lines = rows.map((cells) => cells.map(asNumber));
    if (!lines.length) return;
    const made = document.createElement("table");
    for (const line of lines) {
      const row = made.insertRow();
      line.forEach((text) => { row.insertCell().textContent = text; });
    }
    event.clipboardData.setData("text/plain", lines.map((line) => line.join("\t")).join("\n"));
    event.clipboardData.setData("text/html", made.outerHTML);
    event.preventDefault();
  });

  // The buttons of a figure, and those of a table's headings, are one stop of the Tab key: the arrows go through them.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], group = step && event.target.closest(".porta-via, thead");
    const buttons = group ? [...group.querySelectorAll("button")] : [], at = buttons.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault();
    const next = buttons.at((at + step) % buttons.length);
    buttons[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
})();
