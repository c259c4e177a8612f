// Follows the live preview: reloads at the place being read, lays errors over the page.
(function () {
  "use strict";
  var KEY = "annuario-posto", shown = document.currentScript.dataset.version, overlay = null;

  function place() {
    var best = null;
    document.querySelectorAll("main[id], main [id]").forEach(function (element) {
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

  history.scrollRestoration = "manual";
  window.addEventListener("load", restore);
  new EventSource("/eventi").onmessage = function (event) {
    var news = JSON.parse(event.data);
    if (news.version && news.version !== shown) {
      sessionStorage.setItem(KEY, JSON.stringify(place()));
      location.reload();
    } else {
      show(news.error);
    }
  };
})();
