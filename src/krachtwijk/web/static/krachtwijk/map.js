// SPDX-License-Identifier: EUPL-1.2
// Draws the map, and links it to the list, the legend and the form of the page. Everything that is said comes from the
// server: another choice fetches the page anew and takes its parts over. Without this script the page works too.

const container = document.getElementById("kaart");
const words = document.getElementById("k-woorden").dataset;
const message = document.getElementById("kaart-melding");
const card = document.getElementById("kaartje");
const form = document.getElementById("kaart-keuze");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = new Intl.NumberFormat(document.documentElement.lang);

let state = readState();
let map;
let shownSearch = location.search;
let highlighted = null; // {source, id} of the area that card, list row and outline are about

function readState() {
  return JSON.parse(document.getElementById("kaart-staat").textContent);
}

// --- what is drawn --------------------------------------------------------------------------------------------------

function address(template, thing) {
  const url = new URL(template.replace("/x.", `/${thing.id}.`), location.href);
  url.searchParams.set("v", thing.fingerprint);
  return url.href;
}

function source(thing) {
  return { type: "vector", url: `pmtiles://${address(container.dataset.tegels, thing)}`, promoteId: "code" };
}

function fillColour() {
  const steps = state.classes.flatMap((c) => [c.class, token(`--klasse-${c.step}`)]);
  return ["match", ["get", state.column], ...steps, "rgba(0,0,0,0)"];
}

const scored = () => [">", ["coalesce", ["get", state.column], 0], 0];

function areaLayers(level, zooms) {
  const at = { source: level, "source-layer": "areas", ...zooms };
  const thin = level === "gemeente" ? 0.4 : ["interpolate", ["linear"], ["zoom"], 9, 0.2, 12, 1];
  return [
    { id: `${level}-vlak`, type: "fill", ...at, paint: { "fill-color": fillColour() } },
    { id: `${level}-leeg`, type: "fill", ...at, filter: ["!", scored()], paint: { "fill-pattern": "arcering" } },
    { id: `${level}-rand`, type: "line", ...at, paint: { "line-color": token("--kleur-lijn-sterk"), "line-width": thin } },
  ];
}

function highlightLayer(level, zooms) {
  const width = ["case", ["boolean", ["feature-state", "actief"], false], 4, 0];
  return {
    id: `${level}-actief`, type: "line", source: level, "source-layer": "areas", ...zooms,
    paint: { "line-color": token("--kleur-tekst"), "line-width": width },
  };
}

function names(thing) {
  return { type: "geojson", data: address(container.dataset.namen, { ...thing, id: `${thing.id}-names` }) };
}

function nameLayer(source, size, zooms) {
  return {
    id: source, type: "symbol", source, ...zooms,
    layout: {
      "text-field": ["get", "name"],
      "text-font": ["sans-serif"], // drawn by the browser itself: no glyph files
      "text-size": size,
      "symbol-sort-key": ["-", 0, ["get", "weight"]], // where most people live first
      "text-padding": 10,
    },
    paint: { "text-color": token("--kleur-tekst"), "text-halo-color": token("--kleur-papier"), "text-halo-width": 1.6 },
  };
}

