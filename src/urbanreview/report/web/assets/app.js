// The page's spine: reads the data once, hands out the hooks, starts the parts, the search box and the charts.
(() => {
  "use strict";
  window.report ??= {};

  const MISSING = "–";
  const WHOLE_UNITS = ["people", "settlements", "patches", "code", "cells", "months"];
  const RESULTS_AT_MOST = 10;
  const ZONES_AT_MOST = 5000; // a level with more, such as hexagons, has no names to search for

  /** An element with attributes and children; whatever comes from the data stays text. */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value == null) continue;
      if (name === "text") element.textContent = value;
      else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  };

  // ------------------------------------------------------------------------------------------------ words and numbers

  const texts = (data) => (key, values = {}) => {
    const plain = key.slice(key.indexOf(".") + 1).replaceAll("_", " ");
    const words = data.texts?.[key] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
    return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };

  const is_percent = (column) => Boolean(column.percent ?? (column.share || column.unit === "1/year"));

  /** A number as the page's tables print it: counts whole, shares and rates in per cent, the rest with three digits. */
  const number_in = (language, t) => (value, column = {}) => {
    if (value == null || !Number.isFinite(value)) return MISSING;
    const print = (shown, decimals) =>
      new Intl.NumberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, roundingMode: "halfEven" }).format(shown);
    if (is_percent(column)) return t("numbers.percent", { number: print(100 * value, column.share ? 1 : 2) });
    if (column.code || WHOLE_UNITS.includes(column.unit) || Math.abs(value) >= 100) return print(value, 0);
    return value === 0 ? print(0, 0) : print(value, Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))));
  };

  const unit_of = (data, column) => {
    const unit = column.unit ?? "";
    if (column.share || column.code || unit === "1" || unit === "code") return "";
    return data.texts?.[`units.${column.unit_key ?? unit}`] ?? unit;
  };

  // ----------------------------------------------------------------------------------------------------------- hooks

  const make_hooks = (data) => {
    const listeners = { select: [], theme: [] };
    const places = new Map(data.levels.flatMap(({ key }) => (data.zones[key]?.id ?? []).map((id, row) => [id, [key, row]])));
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const columns = new Map(data.columns.map((column) => [column.name, column]));
    const t = texts(data);
    const number = number_in(data.language, t);
    const levels = new Map(data.levels.map((level) => [level.key, level]));
    const tell = (event, ...words) => {
      for (const listener of listeners[event]) {
        try {
          listener(...words);
        } catch (error) {
          console.warn(error);
        }
      }
    };
    const hooks = {
      selected: null,
      make,
      number,
      t,
      is_percent,
      methods: method_line(t),
      on: (event, listener) => listeners[event].push(listener),
      theme: () => (dark.matches ? "dark" : "light"),
      find: (id) => places.get(id) ?? null,
      column: (name) => columns.get(name) ?? null,
      unit: (column) => unit_of(data, column),
      /** The heading of a column, the measure in the page's language. */
      heading: (column) => column.heading.replace(column.title, () => data.texts?.[`measures.${column.measure}`] ?? column.title),
      level_name: (key) => {
        const { name, table, kind } = levels.get(key);
        return kind === "own" ? name : (data.texts?.[`levels.${table}`] ?? data.texts?.[`levels.${key}`] ?? name);
      },
      format: (value, column = {}) => {
        const text = number(value, column);
        const unit = text === MISSING ? "" : unit_of(data, column);
        return unit ? `${text} ${unit}` : text;
      },
      /** Why a zone has no such number. */
      reason: (level, row, name) => {
        const zones = data.zones[level];
        if (zones.values[name]?.[row] != null) return "";
        return zones.reasons?.[name]?.[row] ?? data.records?.[columns.get(name)?.measure]?.undefined ?? "";
      },
      select: (level, row) => {
        const id = data.zones[level]?.id[row];
        if (id == null) return;
        hooks.selected = [level, row];
        const hash = `#zone=${encodeURIComponent(id)}`;
        if (location.hash !== hash) location.hash = hash;
        tell("select", level, row);
      },
    };
    dark.addEventListener("change", () => tell("theme", hooks.theme()));
    return hooks;
  };

  const follow_hash = (hooks) => {
    const read = () => {
      const id = /^#zone=(.+)$/.exec(location.hash)?.[1];
      if (!id) return;
      let place = null;
      try {
        place = hooks.find(decodeURIComponent(id));
      } catch {
        return; // a broken escape in the address names no zone
      }
      const is_shown = place && hooks.selected?.[0] === place[0] && hooks.selected[1] === place[1];
      if (place && !is_shown) hooks.select(...place);
    };
    window.addEventListener("hashchange", read);
    read();
  };

  // ---------------------------------------------------------------------------------------------------------- search

  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  /** Every zone with the names that find it, settlements first. */
  const search_index = (data, hooks) =>
    data.levels.filter(({ count }) => count <= ZONES_AT_MOST).flatMap(({ key }) => {
      const { id, attributes = {}, name: names } = data.zones[key] ?? { id: [], name: [] };
      const others = ["name_ascii", "name_alternate", "listed_name"].map((column) => attributes[column] ?? []);
      return id.map((_, row) => ({
        level: key,
        row,
        kind: hooks.level_name(key),
        name: names[row],
        under: attributes.district_1_name?.[row] ?? "",
        words: [...new Set([names[row], ...others.map((column) => column[row])].filter(Boolean).map((word) => folded(String(word))))],
      }));
    });

  const rank = (words, query) => {
    const ranks = words.map((word) => {
      if (word === query) return 0;
      if (word.startsWith(query)) return 1;
      const at = word.indexOf(query);
      if (at < 0) return 9;
      return /[\s\-,;/('’]/.test(word[at - 1]) ? 2 : 3;
    });
    return Math.min(9, ...ranks);
  };

  const search_in = (index, text) => {
    const query = folded(text.trim());
    if (!query) return [];
    const hits = index.map((entry) => [rank(entry.words, query), entry]).filter(([hit]) => hit < 9);
    return hits.sort((one, other) => one[0] - other[0]).slice(0, RESULTS_AT_MOST).map(([, entry]) => entry);
  };

  const start_search = (data, hooks) => {
    const place = document.querySelector("#search-app");
    if (!place) return;
    const index = search_index(data, hooks);
    let hits = [];
    let active = -1;
    const input = make("input", {
      id: "search-words", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", dir: "auto",
      "aria-expanded": "false", "aria-controls": "search-hits", "aria-autocomplete": "list",
      placeholder: hooks.t("controls.search_placeholder"),
    });
    const list = make("ul", { id: "search-hits", class: "search-hits", role: "listbox", "aria-label": hooks.t("controls.search"), hidden: true });
    const status = make("span", { class: "unseen", role: "status" });
    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const point = (to) => {
      active = hits.length ? (to + hits.length) % hits.length : -1;
      [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
      list.children[active]?.scrollIntoView({ block: "nearest" });
      if (active >= 0) input.setAttribute("aria-activedescendant", `search-hit-${active}`);
    };
    const take = (hit) => {
      close();
      input.value = hit.name;
      hooks.select(hit.level, hit.row);
    };
    const option_of = (hit, at) =>
      make("li", { id: `search-hit-${at}`, role: "option", "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => take(hit) },
        make("bdi", { class: "name", text: hit.name }), make("span", { class: "soft" }, hit.kind, hit.under ? " · " : "", make("bdi", { text: hit.under })));
    const open = () => {
      hits = search_in(index, input.value);
      list.replaceChildren(...hits.map(option_of));
      const is_empty = !hits.length && input.value.trim();
      if (is_empty) list.append(make("li", { class: "soft", role: "option", "aria-disabled": "true", "aria-selected": "false", text: hooks.t("controls.search_none") }));
      status.textContent = input.value.trim() ? hooks.t(hits.length ? "controls.search_found" : "controls.search_none", { count: hits.length }) : "";
      list.hidden = !hits.length && !is_empty;
      input.setAttribute("aria-expanded", String(!list.hidden));
      input.removeAttribute("aria-activedescendant");
      active = -1;
      if (hits.length) point(0);
    };
    const keys = {
      ArrowDown: () => (list.hidden ? open() : point(active + 1)),
      ArrowUp: () => (list.hidden ? open() : point(active - 1)),
      Enter: () => hits[active] && !list.hidden && take(hits[active]),
      Escape: () => (list.hidden ? (input.value = "") : close()),
    };
    input.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.isComposing) return;
      event.preventDefault();
      keys[event.key]();
    });
    input.addEventListener("input", open);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", close);
    place.classList.add("search-app");
    place.replaceChildren(make("label", { for: "search-words", text: hooks.t("controls.search") }), make("div", { class: "search-box" }, input, list, status));
  };

  // ---------------------------------------------------------------------------------------------------------- charts

  const chart_config = () => {
    const css = getComputedStyle(document.documentElement);
    const [ground, ink, soft, line, head] = ["--ground", "--ink", "--soft", "--line", "--head"].map((name) => css.getPropertyValue(name).trim());
    const words = { labelColor: soft, titleColor: ink };
    return {
      background: ground,
      font: getComputedStyle(document.body).fontFamily,
      axis: { ...words, gridColor: line, domainColor: soft, tickColor: line },
      legend: words,
      header: words,
      title: { color: head, subtitleColor: soft },
      text: { color: ink },
      rule: { color: soft },
      view: { stroke: line },
    };
  };

  const loaded = () =>
    document.readyState === "complete" ? Promise.resolve() : new Promise((done) => window.addEventListener("load", done, { once: true }));

  const save_button = (hooks, place, view, kind) =>
    make("button", {
      type: "button",
      text: hooks.t(`controls.save_${kind}`),
      "aria-label": `${hooks.t(`controls.save_${kind}`)}: ${place.dataset.alt || place.dataset.chart}`,
      onclick: async () => {
        const url = await view.toImageURL(kind, kind === "png" ? 2 : 1);
        make("a", { href: url, download: `${place.dataset.chart}.${kind}` }).click();
      },
    });

  const draw_chart = async (place, hooks) => {
    const spec = JSON.parse(document.getElementById(`chart-${place.dataset.chart}`).textContent);
    await loaded(); // the runtime is a module: it may come after this script
    if (!window.vegaEmbed) throw new Error("vegaEmbed");
    const plot = make("div", { class: "chart-plot", role: "img", "aria-label": place.dataset.alt || place.dataset.chart });
    const still = [...place.children].filter((child) => child.matches(".still"));
    place.replaceChildren(...still, plot);
    // ast: the page forbids eval, so expressions are interpreted
    const { view, finalize } = await window.vegaEmbed(plot, spec, { actions: false, ast: true, logLevel: 1, renderer: "svg", defaultStyle: false, config: chart_config() });
    plot.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the plot has a name; its marks have none of their own
    const links = ["svg", "png"].map((kind) => save_button(hooks, place, view, kind));
    place.append(make("div", { class: "chart-save" }, ...links));
    place.classList.add("live");
    return finalize;
  };

  const start_charts = (hooks) => {
    const drawn = new Map(); // place -> promise of the way to take the drawing away
    const draw = (place) => {
      const drawing = draw_chart(place, hooks).catch((error) => tell_failure(place, hooks, error));
      drawn.set(place, drawing);
      return drawing;
    };
    const places = [...document.querySelectorAll(".chart[data-chart]")];
    const watcher = new IntersectionObserver(
      (entries) => entries.filter((entry) => entry.isIntersecting && !drawn.has(entry.target)).forEach((entry) => draw(entry.target)),
      { rootMargin: "300px" },
    );
    places.forEach((place) => watcher.observe(place));
    const when_idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 200));
    const draw_rest = () => { // one after the other, so that a printed page has them all
      const next = places.find((place) => !drawn.has(place));
      if (next) when_idle(() => (drawn.has(next) ? Promise.resolve() : draw(next)).then(draw_rest));
    };
    loaded().then(() => setTimeout(draw_rest, 1500));
    hooks.on("theme", () => {
      for (const [place, drawing] of [...drawn]) drawing.then((finalize) => finalize && (finalize(), draw(place)));
    });
  };

  // ------------------------------------------------------------------------------------------------------------- bar

  /** Marks in the bar at the top which section is being read. */
  const start_bar = () => {
    const bar = document.querySelector("nav.sections");
    const links = new Map([...(bar?.querySelectorAll("a") ?? [])].map((link) => [document.getElementById(link.hash.slice(1)), link]));
    const seen = new Set();
    const mark = () => {
      const now = [...links.keys()].filter((section) => seen.has(section)).at(-1);
      for (const [section, link] of links) {
        const is_now = section === now;
        if (is_now === link.hasAttribute("aria-current")) continue;
        link.toggleAttribute("aria-current", is_now);
        if (is_now) {
          link.setAttribute("aria-current", "true");
          bar.scrollTo({ left: link.offsetLeft - bar.clientWidth / 3 });
        }
      }
    };
    const watcher = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target);
      mark();
    }, { rootMargin: "-60px 0px -70% 0px" });
    [...links.keys()].filter(Boolean).forEach((section) => watcher.observe(section));
  };

  // --------------------------------------------------------------------------------------------------------- methods

  /** The box of the indicator that a measure belongs to. */
  const method_box = (measure) => document.getElementById(`measure-${measure.replace(/[._]/g, "-")}`)?.closest(".method-box") ?? null;

  /** A line with a link to the method box of each indicator that some measures belong to. */
  const method_line = (t) => (measures) => {
    const boxes = [...new Set(measures.map(method_box).filter(Boolean))];
    const links = boxes.map((box) => make("a", { href: `#${box.id}`, "data-method": box.id, text: box.querySelector("summary").textContent }));
    return links.length ? make("p", { class: "methods" }, make("span", { text: t("headings.method") }), ...links.flatMap((link) => [" ", link])) : null;
  };

  /** Shows the words of a box below the line that its link stands in, or takes them away. */
  const toggle_method = (hooks, link, box) => {
    const line = link.closest(".methods");
    const shown = line.nextElementSibling?.matches(".method-shown") ? line.nextElementSibling : null;
    const is_open = shown?.dataset.method === box.id;
    shown?.remove();
    line.querySelectorAll("a").forEach((each) => each.setAttribute("aria-expanded", String(each === link && !is_open)));
    if (is_open) return;
    const more = make("a", { href: `#${box.id}`, text: hooks.t("controls.method_more") });
    line.after(make("div", { class: "method-shown", "data-method": box.id }, box.querySelector("dl").cloneNode(true), make("p", { class: "small" }, more)));
  };

  /** Opens whatever hides a place of the page. */
  const reveal = (id) => {
    const place = id && document.getElementById(id);
    for (let box = place?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    if (place) place.scrollIntoView();
  };

  const start_methods = (hooks) => {
    const print = { opened: [] };
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-method]");
      const box = link && document.getElementById(link.hash.slice(1));
      if (!box || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      toggle_method(hooks, link, box);
    });
    const follow = () => reveal(/^#(me[\w-]+)$/.exec(location.hash)?.[1]);
    window.addEventListener("hashchange", follow);
    window.addEventListener("beforeprint", () => {
      print.opened = [...document.querySelectorAll(":is(.method-box, .notes):not([open])")];
      print.opened.forEach((box) => (box.open = true));
    });
    window.addEventListener("afterprint", () => print.opened.forEach((box) => (box.open = false)));
    follow();
  };

  // ----------------------------------------------------------------------------------------------------------- start

  const tell_failure = (place, hooks, error) => {
    console.warn(error);
    place?.prepend(make("p", { class: "failed", role: "note", text: `${hooks.t("controls.part_failed")} (${error.message})` }));
  };

  report.start = () => {
    const data = JSON.parse(document.getElementById("review-data").textContent);
    const hooks = make_hooks(data);
    const parts = [
      ["#search-app", () => start_search(data, hooks)],
      ["#map-app", () => report.map?.(data, hooks)],
      ["#profile-app", () => report.profile?.(data, hooks)],
      ["main", () => report.tables?.(data, hooks)],
      ["main", () => start_charts(hooks)],
      ["main", () => start_methods(hooks)],
      ["main", start_bar],
      ["main", () => follow_hash(hooks)],
    ];
    for (const [place, start] of parts) {
      try {
        start();
      } catch (error) {
        tell_failure(document.querySelector(place), hooks, error);
      }
    }
    document.documentElement.dataset.report = "started";
    return hooks;
  };
})();
