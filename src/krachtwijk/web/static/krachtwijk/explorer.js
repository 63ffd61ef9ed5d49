// SPDX-License-Identifier: EUPL-1.2
// The explorer works without this file. With it, answers come into the page that is already there, the same area
// lights up in every figure and table, and a figure can be kept as PNG.

const root = document.getElementById("verkenner");
const status = document.getElementById("melding");
let turn = 0;

/** Tell in words what changed, for who does not see it. */
function tell(text) {
  if (!status) return;
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = text; });
}

/** Get a state of the explorer and put it in place of this one; focus returns to the control of the same id. */
async function show(address, { push = true, focus = "" } = {}) {
  const mine = ++turn;
  root.classList.add("bezig");
  root.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== turn) return;
    const fresh = page.getElementById("verkenner");
    if (!fresh) throw new Error("no explorer");
    const open = new Set([...root.querySelectorAll("details[open]")].map((d) => d.querySelector("summary").textContent));
    root.replaceChildren(...fresh.childNodes);
    root.querySelectorAll("details").forEach((d) => { if (open.has(d.querySelector("summary").textContent)) d.open = true; });
    document.title = page.title;
    if (push) history.pushState({}, "", answer.url.split("#")[0]);
    prepare();
    const target = focus && document.getElementById(focus);
    if (target) target.focus({ preventScroll: true });
    else if (focus) heading().focus({ preventScroll: true });
    const wrong = root.querySelector(".fout, .welke p, .keuze ~ .let-op");
    tell(wrong ? wrong.textContent : `${root.dataset.gewijzigd} ${root.querySelector("h1").textContent}`);
  } catch {
    if (mine === turn) location.assign(address);
  } finally {
    if (mine === turn) { root.classList.remove("bezig"); root.removeAttribute("aria-busy"); }
  }
}

function heading() {
  const h1 = root.querySelector("h1");
  h1.tabIndex = -1;
  return h1;
}

/** The address that the form asks for: what is empty is left out, so that the address stays short. */
function asked(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  return `${form.action.split("#")[0]}?${query}`;
}

// --- the same area in every view -----------------------------------------------------------------------------

let lit = "";

function light(key) {
  if (key === lit) return;
  lit = key;
  root.querySelectorAll(".uitgelicht").forEach((e) => e.classList.remove("uitgelicht"));
  const same = key ? [...root.querySelectorAll(`[data-gebied="${CSS.escape(key)}"], .doek [data-code="${CSS.escape(key)}"]`)] : [];
  same.forEach((e) => e.classList.add("uitgelicht"));
  root.querySelectorAll(".doek").forEach((cloth) => cloth.classList.toggle("gedimd", Boolean(cloth.querySelector(".loop.uitgelicht"))));
  root.querySelectorAll(".verkend").forEach((figure) => {
    const told = figure.querySelector(".doek .uitgelicht:not(.achter) > title");
    const line = figure.querySelector(".aangewezen");
    if (line) line.textContent = told ? told.textContent : figure.querySelector(".doek:focus-visible") ? line.dataset.leeg : "";
  });
}

const keyOf = (target) => (target instanceof Element ? target.closest("[data-gebied]")?.dataset.gebied ?? target.closest(".doek [data-code]")?.dataset.code ?? "" : "");

/** Arrow keys walk past the areas of a figure, in the order of the table. */
function walk(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") { light(""); return; }
  if (!step) return;
  const cloth = event.currentTarget;
  const drawn = new Set([...cloth.querySelectorAll("[data-gebied], [data-code]")].map((e) => e.dataset.gebied ?? e.dataset.code));
  const listed = [...new Set([...root.querySelectorAll("tr[data-gebied]")].map((e) => e.dataset.gebied))];
  const order = [...listed.filter((k) => drawn.has(k)), ...[...drawn].filter((k) => !listed.includes(k))];
  if (!order.length) return;
  event.preventDefault();
  const at = order.indexOf(lit);
  light(order[at < 0 ? (step > 0 ? 0 : order.length - 1) : (at + step + order.length) % order.length]);
  tell(cloth.querySelector(".uitgelicht:not(.achter) > title")?.textContent ?? "");
}

// --- PNG -----------------------------------------------------------------------------------------------------

/** A figure as PNG: the same sheet as its SVG, drawn by the browser. */
async function keepAsPng(link) {
  try {
    const text = await (await fetch(link.href)).text();
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    const scale = Math.min(2, 8000 / Math.max(image.naturalWidth, image.naturalHeight));
    canvas.width = image.naturalWidth * scale;
    canvas.height = image.naturalHeight * scale;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const save = document.createElement("a");
    save.href = URL.createObjectURL(blob);
    save.download = "krachtwijk-verkenner.png";
    save.click();
    setTimeout(() => URL.revokeObjectURL(save.href), 1000);
  } catch {
    tell(root.dataset.fout);
  }
}

/** What only a script can offer is added by it. */
function prepare() {
  lit = "";
  document.dispatchEvent(new Event("vernieuwd")); // new fields get their suggestions
  root.querySelectorAll(".doek").forEach((cloth) => {
    cloth.tabIndex = 0;
    cloth.setAttribute("role", "group");
    cloth.setAttribute("aria-label", `${cloth.closest("figure").querySelector("h2").textContent}. ${root.dataset.lopen ?? ""}`);
    cloth.addEventListener("keydown", walk);
    cloth.addEventListener("focus", () => { lit = "?"; light(""); });
    cloth.addEventListener("blur", () => { lit = "?"; light(""); });
    const line = document.createElement("p");
    line.className = "aangewezen stil";
    line.dataset.leeg = root.dataset.lopen ?? "";
    line.setAttribute("aria-hidden", "true");
    cloth.closest("figure").querySelector("figcaption").prepend(line);
  });
  root.querySelectorAll("a[data-png]").forEach((link) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "als-link als-png";
    button.textContent = root.dataset.png;
    button.addEventListener("click", () => keepAsPng(link));
    link.after(" · ", button);
  });
  root.querySelectorAll("#adres, #inbedcode").forEach((field) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "als-link kopieer";
    button.textContent = root.dataset.kopieer;
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(field.value); } catch { field.select(); return; }
      tell(root.dataset.gekopieerd);
      button.textContent = root.dataset.gekopieerd;
    });
    field.after(button);
  });
}

if (root) {
  const inPage = Boolean(root.querySelector("form.keuze"));
  prepare();
  root.addEventListener("pointerover", (event) => light(keyOf(event.target)));
  root.addEventListener("pointerleave", () => light(""));
  root.addEventListener("focusin", (event) => { const key = keyOf(event.target); if (key || !event.target.matches(".doek")) light(key); });
  if (inPage) {
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = event.target.querySelector("#erbij")?.value;
      show(asked(event.target), { focus: typed ? "erbij" : document.activeElement?.id || "toon" });
    });
    // who chooses a suggestion wants it added; the code is in the field after this event
    root.addEventListener("gekozen", (event) => queueMicrotask(() => event.target.form.requestSubmit()));
    root.addEventListener("change", (event) => {
      if (event.target.matches('input[type="checkbox"]') && root.querySelector("#uitkomst figure, #uitkomst table")) {
        show(asked(event.target.form), { focus: event.target.id });
      }
    });
    root.addEventListener("click", (event) => {
      const link = event.target.closest?.('a[href^="?"]');
      if (!link || link.hasAttribute("download") || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(link.href, { focus: link.closest(".gekozen, .welke") ? "erbij" : "heading" });
    });
    addEventListener("popstate", () => show(location.href, { push: false }));
  }
}
