// Ticking many dossiers: choose all, shift for a row of them, and how many are chosen. Without it the form works too.
"use strict";

(() => {
  for (const bar of document.querySelectorAll("[data-many-bar]")) {
    const form = document.getElementById(bar.dataset.manyForm) || bar.closest("form");
    const boxes = [...form.elements].filter((e) => e.type === "checkbox" && e.name === "ho_so");
    const all = bar.querySelector("[data-many-all]");
    const count = bar.querySelector("[data-many-count]");
    let last = null;
    const chosen = () => boxes.filter((box) => box.checked).length;
    function tell() {
      const n = chosen();
      count.textContent = n ? `Đã chọn ${n}` : "Chưa chọn";
      all.textContent = n === boxes.length ? "Bỏ chọn" : all.dataset.word;
    }
    all.dataset.word = all.textContent;
    all.hidden = false;
    all.addEventListener("click", () => {
      const on = chosen() !== boxes.length;
      for (const box of boxes) box.checked = on;
      tell();
    });
    for (const box of boxes) {
      box.addEventListener("click", (event) => {
        const here = boxes.indexOf(box);
        if (event.shiftKey && last !== null) {
          const [from, to] = [Math.min(last, here), Math.max(last, here)];
          for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
        }
        last = here;
        tell();
      });
    }
    window.addEventListener("pageshow", tell);
    tell();
  }
})();
