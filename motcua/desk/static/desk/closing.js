// Chốt ngày by keyboard: arrows go from dossier to dossier, one key does what its button does.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-day-row]")];
  const AT = "motcua.day";
  const opened = performance.now();
  const here = () => document.activeElement?.closest?.("[data-day-row]");

  function go(row) {
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, select, textarea");
    const row = here();
    if (event.key === "Escape" && typing && row) {
      event.target.closest("details")?.removeAttribute("open");
      go(row);
      return;
    }
    if (typing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = rows();
      const next = all[all.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)] || (row ? null : all[0]);
      if (next) {
        event.preventDefault();
        go(next);
      }
      return;
    }
    // A key held down, or pressed while the page was changing, is meant for nothing here.
    if (!row || event.repeat || performance.now() - opened < 400) return;
    const found = row.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    if (found.tagName === "DETAILS") {
      found.open = true;
      found.querySelector("textarea").focus();
    } else {
      found.click();
    }
  }, true);
  // Come back to where one was: the next dossier stands there now.
  document.addEventListener("submit", (event) => {
    const row = event.target.closest("[data-day-row]");
    if (row) sessionStorage.setItem(AT, String(rows().indexOf(row)));
  });
  const at = sessionStorage.getItem(AT);
  sessionStorage.removeItem(AT);
  if (document.querySelector(".error-summary")) return;
  if (at !== null) go(rows()[Math.min(Number(at), rows().length - 1)]);
})();
