// Typing figures as in a spreadsheet: arrows and Enter go up and down, a pasted column fills the cells beneath, and each
// cell is saved when it is left. Without this file the form saves all of it at once.
"use strict";

(() => {
  const form = document.getElementById("entry");
  if (!form) return;
  const cells = [...form.querySelectorAll("input.figure")];
  const told = document.querySelector("[data-told]");
  const codeOf = (input) => input.name.slice(2);
  const kept = new Map();
  const rowOf = (code) => document.getElementById(`o-${code}`);
  const inputs = (code) => [...rowOf(code).querySelectorAll("input")];
  const state = (code) => inputs(code).map((i) => (i.type === "hidden" ? "" : i.type === "checkbox" ? i.checked : i.value)).join("\u0001");
  for (const cell of cells) kept.set(codeOf(cell), state(codeOf(cell)));

  function wrong(code, why) {
    const row = rowOf(code);
    const cell = row.querySelector("input.figure");
    const error = row.querySelector(".field-error");
    row.classList.toggle("wrong", Boolean(why));
    error.textContent = why || "";
    error.hidden = !why;
    if (why) {
      cell.setAttribute("aria-invalid", "true");
      cell.setAttribute("aria-describedby", error.id);
    } else {
      cell.removeAttribute("aria-invalid");
      cell.removeAttribute("aria-describedby");
    }
  }

  // One request at a time, so that versions follow each other.
  let queue = Promise.resolve();
  function save(codes) {
    const changed = codes.filter((code) => state(code) !== kept.get(code));
    if (!changed.length) return queue;
    for (const code of changed) rowOf(code).classList.add("saving");
    queue = queue.then(() => send(changed));
    return queue;
  }

  async function send(codes) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    const sent = new Map();
    for (const code of codes) {
      sent.set(code, state(code));
      for (const input of inputs(code)) {
        if (input.type !== "checkbox" || input.checked) body.append(input.name, input.value);
      }
    }
    let answer;
    try {
      const response = await fetch(form.action || location.href, {
        method: "POST", body, headers: { "X-Requested-With": "XMLHttpRequest" }, redirect: "error",
      });
      answer = await response.json();
    } catch {
      answer = { error: "Chưa lưu được, có thể mất mạng. Ô vẫn giữ số đã gõ; bấm Lưu khi có mạng lại." };
    }
    for (const code of codes) {
      const row = rowOf(code);
      row.classList.remove("saving");
      const why = answer.error || (answer.refused || {})[code];
      wrong(code, why);
      if (why) continue;
      row.classList.add("saved");
      row.querySelector(`[name="o-${code}"]`).value = answer.done[code];
      const cell = row.querySelector("input.figure");
      // Only if nothing more was typed meanwhile.
      if (state(code) === sent.get(code) && code in (answer.typed || {})) cell.value = answer.typed[code];
      kept.set(code, state(code) === sent.get(code) || document.activeElement !== cell ? state(code) : sent.get(code));
    }
    for (const [code, shown] of Object.entries(answer.computed || {})) {
      const place = form.querySelector(`[data-computed="${code}"]`);
      if (place) (place.querySelector("a") || place).textContent = shown;
    }
    if (answer.version) for (const field of document.querySelectorAll("[data-version]")) field.value = answer.version;
    const bad = form.querySelectorAll("[aria-invalid]").length;
    const filled = cells.filter((cell) => cell.value.trim()).length;
    told.textContent = `Đã có ${filled}/${cells.length} số liệu nhập tay.` + (bad ? ` ${bad} ô chưa lưu được.` : " Đã lưu.");
  }

  const go = (from, step) => {
    const next = cells[cells.indexOf(from) + step];
    if (next) {
      next.focus();
      next.select();
    }
  };

  form.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.classList || !cell.classList.contains("figure")) return;
    if (event.key === "ArrowDown" || (event.key === "Enter" && !event.ctrlKey && !event.shiftKey)) {
      event.preventDefault();
      go(cell, 1);
    } else if (event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey)) {
      event.preventDefault();
      go(cell, -1);
    } else if (event.key === "Escape" && state(codeOf(cell)) !== kept.get(codeOf(cell))) {
      cell.value = (kept.get(codeOf(cell)) || "").split("\u0001")[0];
    }
  });

  form.addEventListener("focusout", (event) => {
    const row = event.target.closest && event.target.closest("tr[id]");
    if (row && row.querySelector("input.figure")) save([row.id.slice(2)]);
  });

  // A block copied from Excel: rows go down the figures, a second column into the notes.
  form.addEventListener("paste", (event) => {
    const cell = event.target;
    if (!cell.classList || !cell.classList.contains("figure")) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!/[\n\t]/.test(text)) return;
    event.preventDefault();
    const from = cells.indexOf(cell);
    const lines = text.split("\n");
    const filled = [];
    lines.forEach((line, i) => {
      const at = cells[from + i];
      if (!at) return;
      const [value, note] = line.split("\t");
      at.value = value.trim();
      const beside = form.querySelector(`[name="n-${codeOf(at)}"]`);
      if (note !== undefined && note.trim() && beside) beside.value = note.trim();
      filled.push(codeOf(at));
    });
    const over = lines.length - filled.length;
    save(filled).then(() => {
      if (over > 0) told.textContent += ` ${over} dòng dán thừa, không có ô.`;
    });
  });

  window.addEventListener("beforeunload", (event) => {
    if (cells.some((cell) => state(codeOf(cell)) !== kept.get(codeOf(cell)))) event.preventDefault();
  });
  form.addEventListener("submit", () => {
    for (const cell of cells) kept.set(codeOf(cell), state(codeOf(cell)));
  });
})();
