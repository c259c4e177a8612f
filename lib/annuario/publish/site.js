// What the pages of a site need beside those of the one-page book: the library of the charts,
// loaded when one comes near, and the texts of the other pages for the search.
(function () {
  "use strict";
  const own = document.currentScript;
  const book = new URL(own.dataset.libro, location.href);
  const here = location.href.split(/[?#]/)[0].replace(/index\.html$/, "");

  function load(name) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = new URL(name, own.src).href;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const block = document.getElementById("annuario-grafici");
    if (!block) return;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      load("vega.js").then(() => load("book.js")).catch(() => {}); // the drawings stay
    }, { rootMargin: "800px" });
    for (const id of Object.keys(JSON.parse(block.textContent))) {
      const figure = document.getElementById(id);
      if (figure) seen.observe(figure);
    }
  });

  // The search of the page asks once; where the book lies on a disk there is no answer.
  document.addEventListener("annuario-cerca", (event) => {
    fetch(new URL("cerca.json", book)).then((answer) => answer.json()).then(({ pagine }) => {
      event.detail(pagine.filter((page) => new URL(page.indirizzo, book).href !== here).flatMap((page) =>
        page.testi.map(([section, anchor, text, context]) => ({
          chapter: page.titolo, section, text, context,
          href: new URL(page.indirizzo, book).href + (anchor ? "#" + anchor : ""),
        }))));
    }).catch(() => {});
  });
})();
