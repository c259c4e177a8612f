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

  // A table that fits needs no stop of the Tab key.
  const regions = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    }
  });
  document.querySelectorAll("[role=region]").forEach((region) => regions.observe(region));
})();
