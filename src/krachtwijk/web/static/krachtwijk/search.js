// SPDX-License-Identifier: EUPL-1.2
// Suggestions while someone types, by the combobox pattern of the ARIA Authoring Practices. The form works without.
//
// Give any text input in a form `data-zoek`:
//   data-zoek="ga"          choosing goes to the page of the area
//   data-zoek="code"        choosing writes the code into the field and fires `change`; with
//   data-zoek-in="id"       the code goes into the input with that id and the name stays in the field
//   data-zoek-soort="wijk buurt"   only these kinds (gemeente, stadsdeel, wijk, buurt, pc4, provincie, programma)
//   data-zoek-adres         where suggestions come from (default /gebied/suggesties/)
// Choosing also fires `gekozen` on the field (bubbles), with {code, naam, adres} in `detail`.

const WAIT = 120; // milliseconds without a key before asking
const SAY_AFTER = 600; // and before it is read out, so that it does not talk through the typing
let made = 0;

class Field {
  constructor(input) {
    this.input = input;
    this.id = `suggesties-${++made}`;
    this.found = [];
    this.active = -1;
    this.asked = null;
    this.known = new Map();
    this.build();
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    input.addEventListener("click", () => this.found.length && this.open());
    // a press inside the list must not take the focus away before it is a choice
    this.box.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.plaats));
    });
  }

  build() {
    const holder = document.createElement("div");
    holder.className = "zoekveld";
    this.input.replaceWith(holder);
    holder.append(this.input);
    this.box = document.createElement("div");
    this.box.className = "suggesties";
    this.box.hidden = true;
    this.note = document.createElement("p");
    this.list = document.createElement("ul");
    this.list.id = this.id;
    this.list.setAttribute("role", "listbox");
    const label = this.input.labels && this.input.labels[0];
    if (label) {
      label.id ||= `${this.id}-label`;
      this.list.setAttribute("aria-labelledby", label.id);
    } else {
      this.list.setAttribute("aria-label", this.input.getAttribute("aria-label") || "");
    }
    this.box.append(this.note, this.list);
    this.status = document.createElement("div");
    this.status.className = "onzichtbaar";
    this.status.setAttribute("role", "status");
    this.chosen = document.createElement("p");
    this.chosen.className = "hulp";
    this.chosen.hidden = true;
    holder.append(this.chosen, this.box, this.status);
    const set = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.id };
    for (const [name, value] of Object.entries(set)) this.input.setAttribute(name, value);
    this.input.autocomplete = "off";
  }

  typed() {
    this.chosen.hidden = true;
    clearTimeout(this.timer);
    this.asked?.abort();
    this.asked = null;
    if (this.input.value.trim().length < 2) {
      this.show({ gebieden: [], uitleg: "", aantal: "" });
      return;
    }
    this.list.setAttribute("aria-busy", "true"); // what stands there answers an older question
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const question = this.input.value.trim();
    const known = this.known.get(question);
    if (known) {
      this.show(known);
      return;
    }
    const address = new URL(this.input.dataset.zoekAdres || "/gebied/suggesties/", location.href);
    address.searchParams.set("q", question);
    for (const kind of (this.input.dataset.zoekSoort || "").split(/\s+/).filter(Boolean)) address.searchParams.append("soort", kind);
    const language = new URLSearchParams(location.search).get("taal");
    if (language) address.searchParams.set("taal", language);
    const asked = new AbortController();
    this.asked = asked;
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok) return;
      const found = await answer.json();
      if (this.asked !== asked) return; // an older question, answered late
      this.known.set(question, found);
      if (document.activeElement === this.input) this.show(found);
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // without a connection the plain form is still there
    }
  }

  show(answer) {
    this.list.removeAttribute("aria-busy");
    // an area of a programme has no code: it can be gone to, not filled in
    this.found = answer.gebieden.filter((area) => this.input.dataset.zoek !== "code" || area.code);
    this.note.textContent = answer.uitleg;
    this.list.replaceChildren(
      ...this.found.map((area, at) => {
        const option = document.createElement("li");
        option.id = `${this.id}-${at}`;
        option.dataset.plaats = at;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const name = document.createElement("strong");
        name.textContent = area.naam;
        const place = document.createElement("span");
        place.textContent = [area.soort, area.waar].filter(Boolean).join(" · ");
        option.append(name, " ", place);
        return option;
      }),
    );
    this.list.hidden = !this.found.length;
    this.activate(-1);
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.status.textContent = [answer.aantal, answer.uitleg].filter(Boolean).join(". ");
    }, SAY_AFTER);
    if (this.found.length || answer.uitleg) this.open();
    else this.close();
  }

  open() {
    this.box.hidden = false;
    this.input.setAttribute("aria-expanded", String(this.found.length > 0));
  }

  close() {
    this.box.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(-1);
  }

  activate(at) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = at;
    const option = this.list.children[at];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  key(event) {
    if (event.isComposing) return;
    const count = this.found.length;
    const open = !this.box.hidden;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      if (!open) this.open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // from the field itself down goes to the first and up to the last; past the ends lies the field
      const next = this.active + step;
      this.activate(next < -1 ? count - 1 : next >= count ? -1 : next);
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && open) {
      event.preventDefault(); // a search field would also empty itself
      this.close();
    }
  }

  choose(at) {
    const area = this.found[at];
    const { zoek, zoekIn } = this.input.dataset;
    this.close();
    this.input.dispatchEvent(new CustomEvent("gekozen", { bubbles: true, detail: area }));
    if (zoek !== "code") {
      location.assign(area.adres);
      return;
    }
    const target = zoekIn && document.getElementById(zoekIn);
    this.input.value = target ? area.naam : area.code;
    if (target) target.value = area.code;
    else {
      // a code says nothing to a reader: the name stays in sight
      this.chosen.textContent = [area.naam, area.soort, area.waar].filter(Boolean).join(" · ");
      this.chosen.hidden = false;
    }
    (target || this.input).dispatchEvent(new Event("change", { bubbles: true }));
    this.found = [];
  }
}

const attached = new WeakSet();

/** Give every field with `data-zoek` under `root` its suggestions; call again after adding fields. */
export function attach(root = document) {
  for (const input of root.querySelectorAll("input[data-zoek]")) {
    if (attached.has(input)) continue;
    attached.add(input);
    new Field(input);
  }
}

// a page that renews itself says so
document.addEventListener("vernieuwd", () => attach());

attach();
