// Interactive charts: reads the JSON block #annuario-grafici and, as each figure comes
// into view, puts a Vega view in place of its static image; below it the data behind the
// chart, to read and to download. Without this script the static image stays.
(function () {
  "use strict";
  const block = document.getElementById("annuario-grafici");
  if (!block) return;
  const charts = JSON.parse(block.textContent);
  const NUMBER = /^[−-]?(€\s)?[\d.]+(,\d+)?(\s%)?$|^–?$/;

  function element(name, properties, ...children) {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children);
    return node;
  }

  // A long page holds what Vega draws, and Vega itself, apart and compressed: they are opened
  // when the first chart comes near. A browser that cannot leaves the drawings.
  async function unpacked(id) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (sign) => sign.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  let opened;
  async function open() {
    if (!window.vegaEmbed) document.head.append(element("script", { textContent: await unpacked("annuario-vega") }));
    return document.getElementById("annuario-disegni") ? JSON.parse(await unpacked("annuario-disegni")) : charts;
  }

  // A chart of one view takes the width of the page; composed ones are scaled by the sheet.
  // On a phone a chart that has another drawing for it shows that.
  function fitted(drawing, width) {
    const spec = { ...drawing.spec, ...(width < 520 ? drawing.stretto : null) };
    const composed = ["concat", "hconcat", "vconcat", "facet", "repeat"].some((key) => key in spec)
      || ["row", "column", "facet"].some((key) => key in (spec.encoding || {}));
    if (composed || typeof spec.width !== "number" || spec.width < width) return spec;
    return { ...spec, width, autosize: { type: "fit-x", contains: "padding" } };
  }

  async function draw(figure, chart) {
    const image = figure.querySelector("img");
    if (!image) return;
    const canvas = element("div", {}); // Vega gives its element a role of its own: hide it behind ours
    canvas.setAttribute("aria-hidden", "true");
    const view = element("div", { className: "annuario-grafico" }, canvas);
    view.setAttribute("role", "img");
    view.setAttribute("aria-label", chart.alt);
    view.style.minHeight = image.clientHeight + "px";
    image.before(view);
    image.hidden = true;
    try {
      opened ??= open();
      const drawing = (await opened)[figure.id];
      await window.vegaEmbed(canvas, fitted(drawing, view.clientWidth), {
        renderer: "svg", actions: false, defaultStyle: false,
      });
      image.remove();
    } catch (error) {
      view.remove();
      image.hidden = false;
      console.error(figure.id, error);
    }
    view.style.minHeight = "";
  }

  function table(chart, name) {
    const numeric = chart.colonne.map((_, i) => chart.righe.every((row) => NUMBER.test(String(row[i] ?? ""))));
    const cell = (tag, text, i, scope) => {
      const node = element(tag, { className: numeric[i] ? "numero" : "" }, String(text ?? "–"));
      if (scope) node.scope = scope;
      return node;
    };
    const region = element("div", { className: "scorre", tabIndex: 0 },
      element("table", {},
        element("thead", {}, element("tr", {}, ...chart.colonne.map((text, i) => cell("th", text, i, "col")))),
        element("tbody", {}, ...chart.righe.map((row) => element("tr", {}, ...row.map((text, i) => cell("td", text, i)))))));
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", "Dati: " + name);
    return region;
  }

  function data(figure, chart) {
    const label = figure.querySelector("figcaption");
    const name = label ? label.textContent.split(":")[0].trim() : figure.id;
    const note = () => element("span", { className: "nascosto" }, " – " + name);
    const details = element("details", { className: "dati-grafico" }, element("summary", {}, "Dati del grafico", note()));
    details.addEventListener("toggle", () => {
      const blob = new Blob(["\ufeff", chart.csv.replace(/^\ufeff/, "")], { type: "text/csv;charset=utf-8" });
      details.append(table(chart, name), element("a", {
        href: URL.createObjectURL(blob), download: figure.id.replace(/^fig-/, "") + ".csv",
      }, "Scarica i dati (CSV)", note()));
    }, { once: true });
    figure.after(details);
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      seen.unobserve(entry.target);
      draw(entry.target, charts[entry.target.id]);
    }
  }, { rootMargin: "400px" });

  for (const [id, chart] of Object.entries(charts)) {
    const figure = document.getElementById(id);
    if (!figure) continue;
    if (chart.csv) data(figure, chart); // a chart of the author's own has none to show
    seen.observe(figure);
  }
})();
