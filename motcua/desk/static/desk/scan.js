// Quét mã: one field that keeps the cursor; each scan waits in a queue until the server has answered it, whatever
// becomes of the line or the page. A scan carries its own key, so that sending it again does nothing more.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const form = $("scan");
  const field = $("scan-text");
  const state = $("scan-state");
  const list = $("scan-last");
  const STORE = form.dataset.store;
  const QUIET = "motcua.scan.quiet";
  const SHOWN = 20;
  const RETRY = 3_000;
  const TWICE = 8_000;
  let sending = false;
  let lost = ""; // why the last sending failed, while it fails
  let timer = 0;
  let missed = 0; // refused in the present run of scans: the last word must not hide them
  const lines = new Map(); // key -> its line in the list
  const recent = new Map(); // code -> when it was last scanned

  const key = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
  const cookie = () => document.cookie.split("; ").find((c) => c.startsWith("csrftoken="))?.slice(10)
    || form.querySelector("[name=csrfmiddlewaretoken]").value;

  // ---- the queue lives in the browser's store: a page closed by accident loses no scan
  function queue() {
    try {
      const kept = JSON.parse(localStorage.getItem(STORE) || "[]");
      return Array.isArray(kept) ? kept.filter((scan) => scan && typeof scan.key === "string") : [];
    } catch {
      return [];
    }
  }
  function keep(scans) {
    try {
      localStorage.setItem(STORE, JSON.stringify(scans));
    } catch {
      held = scans; // a browser without a store: the queue lives as long as the page
    }
  }
  let held = null;
  const waiting = () => held || queue();

  // ---- sound
  let audio = null;
  const muted = () => localStorage.getItem(QUIET) === "1";
  function beep(good) {
    if (muted()) return;
    try {
      audio ||= new AudioContext();
      if (audio.state === "suspended") audio.resume();
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const [pitch, length] = good ? [1046, 0.09] : [196, 0.35];
      tone.type = good ? "sine" : "square";
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(good ? 0.25 : 0.15, audio.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + length);
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + length);
    } catch {
      audio = null; // no sound card: the screen says it all
    }
  }
  const sound = $("scan-sound");
  function showSound() {
    sound.setAttribute("aria-pressed", String(!muted()));
    sound.textContent = muted() ? "Âm thanh: tắt" : "Âm thanh: bật";
  }
  sound.addEventListener("click", () => {
    localStorage.setItem(QUIET, muted() ? "0" : "1");
    showSound();
    if (!muted()) beep(true);
    field.focus();
  });

  // ---- what is shown
  function say(kind, word, more) {
    state.dataset.kind = kind;
    state.querySelector(".scan-word").textContent = word;
    state.querySelector(".scan-more").textContent = more;
  }
  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }
  function lineOf(scan) {
    let line = lines.get(scan.key);
    if (!line) {
      line = element("li");
      lines.set(scan.key, line);
      list.prepend(line);
      $("scan-none").hidden = true;
      while (list.children.length > SHOWN) list.lastElementChild.remove();
    }
    return line;
  }
  function show(scan, kind, word, more, told) {
    const line = lineOf(scan);
    line.dataset.kind = kind;
    const at = new Date(scan.at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const code = told?.url ? element("a", "scan-line-code", told.code) : element("span", "scan-line-code", scan.text.slice(0, 60));
    if (told?.url) code.href = told.url;
    const what = element("span", "scan-line-what", word);
    line.replaceChildren(element("span", "scan-line-at figures", at), code, what);
    if (more) line.append(element("span", "quiet", more));
    if (told?.undo) {
      const undo = element("button", "btn btn-link", "Hủy");
      undo.type = "button";
      undo.setAttribute("aria-label", `Hủy «${told.did}» của ${told.code}`);
      undo.addEventListener("click", () => askUndo(scan, told));
      line.append(undo);
    }
  }
  function showQueue() {
    const count = waiting().length;
    const line = $("scan-queue");
    line.hidden = !count || (count < 2 && !lost);
    line.textContent = lost ? `${count} lần quét chưa gửi được (${lost}). Máy giữ lại và tự gửi tiếp, cứ quét.` : `Còn ${count} lần quét đang chờ máy chủ.`;
  }

  // ---- one beep
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = "";
    field.focus();
    if (!text) return;
    const now = Date.now();
    if (now - (recent.get(text) || 0) < TWICE) {
      beep(false);
      say("twice", "Quét trùng", `${text.slice(0, 60)} vừa quét, máy bỏ lần này`);
      return;
    }
    recent.set(text, now);
    if (!waiting().length) missed = 0;
    const scan = { key: key(), text, vai: form.elements.vai.value, cho: form.elements.cho?.value || "", at: now };
    keep([...waiting(), scan]);
    if (held) held = waiting();
    say("sent", "Đang ghi", text.slice(0, 60));
    show(scan, "sent", "Đang chờ", "");
    showQueue();
    drain();
  });

  async function drain() {
    if (sending || document.body.classList.contains("locked")) return;
    const scan = waiting()[0];
    if (!scan) return;
    sending = true;
    clearTimeout(timer);
    let again = true;
    try {
      again = await send(scan);
    } finally {
      sending = false;
    }
    showQueue();
    if (again) timer = setTimeout(drain, RETRY);
    else drain();
  }

  // True when the scan must be sent again later.
  async function send(scan) {
    const body = new FormData();
    body.append("ma", scan.text);
    body.append("vai", scan.vai);
    body.append("cho", scan.cho);
    body.append("khoa", scan.key);
    let response;
    let told;
    try {
      response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": cookie(), "X-Requested-With": "XMLHttpRequest" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(20_000),
      });
      told = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : null;
    } catch {
      return wait("mất kết nối");
    }
    if (response.status === 401) return wait(response.headers.get("Motcua-Session") === "ended" ? "phiên đã kết thúc, đăng nhập lại ở thẻ khác" : "màn hình đang khóa");
    if (!told) return wait(response.status === 403 ? "phiên đã đổi, hãy tải lại trang" : "máy chủ đang bận");
    lost = "";
    keep(waiting().filter((other) => other.key !== scan.key));
    if (held) held = held.filter((other) => other.key !== scan.key);
    const last = !waiting().length;
    if (told.ok) {
      const to = told.to ? ` → ${told.to}` : "";
      beep(true);
      show(scan, "good", told.did + to, told.applicant, told);
      const others = missed ? `. Có ${missed} lần không ghi, xem bên dưới` : "";
      if (last) say("good", told.did + to, `${told.code} · ${told.applicant} · nay «${told.state}»${others}`);
    } else {
      beep(false);
      missed += 1;
      if (told.code !== "twice") recent.delete(scan.text);
      show(scan, "bad", told.message, "");
      say("bad", "Không ghi", `${scan.text.slice(0, 60)}: ${told.message}`);
    }
    return false;
  }
  function wait(why) {
    if (!lost) beep(false);
    lost = why;
    say("lost", "Chưa gửi được", `${why}; lần quét được giữ lại`);
    return true;
  }

  // ---- undo
  const dialog = $("scan-undo");
  const undo = dialog.querySelector("form");
  let asked = null;
  function askUndo(scan, told) {
    asked = { scan, told, key: key() };
    $("scan-undo-what").textContent = `${told.code}: ${told.did}`;
    $("scan-undo-error").textContent = "";
    undo.elements.mat_khau.value = "";
    dialog.showModal();
    undo.elements.nguoi_duyet.focus();
  }
  $("scan-undo-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => field.focus());
  undo.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(undo);
    body.append("ho_so", asked.told.undo.dossier);
    body.append("so", asked.told.undo.seq);
    body.append("khoa", asked.key);
    const error = $("scan-undo-error");
    try {
      const response = await fetch(form.dataset.undo, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": cookie(), "X-Requested-With": "XMLHttpRequest" },
        credentials: "same-origin",
      });
      const told = await response.json();
      undo.elements.mat_khau.value = "";
      if (!told.ok) {
        error.textContent = told.message;
        asked.key = key();
        return;
      }
      dialog.close();
      recent.delete(asked.scan.text);
      show(asked.scan, "undone", `Đã hủy «${asked.told.did}»`, asked.told.applicant, { url: asked.told.url, code: asked.told.code });
      say("undone", "Đã hủy", `${asked.told.code} · nay «${told.state}»`);
    } catch {
      error.textContent = "Không nối được máy chủ, thử lại sau.";
    }
  });

  // ---- the cursor comes back by itself
  const away = $("scan-away");
  const busy = () => dialog.open || document.querySelector("dialog[open]") || document.body.classList.contains("locked");
  // Its room is kept: nothing may move under a finger that is about to press.
  field.addEventListener("blur", () => { away.dataset.shown = "1"; });
  field.addEventListener("focus", () => { delete away.dataset.shown; });
  document.addEventListener("keydown", (event) => {
    if (busy() || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (event.target === document.body || event.target.id === "main") field.focus(); // the key itself lands in the field
  }, true);
  $("scan-to")?.addEventListener("change", () => field.focus());
  window.addEventListener("online", drain);
  window.addEventListener("storage", drain);
  document.addEventListener("close", drain, true); // the lock was opened
  window.addEventListener("beforeunload", (event) => {
    if (waiting().length && !event.defaultPrevented) event.preventDefault();
  });

  showSound();
  for (const scan of waiting()) show(scan, "sent", "Đang chờ", "quét từ trước");
  showQueue();
  field.focus();
  drain();
})();