function style() {
  const fine = state.fine;
  const far = { maxzoom: state.fineZoom };
  const near = { minzoom: state.fineZoom };
  const sources = {
    gemeente: source(state.levels.gemeente),
    [fine]: source(state.levels[fine]),
    namen: names(state.levels.gemeente),
  };
  const layers = [
    { id: "water", type: "background", paint: { "background-color": token("--kleur-vlak") } },
    // areas that the publication leaves out (nobody lives there) show the land under them as having no figure
    { id: "land", type: "fill", source: "gemeente", "source-layer": "areas", ...near, paint: { "fill-color": token("--kleur-papier") } },
    { id: "land-leeg", type: "fill", source: "gemeente", "source-layer": "areas", ...near, paint: { "fill-pattern": "arcering" } },
    ...areaLayers("gemeente", far),
    ...areaLayers(fine, near),
    {
      id: "gemeentegrens", type: "line", source: "gemeente", "source-layer": "areas", ...near,
      paint: { "line-color": token("--kleur-stil"), "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.8, 12, 2] },
    },
  ];
  if (state.programme) {
    sources.programma = source(state.programme);
    sources.programmanamen = names(state.programme);
    const at = { source: "programma", "source-layer": "areas" };
    const wide = (extra) => ["interpolate", ["linear"], ["zoom"], 8, 1.2 + extra, 11, 2.5 + extra];
    layers.push(
      { id: "programma-vlak", type: "fill", ...at, paint: { "fill-opacity": 0 } },
      { id: "programma-licht", type: "line", ...at, minzoom: 8, paint: { "line-color": token("--kleur-papier"), "line-width": wide(2) } },
      { id: "programma-lijn", type: "line", ...at, minzoom: 8, paint: { "line-color": token("--kleur-tekst"), "line-width": wide(0) } },
      {
        // from afar an outline is a speck: a ring says where to zoom in
        id: "programma-ring", type: "circle", source: "programmanamen", maxzoom: 8,
        paint: {
          "circle-radius": 4, "circle-color": token("--kleur-papier"), "circle-opacity": 0.5,
          "circle-stroke-width": 1.6, "circle-stroke-color": token("--kleur-tekst"),
        },
      },
    );
  }
  layers.push(highlightLayer("gemeente", far), highlightLayer(fine, near), nameLayer("namen", ["interpolate", ["linear"], ["zoom"], 6, 11, 11, 15], {}));
  if (state.programme) layers.push(nameLayer("programmanamen", 12, { minzoom: 10 }));
  return { version: 8, sources, layers };
}

function hatch() {
  // diagonal lines of one pixel on an eight pixel tile; a colour in CSS is #rrggbb
  const colour = [1, 3, 5].map((at) => parseInt(token("--arcering").slice(at, at + 2), 16));
  const size = 8;
  const data = new Uint8Array(size * size * 4);
  for (let x = 0; x < size; x += 1) data.set([...colour, 255], ((size - 1 - x) * size + x) * 4);
  return { width: size, height: size, data };
}

// --- linking map, card and list -------------------------------------------------------------------------------------

const shownLevel = () => (map.getZoom() < state.fineZoom ? "gemeente" : state.fine);
const classOf = (value) => state.classes.find((c) => c.class === value);
const rowOf = (code) => document.querySelector(`#k-rijen tr[data-code="${CSS.escape(code)}"]`);

function swatch(value) {
  const found = classOf(value);
  const span = document.createElement("span");
  span.className = `klasse klasse-${found ? found.step : "onbekend"}`;
  span.textContent = found ? found.label : words.geen;
  return span;
}

function line(...parts) {
  const p = document.createElement("p");
  p.append(...parts);
  return p;
}

function clearHighlight() {
  if (highlighted && map.getSource(highlighted.source)) map.setFeatureState({ ...highlighted, sourceLayer: "areas" }, { actief: false });
  if (highlighted) rowOf(highlighted.id)?.classList.remove("actief");
  highlighted = null;
  card.hidden = true;
}

function highlight(area) {
  if (highlighted?.id === area.code && !card.hidden) return;
  clearHighlight();
  highlighted = { source: area.level, id: area.code };
  map.setFeatureState({ ...highlighted, sourceLayer: "areas" }, { actief: true });
  rowOf(area.code)?.classList.add("actief");
  const link = document.createElement("a");
  link.href = areaAddress(area.code);
  link.textContent = area.name;
  const town = area.town && area.town !== area.name ? `, ${area.town}` : "";
  card.replaceChildren(line(link, town), line(swatch(area.value)));
  if (area.programme) card.append(line(`${words.ligtin} ${area.programme}`));
  card.hidden = false;
}

function areaAddress(code) {
  return document.getElementById("k-rij").content.querySelector("a").getAttribute("href").replace("CODE", code);
}

function areaAt(point) {
  const level = shownLevel();
  const [feature] = map.queryRenderedFeatures(point, { layers: [`${level}-vlak`] });
  if (!feature) return null;
  const [around] = map.getLayer("programma-vlak") ? map.queryRenderedFeatures(point, { layers: ["programma-vlak"] }) : [];
  const { code, name, town, [state.column]: value } = feature.properties;
  return { level, code, name, town, value, programme: around && `${state.programme.word}: ${around.properties.name}` };
}

function listed(row) {
  // what a row of the list says of its area, so that focus needs no drawn feature
  const step = row.querySelector(".klasse").className.match(/klasse-(\d)/);
  const value = state.classes.find((c) => step && c.step === Number(step[1]))?.class ?? 0;
  return { level: row.dataset.level ?? (state.gemeente ? state.fine : "gemeente"), code: row.dataset.code, name: row.querySelector("a").textContent, value };
}

function follow(row) {
  highlight(listed(row));
  const at = [Number(row.dataset.lon), Number(row.dataset.lat)];
  if (row.dataset.lon && !map.getBounds().contains(at)) map.easeTo({ center: at });
}

function scrollToRow(code) {
  const row = rowOf(code);
  const list = row?.closest(".lijst");
  if (list) list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 3;
}

// --- the list and the legend follow what is in view -------------------------------------------------------------------

const MOST = 400; // the sentence k-meer names this number

function areasInView() {
  const level = shownLevel();
  const seen = new Map();
  for (const { properties } of map.queryRenderedFeatures({ layers: [`${level}-vlak`] })) seen.set(properties.code, properties);
  const compare = new Intl.Collator("nl", { ignorePunctuation: true, numeric: true }).compare;
  return { level, areas: [...seen.values()].sort((a, b) => compare(a.name, b.name)) };
}

function followView() {
  const { level, areas } = areasInView();
  const counts = state.levels[level].counts;
  for (const cell of document.querySelectorAll("[data-klasse]")) {
    const count = counts[cell.dataset.klasse] ?? 0;
    cell.textContent = count || cell.dataset.klasse !== "0" ? number.format(count) : "";
  }
  document.getElementById("k-eenheid").textContent = state.levels[level].word;
  const body = document.getElementById("k-rijen");
  // a chosen municipality keeps its list; so does a reader who is in the list
  if (state.gemeente || body.contains(document.activeElement)) return;
  const template = document.getElementById("k-rij");
  const rows = areas.slice(0, MOST).map((area) => {
    const row = template.content.firstElementChild.cloneNode(true);
    Object.assign(row.dataset, { code: area.code, level });
    const link = row.querySelector("a");
    link.href = areaAddress(area.code);
    link.textContent = area.name;
    row.querySelector(".plaats").textContent = level === "gemeente" ? "" : area.town;
    row.querySelector(".klasse").replaceWith(swatch(area[state.column]));
    return row;
  });
  body.replaceChildren(...rows);
  const total = document.createElement("span");
  total.id = "k-aantal";
  total.textContent = number.format(areas.length);
  document.getElementById("k-lijst").replaceChildren(total, ` ${state.levels[level].word} ${words.inbeeld}`);
  const more = document.getElementById("k-meer");
  more.hidden = areas.length <= MOST;
  more.textContent = words.meer;
  if (highlighted) rowOf(highlighted.id)?.classList.add("actief");
}

// --- another choice ---------------------------------------------------------------------------------------------------

function fit(animate) {
  const [west, south, east, north] = state.bounds;
  const camera = map.cameraForBounds([[west, south], [east, north]], { padding: 24 });
  if (state.gemeente) camera.zoom = Math.max(camera.zoom, state.fineZoom + 0.01);
  if (animate) map.easeTo(camera);
  else map.jumpTo(camera);
}

async function choose(url, push) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok) {
    location.assign(url);
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = state.gemeente;
  clearHighlight();
  for (const id of ["kaart-kop", "kaart-zij"]) document.getElementById(id).replaceWith(fresh.getElementById(id));
  for (const select of form.querySelectorAll("select")) {
    const renewed = fresh.getElementById(select.id);
    select.parentElement.hidden = renewed.parentElement.hidden;
    select.replaceChildren(...renewed.childNodes); // the element itself stays, so focus stays
  }
  state = readState();
  if (push) history.pushState(null, "", url + location.hash);
  shownSearch = location.search;
  map.setStyle(style(), { diff: true });
  if (!map.hasImage("arcering")) map.addImage("arcering", hatch());
  if (state.gemeente !== before) fit(true);
  map.once("idle", followView);
}

