// The counter by keyboard: Enter goes on, function keys jump, what the server found fills fields nobody has typed into.
// Without it the same form works with Tab and its buttons.
"use strict";

(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- the list of procedures: the best hit is marked, Enter opens it
  const search = $("[data-first-hit]");
  if (search) {
    let at = 0;
    const rows = () => $$(search.dataset.firstHit + " tbody tr");
    const mark = (wanted) => {
      const all = rows();
      at = Math.max(0, Math.min(wanted, all.length - 1));
      all.forEach((row, n) => row.classList.toggle("marked", n === at));
      all[at]?.scrollIntoView({ block: "nearest" });
    };
    const input = $("[type=search]", search);
    let waiting = false; // typed, and the list has not answered yet
    let wanted = false;
    const open = () => rows()[at]?.querySelector("a")?.click();
    input.addEventListener("input", () => (waiting = true));
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        mark(at + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        if (waiting) wanted = true;
        else open();
      }
    });
    document.addEventListener("htmx:afterSettle", (event) => {
      if (event.detail.target?.id !== "found" && !event.detail.elt?.matches?.("#found, [type=search]")) return;
      waiting = false;
      mark(0);
      if (wanted) {
        wanted = false;
        open();
      }
    });
    document.addEventListener("htmx:sendError", () => (waiting = wanted = false));
    mark(0);
  }

  const form = $("[data-enter-goes-on]");
  if (!form) return;
  // Not form.elements: that also answers to ids, and «id_kind» is both a name and another field's id.
  const field = (name) => $(`[name="${CSS.escape(name)}"]`, form);

  // ---- Enter goes on to the next field that is still empty; Tab goes to the very next one
  $$("[data-without-script]", form).forEach((e) => (e.hidden = true));
  const shown = (element) => element.getClientRects().length > 0 && !element.closest("details:not([open])");
  const stops = () =>
    $$("input:not([type=hidden]), select, textarea, button", form).filter(
      (e) => !e.disabled && shown(e) && !("skip" in e.dataset),
    );
  const done = (e) => {
    if (e.name === "card_checked") return $("#unverified").hidden;
    if (e.name === "group") return true; // «Thông thường» is an answer
    if (e.name === "fee_reason") return e.value !== "" || !(field("group").value || field("amount").value);
    return e.type === "checkbox" ? e.checked : e.tagName !== "BUTTON" && e.value !== "";
  };
  function goOn(from) {
    const all = stops();
    const after = (e) => e !== from && from.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = all.find((e) => after(e) && !done(e));
    (next || $("#accept") || all[0])?.focus();
    if (next?.select && next.type !== "checkbox") next.select();
  }
  form.addEventListener("keydown", (event) => {
    const here = event.target;
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!here.matches("input, select")) return;
    event.preventDefault();
    if ("card" in here.dataset && here.value.includes("|")) {
      scanned = here;
      look();
    } else goOn(here);
  });

  // ---- function keys
  const keys = {
    F2: () => $("#id_id_number", form)?.focus(),
    F4: () => {
      const others = $("#others", form);
      if (!others) return;
      others.open = true;
      $("input", others).focus();
    },
    F7: tickAll,
    F8: () => $("#money input:not([type=hidden]), #money select", form)?.focus(),
    F9: () => {
      const accept = $("#accept") || $("button:not([name])", form);
      if (accept && !accept.disabled) form.requestSubmit(accept.name ? accept : undefined);
    },
  };
  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.altKey || event.shiftKey || event.metaKey || $("dialog[open]")) return;
    event.preventDefault();
    act();
  });
  function tickAll() {
    const boxes = $$("[data-required]", form);
    const all = boxes.every((box) => box.checked);
    boxes.forEach((box) => (box.checked = !all));
    boxes[0]?.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const arm = () => $$("[data-tick-all]", form).forEach((button) => (button.hidden = false));
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-tick-all]")) tickAll();
  });
  arm();

  // ---- people: looked for as soon as a number, phone or name is there
  let asked = {}; // what stood in the fields when the question was sent
  let last = "";
  let scanned = null; // the field a card was scanned into: where to go on from once it is read
  const values = () => Object.fromEntries($$("input, select", form).filter((e) => e.name && e.type !== "checkbox").map((e) => [e.name, e.value]));
  function look() {
    const people = $("#people");
    if (!people) return;
    const now = ["id_number", "phone", "name", "submitter_id", "collector_id"].map((n) => field(n)?.value).join("\n");
    if (now === last || !now.trim()) return;
    last = now;
    asked = values();
    htmx.trigger(people, "look");
  }
  form.addEventListener("change", (event) => {
    if ("look" in event.target.dataset || "card" in event.target.dataset) look();
    if ("recount" in event.target.dataset) htmx.trigger("#live", "recount");
    if (event.target.name === "id_number") unverified();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.closest?.("#people-found")) asked = values();
  });
  document.addEventListener("htmx:afterSettle", () => {
    arm();
    const found = $("#people-found[data-fill]");
    if (!found) return;
    const fill = JSON.parse(found.dataset.fill || "{}");
    delete found.dataset.fill;
    for (const [name, value] of Object.entries(fill)) {
      const into = field(name);
      // Typed into since the question was sent: the clerk is right.
      if (!into || (into.value !== (asked[name] ?? into.value) && into.type !== "hidden")) continue;
      into.value = value;
    }
    if ("card_number" in fill && field("card_checked")) field("card_checked").checked = false;
    last = ["id_number", "phone", "name", "submitter_id", "collector_id"].map((n) => field(n)?.value).join("\n");
    unverified();
    if (scanned && document.activeElement === scanned) goOn(scanned);
    scanned = null;
  });
  function unverified() {
    const note = $("#unverified");
    if (!note) return;
    const card = field("card_number").value;
    note.hidden = !card || card !== field("id_number").value || field("card_checked").checked;
  }
  field("card_checked")?.addEventListener("change", unverified);
})();
