// Nhập hồ sơ giấy: a scanner types the address in the slip's QR and Enter. The code stays, the cursor goes on to the hour.
// Without it the server reads the same address out of the field.
"use strict";

(() => {
  const slip = document.querySelector("[data-slip]");
  if (!slip) return;
  const codes = [...slip.list.options].map((option) => option.value);
  const codeIn = (text) => {
    const scanned = text.trim();
    let bare = scanned;
    try {
      const address = new URL(scanned);
      bare = address.searchParams.get("ma") || address.pathname.split("/").filter(Boolean).pop() || scanned;
    } catch {
      // no address: a code, or its last figures
    }
    const same = codes.filter((code) => code.toUpperCase() === bare.toUpperCase());
    const last = /^\d{1,9}$/.test(bare) ? codes.filter((code) => Number(code.split("-").pop()) === Number(bare)) : [];
    return (same.length ? same : last)[0];
  };
  // What stands there is a proposal: a scan replaces it.
  slip.addEventListener("focus", () => slip.select());
  slip.select();
  slip.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const found = codeIn(slip.value);
    if (!found) return; // the server says what is wrong with it
    event.preventDefault();
    slip.value = found;
    slip.form.elements.time.focus();
  });
})();