function chosenAddress() {
  return `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
}

// --- start ----------------------------------------------------------------------------------------------------------

function listen() {
  let pinned = false; // a click holds the card, so that its link can be reached
  map.on("mousemove", (event) => {
    const area = areaAt(event.point);
    map.getCanvas().style.cursor = area ? "pointer" : "";
    if (pinned) return;
    if (area) highlight(area);
    else clearHighlight();
  });
  map.on("mouseout", () => pinned || clearHighlight());
  map.on("click", (event) => {
    const area = areaAt(event.point);
    pinned = Boolean(area);
    clearHighlight();
    if (!area) return;
    highlight(area);
    scrollToRow(area.code);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    pinned = false;
    clearHighlight();
  });
  map.on("moveend", () => map.once("idle", followView));
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("#k-rijen tr");
    if (row) follow(row);
  });
  document.addEventListener("mouseover", (event) => {
    const row = event.target.closest?.("#k-rijen tr");
    if (row) highlight(listed(row));
  });
  form.addEventListener("change", () => choose(chosenAddress(), true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(chosenAddress(), true);
  });
  addEventListener("popstate", () => {
    // moving the map changes the hash only, and the map follows that itself
    if (location.search !== shownSearch) choose(location.pathname + location.search, false);
  });
}

async function start() {
  const maplibre = await import(container.dataset.maplibre);
  maplibre.setWorkerUrl(new URL(container.dataset.worker, location.href).href);
  maplibre.addProtocol("pmtiles", new pmtiles.Protocol().tile);
  const positioned = location.hash.includes("plek=");
  map = new maplibre.Map({
    container,
    style: style(),
    hash: "plek",
    center: [5.3, 52.15],
    zoom: 6.5,
    minZoom: 5,
    maxZoom: 15,
    maxBounds: [[1.5, 49.8], [9.2, 54.4]],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: true,
    fadeDuration: 0,
    locale: {
      "Map.Title": words.titel,
      "NavigationControl.ZoomIn": words.inzoomen,
      "NavigationControl.ZoomOut": words.uitzoomen,
      "CooperativeGesturesHandler.WindowsHelpText": words.toets,
      "CooperativeGesturesHandler.MacHelpText": words.toets.replace("Ctrl", "⌘"),
      "CooperativeGesturesHandler.MobileHelpText": words.vingers,
    },
  });
  container.kaart = map; // for tests and for whoever wants to look
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addImage("arcering", hatch());
  if (!positioned) fit(false);
  message.textContent = "";
  form.querySelector("button").hidden = true;
  listen();
  map.once("idle", () => {
    followView();
    container.dataset.klaar = "ja";
  });
}

start().catch((error) => {
  message.textContent = words.mislukt;
  console.error(error);
});
