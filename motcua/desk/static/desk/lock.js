// The screen locks after a quarter of an hour without a hand on it, and everything typed stays under the lock.
// The server keeps its own count and refuses a locked session; this is the part a person sees.
"use strict";

(() => {
  const dialog = document.getElementById("lock");
  const form = dialog.querySelector("form");
  const password = dialog.querySelector("input[name=password]");
  const error = document.getElementById("lock-error");
  const idle = Number(dialog.dataset.idle) * 1000;
  const SEEN = "motcua.seen"; // shared by the tabs of this browser: work in one keeps the others open
  const OPENED = "motcua.opened";
  const TELL_EVERY = 60_000;
  let told = Date.now();
  let before = null;

  const locked = () => document.body.classList.contains("locked");
  const seen = () => Number(localStorage.getItem(SEEN)) || 0;
  const token = () => document.cookie.split("; ").find((c) => c.startsWith("csrftoken="))?.slice(10)
    || form.querySelector("[name=csrfmiddlewaretoken]").value;
  const ask = (url, body) => fetch(url, {
    method: "POST",
    body: body || new FormData(),
    headers: { "X-CSRFToken": token(), "X-Requested-With": "XMLHttpRequest" },
    credentials: "same-origin",
  });

  function show() {
    if (locked()) return;
    before = document.activeElement;
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    document.body.classList.add("locked");
    error.textContent = "";
    password.value = "";
    dialog.showModal();
    password.focus();
  }

  function lockNow() {
    if (locked()) return;
    show();
    ask(dialog.dataset.lockUrl).catch(() => {}); // offline: the server's own count locks it
  }

  function open() {
    document.body.classList.remove("locked");
    dialog.close();
    before?.focus?.();
  }

  function here() {
    if (locked()) return;
    const now = Date.now();
    if (now - seen() > idle) return lockNow(); // woke up from sleep: the hand comes too late
    localStorage.setItem(SEEN, now);
    // A long form is filled in without a request: tell the server somebody is there.
    if (now - told > TELL_EVERY) {
      told = now;
      ask(dialog.dataset.aliveUrl).then(answer).catch(() => {});
    }
  }

  function answer(response) {
    if (response.status !== 401) return;
    show();
    if (response.headers.get("Motcua-Session") === "ended") ended();
  }

  function ended() {
    error.textContent = "Phiên làm việc đã kết thúc. Đăng nhập ở một thẻ khác của trình duyệt, rồi quay lại đây bấm Mở khóa.";
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    error.textContent = "";
    let response;
    try {
      response = await ask(form.action, new FormData(form));
    } catch {
      error.textContent = "Không nối được máy chủ. Nội dung vẫn còn, thử lại sau.";
      return;
    }
    password.value = "";
    if (response.status === 204) {
      const now = Date.now();
      localStorage.setItem(SEEN, now);
      localStorage.setItem(OPENED, now);
      told = now;
      open();
    } else if (response.status === 401) {
      ended();
    } else if (response.headers.get("Content-Type")?.startsWith("application/json")) {
      error.textContent = (await response.json()).message;
      password.focus();
    } else {
      ended();
    }
  }, true);

  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => {
    if (locked()) dialog.showModal(); // Esc pressed twice closes any dialog, but not this one
  });
  document.addEventListener("submit", (event) => {
    if (!("lockNow" in event.target.dataset)) return;
    event.preventDefault();
    event.target.closest("details")?.removeAttribute("open");
    lockNow();
  }, true);
  for (const name of ["keydown", "pointerdown", "input", "scroll"]) {
    document.addEventListener(name, here, { passive: true, capture: true });
  }
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.status === 401) {
      show();
      if (xhr.getResponseHeader("Motcua-Session") === "ended") ended();
    }
  });
  window.addEventListener("storage", (event) => {
    if (event.key === OPENED && locked()) open();
  });
  window.addEventListener("pageshow", (event) => {
    // Shown again from the browser's memory, perhaps after signing out.
    if (event.persisted) ask(dialog.dataset.aliveUrl).then(answer).catch(() => {});
  });
  function watch() {
    if (!locked() && Date.now() - seen() >= idle) lockNow();
  }
  localStorage.setItem(SEEN, Date.now());
  setInterval(watch, 5_000);
  document.addEventListener("visibilitychange", watch);
})();
