// SPDX-License-Identifier: EUPL-1.2
// Makes the drawn map nicer: a card, arrow keys, links with the list, another choice without a new page, and (only when
// asked for) the map that zooms. Everything that is said comes from the server. Without this script the page works too.

const byId = (id) => document.getElementById(id);
const words = byId("k-woorden").dataset;
const card = byId("kaartje");
const message = byId("kaart-melding");
const form = byId("kaart-keuze");
const sheet = byId("kaart-vel");
const zoomer = byId("kaart");
const button = byId("k-inzoomen");
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

let state = JSON.parse(byId("kaart-staat").textContent);
let detail = null; // the map that zooms, once it was asked for
let shownSearch = location.search;
let active = null; // code of the area that card, row and outline are about
let pinned = false; // a tap holds the card, so that its links can be reached

const links = () => [...sheet.querySelectorAll("a[data-code]")];
const linkOf = (code) => sheet.querySelector(`a[data-code="${CSS.escape(code)}"]`);
const rowOf = (code) => document.querySelector(`#k-rijen tr[data-code="${CSS.escape(code)}"]`);
const areaAddress = (code) =>
  byId("k-rij").content.querySelector("a").getAttribute("href").replace("CODE", code);

// --- card, list and map point at each other ----------------------------------------------------------------------------

function swatch(value) {
  const found = state.classes.find((c) => c.class === value);
  const span = document.createElement("span");
  span.className = `klasse klasse-${found ? found.step : value < 0 ? "geheim" : "onbekend"}`;
  span.textContent = found ? found.label : value < 0 ? words.geheim : words.geen;
  return span;
}

function line(...parts) {
  const p = document.createElement("p");
  p.append(...parts);
  return p;
}

function anchor(href, text) {
  const made = document.createElement("a");
  made.href = href;
  made.textContent = text;
  return made;
}

// the border of an area drawn again over its neighbours; the link itself stays where it is, so it keeps focus
function outline(link) {
  sheet.querySelector(".oplicht")?.remove();
  const svg = sheet.querySelector("svg");
  if (!link || !svg) return;
  const border = document.createElementNS(svg.namespaceURI, "path");
  border.setAttribute("class", "oplicht");
  border.setAttribute("d", link.querySelector("path").getAttribute("d"));
  svg.append(border);
}

function clear() {
  if (active) {
    outline(null);
    rowOf(active)?.classList.remove("actief");
    detail?.mark(null);
  }
  active = null;
  card.hidden = true;
}

// area: code, name, value, and town and programme where the zooming map knows them
function show(area) {
  if (active === area.code && !card.hidden) return;
  clear();
  active = area.code;
  const link = linkOf(area.code);
  outline(link);
  rowOf(area.code)?.classList.add("actief");
  detail?.mark(area);
  const town = area.town && area.town !== area.name ? `, ${area.town}` : "";
  const title = document.createElement("strong");
  title.textContent = area.name;
  card.replaceChildren(line(title, town), line(swatch(area.value)));
  if (area.programme) card.append(line(`${words.ligtin} ${area.programme}`));
  const ways = line(anchor(areaAddress(area.code), words.open));
  if (link && !detail?.open && !state.gemeente) ways.append(" · ", anchor(link.getAttribute("href"), words.bekijk));
  card.append(ways);
  card.hidden = false;
}

function ofRow(row) {
  const name = row.querySelector("a").textContent;
  return { code: row.dataset.code, name, value: Number(row.dataset.k), level: row.dataset.level };
}

function ofLink(link) {
  const row = rowOf(link.dataset.code);
  if (row) return ofRow(row);
  return { code: link.dataset.code, name: link.getAttribute("aria-label").split(": ")[0], value: 0 };
}

function scrollToRow(code) {
  const row = rowOf(code);
  const list = row?.closest(".lijst");
  if (list) list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 3;
}

// --- arrow keys walk over the drawn map --------------------------------------------------------------------------------

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

// the nearest area within 60 degrees of the direction pressed; what lies aside counts as further away
function neighbour(from, [dx, dy]) {
  const [x, y] = [Number(from.dataset.x), Number(from.dataset.y)];
  let best = null;
  let least = Infinity;
  for (const to of links()) {
    const [ex, ey] = [to.dataset.x - x, to.dataset.y - y];
    const along = ex * dx + ey * dy;
    const aside = Math.abs(ex * dy) + Math.abs(ey * dx);
    if (to === from || along <= 0 || aside > along * 1.75) continue;
    const far = along + 2 * aside;
    if (far < least) [best, least] = [to, far];
  }
  return best;
}

