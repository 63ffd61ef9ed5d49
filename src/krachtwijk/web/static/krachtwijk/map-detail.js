// SPDX-License-Identifier: EUPL-1.2
// The map that zooms and slides: loaded only when a reader asks for it, in the place of the drawn map. Vector tiles from
// this site, no base map. It shares card, list and legend with the page through `page` (see map.js).

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

let container;
let state;
let page;
let map;
let lit = null; // {source, id} of the area that is outlined

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
  return ["match", classOf(), ...steps, "rgba(0,0,0,0)"];
}

// the class of an area: an attribute of the tile, or of the reader's own weighting a list of the shown areas
function classOf() {
  if (!state.own) return ["coalesce", ["get", state.column], 0];
  const pairs = Object.entries(state.own).flat();
  return pairs.length ? ["match", ["get", "code"], ...pairs, 0] : 0;
}

const scored = () => [">", classOf(), 0];
const secret = () => ["<", classOf(), 0];

function areaLayers(level, zooms) {
  const at = { source: level, "source-layer": "areas", ...zooms };
  const thin = level === "gemeente" ? 0.4 : ["interpolate", ["linear"], ["zoom"], 9, 0.2, 12, 1];
  return [
    { id: `${level}-vlak`, type: "fill", ...at, paint: { "fill-color": fillColour() } },
    { id: `${level}-leeg`, type: "fill", ...at, filter: ["!", scored()], paint: { "fill-pattern": "arcering" } },
    { id: `${level}-geheim`, type: "fill", ...at, filter: secret(), paint: { "fill-color": token("--kleur-lijn") } },
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

const onlyFar = () => Boolean(state.own) && state.ownLevel === "gemeente";

function style() {
  const fine = state.fine;
  // a reader's own weighting of the country is worked out for municipalities only
  const border = onlyFar() ? 24 : state.fineZoom;
  const far = { maxzoom: border };
  const near = { minzoom: border };
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

const shownLevel = () => (onlyFar() || map.getZoom() < state.fineZoom ? "gemeente" : state.fine);
const valueOf = (properties) => (state.own ? state.own[properties.code] ?? 0 : properties[state.column] ?? 0);

function mark(area) {
  if (lit && map.getSource(lit.source)) map.setFeatureState({ ...lit, sourceLayer: "areas" }, { actief: false });
  lit = null;
  if (!area) return;
  const level = area.level ?? (state.gemeente ? state.fine : "gemeente");
  if (!map.getSource(level)) return;
  lit = { source: level, id: area.code };
  map.setFeatureState({ ...lit, sourceLayer: "areas" }, { actief: true });
}

function areaAt(point) {
  const level = shownLevel();
  const [feature] = map.queryRenderedFeatures(point, { layers: [`${level}-vlak`] });
  if (!feature) return null;
  const [around] = map.getLayer("programma-vlak") ? map.queryRenderedFeatures(point, { layers: ["programma-vlak"] }) : [];
  const { code, name, town } = feature.properties;
  return { level, code, name, town, value: valueOf(feature.properties), programme: around && `${state.programme.word}: ${around.properties.name}` };
}

function follow(row) {
  if (container.hidden || !row.dataset.lon) return;
  const at = [Number(row.dataset.lon), Number(row.dataset.lat)];
  if (!map.getBounds().contains(at)) map.easeTo({ center: at });
}

// --- the list follows what is in view -------------------------------------------------------------------

const MOST = 400; // the sentence k-meer names this number

function areasInView() {
  const level = shownLevel();
  const seen = new Map();
  for (const { properties } of map.queryRenderedFeatures({ layers: [`${level}-vlak`] })) seen.set(properties.code, properties);
  const compare = new Intl.Collator("nl", { ignorePunctuation: true, numeric: true }).compare;
  return { level, areas: [...seen.values()].sort((a, b) => compare(a.name, b.name)) };
}

function swatch(value) {
  const found = state.classes.find((c) => c.class === value);
  const span = document.createElement("span");
  span.className = `klasse klasse-${found ? found.step : value < 0 ? "geheim" : "onbekend"}`;
  span.textContent = found ? found.label : value < 0 ? page.words.geheim : page.words.geen;
  return span;
}

function followView() {
  if (container.hidden) return;
  const { level, areas } = areasInView();
  const body = document.getElementById("k-rijen");
  // a chosen municipality keeps its list; so does a reader who is in the list
  if (state.gemeente || body.contains(document.activeElement)) return;
  const template = document.getElementById("k-rij");
  const rows = areas.slice(0, MOST).map((area) => {
    const row = template.content.firstElementChild.cloneNode(true);
    Object.assign(row.dataset, { code: area.code, level, k: valueOf(area) });
    const link = row.querySelector("a");
    link.href = page.areaAddress(area.code);
    link.textContent = area.name;
    row.querySelector(".plaats").textContent = level === "gemeente" ? "" : area.town;
    row.querySelector(".klasse").replaceWith(swatch(valueOf(area)));
    return row;
  });
  body.replaceChildren(...rows);
  const total = document.createElement("span");
  total.id = "k-aantal";
  document.getElementById("k-lijst").replaceChildren(total, ` ${state.levels[level].word} ${page.words.inbeeld}`);
  const more = document.getElementById("k-meer");
  more.hidden = areas.length <= MOST;
  more.textContent = page.words.meer;
  page.sift(false);
}

// --- another choice, start ----------------------------------------------------------------------------------------------

function fit(animate) {
  const [west, south, east, north] = state.bounds;
  const camera = map.cameraForBounds([[west, south], [east, north]], { padding: 24 });
  if (state.gemeente) camera.zoom = Math.max(camera.zoom, state.fineZoom + 0.01);
  if (animate) map.easeTo(camera);
  else map.jumpTo(camera);
}

function renew(fresh) {
  const before = state.gemeente;
  state = fresh;
  lit = null;
  map.setStyle(style(), { diff: true });
  if (!map.hasImage("arcering")) map.addImage("arcering", hatch());
  if (state.gemeente !== before) fit(true);
  map.once("idle", followView);
}

function listen() {
  map.on("mousemove", (event) => {
    const area = areaAt(event.point);
    map.getCanvas().style.cursor = area ? "pointer" : "";
    if (page.pinned()) return;
    if (area) page.show(area);
    else page.clear();
  });
  map.on("mouseout", () => page.pinned() || page.clear());
  map.on("click", (event) => {
    const area = areaAt(event.point);
    page.pin(Boolean(area));
    page.clear();
    if (!area) return;
    page.show(area);
    page.scrollToRow(area.code);
  });
  map.on("moveend", () => {
    map.once("idle", followView);
    if (!container.hidden) keepPlace();
  });
  addEventListener("hashchange", () => {
    const place = placeInAddress();
    if (place && !container.hidden) map.jumpTo(place);
  });
}

// the place in the address: #plek=zoom/latitude/longitude
function placeInAddress() {
  const found = location.hash.match(/plek=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)/)?.slice(1).map(Number);
  return found?.every(Number.isFinite) ? { zoom: found[0], center: [found[2], found[1]] } : null;
}

function keepPlace() {
  const round = (value, digits) => Number(value.toFixed(digits));
  const { lng, lat } = map.getCenter();
  const place = `#plek=${round(map.getZoom(), 2)}/${round(lat, 4)}/${round(lng, 4)}`;
  history.replaceState(history.state, "", location.pathname + location.search + place);
}

function loaded(element) {
  return new Promise((done, failed) => {
    element.addEventListener("load", done);
    element.addEventListener("error", () => failed(new Error("a part of the map was not found")));
    document.head.append(element);
  });
}

async function libraries({ stijl, pmtiles: script, maplibre: library, worker }) {
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: stijl });
  const archive = Object.assign(document.createElement("script"), { src: script });
  const [maplibre] = await Promise.all([import(library), loaded(sheet), loaded(archive)]);
  maplibre.setWorkerUrl(new URL(worker, location.href).href);
  maplibre.addProtocol("pmtiles", new pmtiles.Protocol().tile);
  return maplibre;
}

