// What every page of the desk does in the browser. Without it all forms and links still work.
"use strict";

(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const typing = (element) => element.closest("input, select, textarea, [contenteditable]");
  const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(name + "="))?.slice(name.length + 1);

  // Somebody may have signed in again in another tab since this page was drawn: take the token of now, lose no form.
  function freshen(form) {
    const token = cookie("csrftoken");
    const field = $("input[name=csrfmiddlewaretoken]", form);
    if (token && field) field.value = token;
  }

  // ---- forms: focus where the errors are, send once, warn before typed text is left behind
  const dirty = new Set();
  let leaving = false;
  function begin(root) {
    $("[data-focus]", root)?.focus();
  }
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.method === "post" && !("noWarning" in form.dataset)) dirty.add(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.dataset.sent) {
      event.preventDefault(); // the second click of a double click
      return;
    }
    freshen(form);
    setTimeout(() => {
      if (event.defaultPrevented || form.hasAttribute("hx-post")) return;
      leaving = true;
      if (form.method === "post") {
        form.dataset.sent = "1";
        event.submitter?.setAttribute("aria-busy", "true");
      }
    });
  });
  window.addEventListener("beforeunload", (event) => {
    const unsent = [...dirty].some((form) => form.isConnected);
    if (unsent && !leaving) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    // Back to this page: it may be sent again.
    leaving = false;
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const token = cookie("csrftoken");
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });
  document.addEventListener("htmx:afterSwap", (event) => begin(event.detail.target));
  document.addEventListener("htmx:sendError", () => note("Không nối được máy chủ. Nội dung vẫn còn trên màn hình, thử lại sau."));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401) note("Máy chủ chưa làm được việc này. Tải lại trang rồi thử lần nữa.");
  });
  function note(text) {
    const line = document.createElement("p");
    line.className = "note note-error";
    line.textContent = text;
    $("#notes").replaceChildren(line);
    line.scrollIntoView({ block: "nearest" });
  }

  // ---- small acts of buttons
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.dialog) {
      button.closest("details")?.removeAttribute("open");
      document.getElementById(button.dataset.dialog).showModal();
    } else if (button && "print" in button.dataset) {
      window.print();
    } else if (button?.dataset.fill) {
      $("#id_login").value = button.dataset.fill;
      $("#id_password").value = button.dataset.fillPassword;
      $("#sign-in").requestSubmit();
    }
    // A menu closes when one clicks elsewhere.
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });

  // ---- shortcuts
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = $("details.menu[open]");
      if (menu) {
        menu.removeAttribute("open");
        $("summary", menu).focus();
      }
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    if (event.key === "?") {
      $("#shortcuts")?.showModal();
    } else if (event.key === "/") {
      // The page's own field where it looks for something else than dossiers; else the one of the frame.
      const search = $("[data-search]") || $("[data-search-all]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "g") {
      going = Date.now();
    } else if (Date.now() - going < 1500) {
      going = 0;
      document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
    }
  });

  begin(document);
})();
