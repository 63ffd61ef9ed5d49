// SPDX-License-Identifier: EUPL-1.2
// Narrow a long page of definitions to what holds the words typed. Without this script the page is whole and has anchors.

const folded = (text) =>
  text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase().replace(/\s+/g, " ");

for (const form of document.querySelectorAll("form[data-filter]")) {
  const page = document.querySelector(form.dataset.filter);
  const field = form.querySelector("input");
  const told = form.querySelector("[role=status]");
  const items = [...page.querySelectorAll("[data-zoek]")].map((element) => ({ element, text: folded(element.textContent) }));
  const parts = [...page.querySelectorAll("[data-deel]")].reverse(); // the inner ones first

  const narrow = () => {
    const words = folded(field.value).split(" ").filter(Boolean);
    let found = 0;
    for (const { element, text } of items) {
      element.hidden = !words.every((word) => text.includes(word));
      if (!element.hidden) found += 1;
    }
    for (const part of parts) part.hidden = part.querySelector("[data-zoek]:not([hidden])") === null;
    told.textContent = words.length === 0 ? "" : found === 0 ? told.dataset.none : `${told.dataset.some} ${found}`;
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", narrow);
  narrow();
}