function prepare() {
  const all = links();
  for (const link of all) {
    const title = link.querySelector("title");
    link.setAttribute("aria-label", title?.textContent ?? link.getAttribute("aria-label") ?? "");
    title?.remove(); // the card says it; a second bubble would hide it
  }
  // one stop for the whole map; start in the middle of it
  const size = sheet.querySelector("svg")?.viewBox.baseVal;
  const middle = (l) => Math.hypot(l.dataset.x - size.width / 2, l.dataset.y - size.height / 2);
  const first = all.reduce((a, b) => (a && middle(a) <= middle(b) ? a : b), null);
  first?.setAttribute("tabindex", "0");
  byId("k-hulp").hidden = !all.length;
}

function walk(event) {
  const link = event.target.closest("a[data-code]");
  if (!link) return;
  const to = WAYS[event.key] && neighbour(link, WAYS[event.key]);
  if (!WAYS[event.key]) return;
  event.preventDefault();
  to?.focus({ preventScroll: true });
}

// --- the list: filter and order in place --------------------------------------------------------------------------------

const sorted = (rows, compare) => rows.map((r, i) => [r, i]).sort(([a, i], [b, j]) => compare(a, b) || i - j).map(([r]) => r);
const names = new Intl.Collator("nl", { ignorePunctuation: true, numeric: true });

function sift(remember) {
  const text = plain(byId("k-zoek").value.trim());
  const only = byId("k-klasse").value;
  const order = byId("k-volgorde").value;
  const body = byId("k-rijen");
  const stepOf = (r) => state.classes.find((c) => c.class === Number(r.dataset.k))?.step ?? 0;
  const byName = (a, b) => names.compare(a.querySelector("a").textContent, b.querySelector("a").textContent);
  const rows = sorted([...body.rows], order === "klasse" ? (a, b) => stepOf(b) - stepOf(a) || byName(a, b) : byName);
  let count = 0;
  for (const row of rows) {
    const name = plain(row.querySelector("a").textContent);
    const fits = (!text || name.includes(text) || row.dataset.code.toLowerCase() === text);
    row.hidden = !(fits && (only === "" || Math.max(Number(row.dataset.k), 0) === Number(only)));
    if (!row.hidden) count += 1;
  }
  body.replaceChildren(...rows);
  byId("k-aantal").textContent = new Intl.NumberFormat(document.documentElement.lang).format(count);
  byId("k-niets").hidden = count > 0;
  if (!remember) return;
  const search = chosenSearch();
  history.replaceState(null, "", `${location.pathname}?${search}${location.hash}`);
  shownSearch = location.search;
}

// --- another choice -----------------------------------------------------------------------------------------------------

function chosenSearch() {
  const chosen = new URLSearchParams(new FormData(form));
  for (const name of ["zoek", "klasse", "gewicht"]) if (!chosen.get(name)) chosen.delete(name);
  if (chosen.get("volgorde") === "naam") chosen.delete("volgorde");
  if (chosen.get("maat") !== "eigen") chosen.delete("gewicht");
  return chosen;
}

let asked = 0;

async function choose(address, push) {
  const turn = (asked += 1);
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) {
    location.assign(address);
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== asked) return; // a later choice overtook this one
  const focused = document.activeElement?.id;
  const inMap = sheet.contains(document.activeElement) || card.contains(document.activeElement);
  clear();
  pinned = false;
  for (const id of ["kaart-kop", "kaart-zij", "kaart-weging", "kaart-bron"]) byId(id).replaceWith(fresh.getElementById(id));
  sheet.replaceChildren(...fresh.getElementById("kaart-vel").childNodes);
  for (const select of form.querySelectorAll("select")) {
    const renewed = fresh.getElementById(select.id);
    select.parentElement.hidden = renewed.parentElement.hidden;
    const { value } = renewed; // read first: a list that loses its options one by one chooses another each time
    select.replaceChildren(...renewed.childNodes); // the element itself stays, so focus stays
    select.value = value;
  }
  for (const id of ["k-gewicht", "k-land"]) byId(id).replaceWith(fresh.getElementById(id));
  document.title = byId("kaart-kop").dataset.titel;
  state = JSON.parse(byId("kaart-staat").textContent);
  if (push) history.pushState(null, "", address + (detail?.open ? location.hash : ""));
  shownSearch = location.search;
  quiet();
  prepare();
  detail?.renew(state);
  if (inMap) sheet.querySelector("a[tabindex='0']")?.focus({ preventScroll: true });
  else if (focused) byId(focused)?.focus({ preventScroll: true });
}

const chosenAddress = () => `${form.getAttribute("action")}?${chosenSearch()}`;

