// Tables that can be put in order by a column: a button in each heading that helps, together one
// stop of the Tab key (page.js). Total rows stay at the foot; the third press gives the printed order
// back. Tables with groups of rows, and columns of unlike things, stay as they are. Without this
// script all do.
(function () {
  "use strict";
  const LEAST = 4; // rows
  const LONGEST = 60; // characters of a text that is worth ordering by
  const NUMBER = /^([+−-]?)(€?) ?(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))? ?(%|p\.p\.)?$/;
  const DATE = /^(\d\d)\/(\d\d)\/(\d{4})$/;
  const order = new Intl.Collator("it", { numeric: true, sensitivity: "base" }).compare;

  function read(cell) {
    const bare = cell.cloneNode(true);
    bare.querySelectorAll("sup").forEach((mark) => mark.remove());
    const text = bare.textContent.replace(/\u2060/g, "").replace(/\s+/g, " ").trim();
    if (text === "" || text === "–") return { kind: "missing" };
    const date = DATE.exec(text);
    if (date) return { kind: "date", value: Number(date[3] + date[2] + date[1]) };
    const found = NUMBER.exec(text);
    if (!found) return { kind: "text", value: text };
    const size = Number(found[3].replaceAll(".", "") + "." + (found[4] || "0"));
    return { kind: "number" + found[2] + (found[5] || ""), value: found[1] === "−" || found[1] === "-" ? -size : size };
  }

  const strong = (row) => Boolean(row.cells[0].querySelector(":scope > strong:first-child"));

  // The rows that can change place, or none where the table must stay as it is.
  function movable(table) {
    const rows = table.tBodies.length === 1 ? [...table.tBodies[0].rows] : [];
    const foot = rows.findIndex(strong);
    const free = foot < 0 ? rows : rows.slice(0, foot);
    const plain = table.tHead && table.tHead.rows.length === 1 && !table.querySelector("[colspan], [rowspan]");
    const grouped = rows.slice(free.length).some((row) => !strong(row) || [...row.cells].slice(1).every((cell) => !cell.textContent.trim()));
    return plain && !grouped && free.length >= LEAST ? free : [];
  }

  function prepare(table) {
    const rows = movable(table);
    if (!rows.length) return;
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.map((_, index) => {
      const values = rows.map((row) => read(row.cells[index]));
      const known = values.filter((each) => each.kind !== "missing");
      const kinds = new Set(known.map((each) => each.kind));
      const short = known.every((each) => each.kind !== "text" || each.value.length <= LONGEST);
      const unlike = new Set(known.map((each) => each.value)).size > 1;
      return { values, kind: kinds.size === 1 ? [...kinds][0] : "mixed", helps: kinds.size === 1 && short && unlike };
    });
    const measured = columns.slice(1).filter((column) => column.kind !== "text");
    if (measured.length && !measured.some((column) => column.helps)) return; // a list of unlike indicators
    const body = table.tBodies[0], foot = [...body.rows].slice(rows.length);
    let by = -1, direction = 0;

    function press(index) {
      direction = index !== by || direction === 0 ? 1 : direction === 1 ? -1 : 0;
      by = index;
      const { values } = columns[index];
      const places = rows.map((_, place) => place);
      if (direction) {
        places.sort((a, b) => {
          const [x, y] = [values[a], values[b]];
          if (x.kind === "missing" || y.kind === "missing") return (x.kind === "missing") - (y.kind === "missing");
          return direction * (x.kind === "text" ? order(x.value, y.value) : x.value - y.value);
        });
      }
      body.append(...places.map((place) => rows[place]), ...foot);
      heads.forEach((head, place) => {
        const state = place !== index || !direction ? "none" : direction > 0 ? "ascending" : "descending";
        if (columns[place].helps) head.setAttribute("aria-sort", state);
      });
    }

    heads.forEach((head, index) => {
      if (!columns[index].helps || !head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "ordina";
      button.title = "Ordina per questa colonna (con le frecce, le altre)";
      button.tabIndex = table.tHead.querySelector("button") ? -1 : 0;
      button.append(...head.childNodes);
      button.addEventListener("click", () => press(index));
      head.append(button);
      head.setAttribute("aria-sort", "none");
    });
  }

  document.querySelectorAll("main table").forEach(prepare);
})();
