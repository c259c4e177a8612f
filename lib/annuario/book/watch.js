// Follows the live preview: reloads at the place being read, lays errors over the page, shows
// the book on paper in its place: the PDF, opened at the section being read, which follows too.
(function () {
  "use strict";
  var KEY = "annuario-posto", ABOVE = 80, shown = document.currentScript.dataset.version, overlay = null;

  function place(which) {
    var best = null;
    document.querySelectorAll(which || "main[id], main [id]").forEach(function (element) {
      var top = element.getBoundingClientRect().top;
      if (top <= 120 && element.offsetParent && (!best || top >= best.top)) best = { id: element.id, top: top };
    });
    return best;
  }

  function restore() {
    var kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
    var element = kept && document.getElementById(kept.id);
    sessionStorage.removeItem(KEY);
    if (!element) return;
    [0, 100, 400].forEach(function (delay) {
      setTimeout(function () {
        window.scrollBy(0, element.getBoundingClientRect().top - kept.top);
      }, delay);
    });
  }

  function show(error) {
    if (overlay) overlay.remove();
    overlay = null;
    if (!error) return;
    overlay = document.createElement("div");
    overlay.id = "annuario-errore";
    overlay.setAttribute("role", "alert");
    overlay.style.cssText = "position:fixed;inset:auto 0 0 0;max-height:50vh;overflow:auto;z-index:99;margin:0;" +
      "padding:1rem 1.5rem;background:#7a1020;color:#fff;font:1rem/1.5 monospace;white-space:pre-wrap";
    overlay.textContent = error;
    document.body.appendChild(overlay);
  }

  var frame = document.createElement("iframe"), turn = document.createElement("button"), now = shown;
  frame.title = "Il libro su carta";
  frame.hidden = true;
  frame.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0;z-index:97;background:#fff";
  turn.type = "button";
  turn.style.cssText = "position:fixed;right:1rem;bottom:1rem;z-index:98;padding:.4rem .9rem;font:inherit;" +
    "color:#fff;background:#0b5c6b;border:1px solid #fff;border-radius:3px;cursor:pointer";
  turn.textContent = "Carta";

  function paper() {
    var here = place("main section[id^='sec-']"); // what the PDF has a name for
    frame.src = "pdf?" + now + (here ? "#nameddest=" + encodeURIComponent(here.id) : "");
  }

  turn.addEventListener("click", function () {
    if (!frame.hidden && now !== shown) return reload("");
    if (frame.hidden) paper();
    frame.hidden = !frame.hidden;
    turn.textContent = frame.hidden ? "Carta" : "Pagina";
  });
  document.body.append(frame, turn);

  // to what was changed, if that is known, or else to what is being read
  function reload(changed) {
    var here = changed ? { id: changed, top: ABOVE } : place();
    if (here) sessionStorage.setItem(KEY, JSON.stringify(here));
    location.reload();
  }

  // JupyterLab beside the page opens another chapter
  window.addEventListener("message", function (event) {
    if (event.origin !== location.origin || !event.data.posto) return;
    sessionStorage.setItem(KEY, JSON.stringify({ id: event.data.posto, top: ABOVE }));
    if (document.getElementById(event.data.posto)) restore();
  });

  history.scrollRestoration = "manual";
  window.addEventListener("load", restore);
  new EventSource("eventi").onmessage = function (event) {
    var news = JSON.parse(event.data);
    var changed = news.version && news.version !== now;
    if (changed) now = news.version;
    if (changed && frame.hidden) reload(news.place);
    else if (changed) paper();
    show(news.error);
  };
})();