// buttons that only repeat what happens by itself
function quiet() {
  for (const made of document.querySelectorAll("#kaart-keuze .knop, .lijstkeuze .knop")) made.hidden = true;
}

// --- the map that zooms -------------------------------------------------------------------------------------------------

async function zoom(on) {
  if (!zoomer) return;
  if (!on) {
    detail?.hide();
    zoomer.hidden = true;
    sheet.hidden = false;
    byId("k-hulp").hidden = false;
    history.replaceState(null, "", location.pathname + location.search);
    await choose(location.pathname + location.search, false);
  } else {
    message.textContent = words.laden;
    try {
      const { open } = await import(zoomer.dataset.script);
      zoomer.hidden = false;
      sheet.hidden = true;
      byId("k-hulp").hidden = true;
      clear();
      detail ??= await open(zoomer, state, { words, show, clear, scrollToRow, sift, areaAddress, pin: (held) => { pinned = held; }, pinned: () => pinned });
      detail.show(state);
      message.textContent = "";
    } catch (error) {
      zoomer.hidden = true;
      sheet.hidden = false;
      message.textContent = words.mislukt;
      console.error(error);
      return;
    }
  }
  button.textContent = on ? words.overzicht : words.schuiven;
  button.setAttribute("aria-pressed", String(on));
}

// --- start --------------------------------------------------------------------------------------------------------------

sheet.addEventListener("pointerover", (event) => {
  const link = event.target.closest("a[data-code]");
  if (pinned || event.pointerType === "touch") return;
  if (link) show(ofLink(link));
  else clear();
});
sheet.addEventListener("pointerleave", () => pinned || sheet.contains(document.activeElement) || clear());
sheet.addEventListener("focusin", (event) => {
  const link = event.target.closest("a[data-code]");
  if (!link) return;
  sheet.querySelector("a[tabindex='0']")?.setAttribute("tabindex", "-1"); // the map stays one stop
  link.setAttribute("tabindex", "0");
  if (link.matches(":focus-visible")) show(ofLink(link));
});
sheet.addEventListener("keydown", walk);
let touched = false;
sheet.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; });
sheet.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-code]");
  if (!link) {
    pinned = false;
    clear();
    return;
  }
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (touched) {
    // a tap shows the card; its links lead on
    touched = false;
    event.preventDefault();
    show(ofLink(link));
    pinned = true;
    scrollToRow(link.dataset.code);
  } else if (!state.gemeente) {
    event.preventDefault();
    choose(new URL(link.getAttribute("href"), location.href).href, true);
  }
});
card.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link?.getAttribute("href").startsWith("?")) return;
  event.preventDefault();
  choose(new URL(link.href).href, true);
});
document.addEventListener("click", (event) => {
  if (event.target.id !== "k-land") return;
  event.preventDefault();
  choose(event.target.href, true);
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  pinned = false;
  const back = card.contains(document.activeElement) || sheet.contains(document.activeElement);
  clear();
  if (back) (button ?? byId("k-zoek")).focus({ preventScroll: true });
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("#k-rijen tr");
  if (!row) return;
  show(ofRow(row));
  detail?.follow(row);
});
document.addEventListener("mouseover", (event) => {
  const row = event.target.closest?.("#k-rijen tr");
  if (row && !pinned) show(ofRow(row));
});
document.addEventListener("input", (event) => { if (event.target.id === "k-zoek") sift(true); });
document.addEventListener("change", (event) => {
  if (event.target.id === "k-klasse" || event.target.id === "k-volgorde") sift(true);
  else if (event.target.form === form && event.target.id !== "k-zoek") choose(chosenAddress(), true);
});
document.addEventListener("submit", (event) => {
  if (event.target === form) {
    event.preventDefault();
    choose(chosenAddress(), true);
  } else if (event.target.id === "k-weging") {
    event.preventDefault();
    const chosen = new URLSearchParams(new FormData(event.target));
    const weights = chosen.getAll("gewicht").join(",");
    chosen.delete("gewicht");
    chosen.set("gewicht", weights);
    choose(`${form.getAttribute("action")}?${chosen}`, true);
  }
});
addEventListener("popstate", () => {
  // moving the zooming map changes the hash only, and that map follows it itself
  if (location.search !== shownSearch) choose(location.pathname + location.search, false);
});
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => zoom(sheet.hidden === false));
  // pinching, and Ctrl with the wheel, ask for zoom as plainly as the button does
  sheet.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(true);
  }, { passive: false });
  sheet.addEventListener("touchstart", (event) => { if (event.touches.length === 2) zoom(true); }, { passive: true });
}
quiet();
prepare();
document.documentElement.dataset.kaart = "klaar";
if (location.hash.includes("plek=")) zoom(true);
