// Chép sang: a button copies its field and moves on to the next; after the last one waits the other system's code.
"use strict";

(() => {
  const buttons = [...document.querySelectorAll("[data-copy]")];
  const told = document.querySelector("[data-copied]");
  const after = document.querySelector("form.form input[type=text]");

  // On plain http in a local network browsers keep the clipboard shut: then the old way, with the selection.
  async function copy(field) {
    if (navigator.clipboard && window.isSecureContext) {
      try {
        await navigator.clipboard.writeText(field.value);
        return true;
      } catch { /* refused: the old way */ }
    }
    field.select();
    return document.execCommand("copy");
  }

  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      const row = button.closest("li");
      if (!(await copy(field))) {
        field.select();
        told.textContent = "Trình duyệt không cho chép: bấm Ctrl + C";
        return;
      }
      for (const other of document.querySelectorAll(".copy-now")) other.classList.remove("copy-now");
      row.classList.add("copy-done", "copy-now");
      told.textContent = `Đã chép: ${field.labels[0]?.textContent ?? ""}`;
      (buttons[buttons.indexOf(button) + 1] ?? after)?.focus();
    });
  }
  if (!document.querySelector("[role=alert] a, .errors")) buttons[0]?.focus();
})();