// Puts the map in `element`, once. Returns what the page may ask of it.
export async function open(element, first, shared) {
  [container, state, page] = [element, first, shared];
  const maplibre = await libraries(container.dataset);
  const positioned = placeInAddress();
  map = new maplibre.Map({
    container,
    style: style(),
    center: [5.3, 52.15],
    zoom: 6.5,
    ...positioned,
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
      "Map.Title": page.words.titel,
      "NavigationControl.ZoomIn": page.words.inzoomen,
      "NavigationControl.ZoomOut": page.words.uitzoomen,
      "CooperativeGesturesHandler.WindowsHelpText": page.words.toets,
      "CooperativeGesturesHandler.MacHelpText": page.words.toets.replace("Ctrl", "⌘"),
      "CooperativeGesturesHandler.MobileHelpText": page.words.vingers,
    },
  });
  container.kaart = map; // for tests and for whoever wants to look
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addImage("arcering", hatch());
  if (!positioned) fit(false);
  listen();
  map.once("idle", () => {
    followView();
    container.dataset.klaar = "ja";
  });
  return {
    open: true,
    mark,
    follow,
    renew(fresh) {
      if (this.open) renew(fresh);
    },
    show(current) {
      const again = !this.open;
      this.open = true;
      map.resize();
      if (!again) return;
      if (current !== state) renew(current);
      fit(false);
    },
    hide() {
      this.open = false;
      page.clear();
    },
  };
}
