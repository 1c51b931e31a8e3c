// The map: zones, routes and raster pictures drawn without tiles or glyphs; names are HTML; a card tells the chosen zone.
(() => {
  "use strict";
  window.report ??= {};

  // colours as in report/ink.py; the dark set runs from dim to bright
  const COLOURS = {
    light: {
      sea: "#eaf0f4", land: "#f8f7f3", coast: "#5b6770", edge: "#9aa7b1", upper: "#5b6770", missing: "#e3e3e0", casing: "#ffffff", ring: "#1d2733",
      areas: ["#dfeaf2", "#bdd5e6", "#8fb8d4", "#5a94ba", "#2a6694"], cities: ["#fde0bd", "#f9b67f", "#ee8358", "#cf4a3a", "#8c1514"],
      signed: ["#a6611a", "#dfc27d", "#8fb8d4", "#2a6694"], centre: "#b5271e", cluster: "#f2a33a", own: "#b0579a", route: "#22303c", chosen: "#002244",
    },
    dark: {
      sea: "#0c1217", land: "#1b242c", coast: "#8d9aa5", edge: "#4b5965", upper: "#93a1ad", missing: "#3c434a", casing: "#0c1217", ring: "#0c1217",
      areas: ["#1f3d54", "#2b5a7b", "#3f7ba4", "#6ba6cc", "#b4d8ef"], cities: ["#6e2f24", "#a8432f", "#dd6a45", "#f5a36c", "#fde0bd"],
      signed: ["#e0a050", "#8a6a3d", "#3f7ba4", "#a5d0ec"], centre: "#ef6a5b", cluster: "#f2a33a", own: "#d98cc6", route: "#dfe8ef", chosen: "#ffffff",
    },
  };
  const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
  const ZONES_AT_MOST = 5000; // in the list of all zones, by level
  const OWN_AT_MOST = 300; // a set of own zones with more is not drawn at first
  const LABELS_AT_MOST = 45;
  const TILE_PX = 512;
  const NEVER_ZOOM = 30;
  const LABELS_TRIED = 120;
  const REACH_PX = 4; // how near a click must come
  const NOTHING = { type: "FeatureCollection", features: [] };

  // --------------------------------------------------------------------------------------------------------- classes

  /** The largest plain number not above a positive one (ink.round_down). */
  const round_down = (value) => {
    const power = 10 ** Math.floor(Math.log10(value));
    const step = STEPS.filter((candidate) => candidate * power <= value * (1 + 1e-12)).at(-1) ?? 1;
    return Number((step * power).toPrecision(6));
  };

  const quantile = (sorted, share) => {
    const at = share * (sorted.length - 1);
    const low = Math.floor(at);
    return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
  };

  /** Inner limits of about equally filled classes at plain numbers (ink.class_breaks). */
  const class_breaks = (values, at_most = 5) => {
    const usable = values.filter((value) => Number.isFinite(value) && value > 0).sort((one, other) => one - other);
    if (!usable.length) return [];
    const classes = Math.min(at_most, new Set(usable).size);
    const limits = Array.from({ length: classes - 1 }, (_, cut) => round_down(quantile(usable, (cut + 1) / classes)));
    return [...new Set(limits)].sort((one, other) => one - other).filter((limit) => usable[0] < limit && limit <= usable.at(-1));
  };

  const spread = (colours, count) =>
    count <= 1 ? [colours[colours.length >> 1]] : Array.from({ length: count }, (_, at) => colours[Math.round((at * (colours.length - 1)) / (count - 1))]);

  /** Classes of a column: limits, colours, the class of each row (-1: missing). Below zero and above it have colours of their own. */
  const classify = (values, colours, signed) => {
    const numbers = values.filter((value) => value != null);
    const has_both = numbers.some((value) => value < 0) && numbers.some((value) => value > 0);
    let breaks, tones;
    if (has_both) {
      const below = class_breaks(numbers.map((value) => -value), 2).map((limit) => -limit);
      const above = class_breaks(numbers, 2);
      breaks = [...below, 0, ...above];
      tones = [...signed.slice(0, 2).slice(below.length ? 0 : 1), ...(above.length ? signed.slice(2) : signed.slice(2, 3))];
    } else {
      const is_negative = numbers.some((value) => value < 0);
      breaks = is_negative ? class_breaks(numbers.map((value) => -value)).map((limit) => -limit).reverse() : class_breaks(numbers);
      tones = spread(colours, breaks.length + 1);
      if (is_negative) tones.reverse();
    }
    const classes = values.map((value) => (value == null ? -1 : breaks.filter((limit) => limit <= value).length));
    return { breaks, tones, classes };
  };

  /** A paint expression that gives each row the colour of its class. */
  const paint_of = ({ tones, classes }, missing) => {
    const rows = tones.map(() => []);
    classes.forEach((number, row) => number >= 0 && rows[number].push(row));
    const arms = tones.flatMap((tone, number) => (rows[number].length ? [rows[number], tone] : []));
    return arms.length ? ["match", ["id"], ...arms, missing] : missing;
  };

  // ----------------------------------------------------------------------------------------------------------- layers

  const has_shapes = (data, level) => (data.shapes[level.key]?.features.length ?? 0) > 0;
  const levels_of = (data, kind) => data.levels.filter((level) => level.kind === kind && has_shapes(data, level));
  const people_column = (data) => data.columns.find((column) => column.measure === "population.total" && column.main)?.name;

  /** The column a level shows a measure by: the picked one, or its own of the same measure. */
  const name_in = (zones, column) => (column.name in zones.values ? column.name : zones.main?.[column.measure]);

  /** The zoom at which an outline is as wide as its circle: from there on the outline tells where the city is. */
  const fade_zoom = (shape, radius) => {
    if (!shape) return NEVER_ZOOM;
    const [west, , east] = bounds_of(shape);
    return Math.min(NEVER_ZOOM, Math.log2((4 * radius * 360) / (TILE_PX * Math.max(east - west, 1e-6))));
  };

  const centre_points = (data, level) => {
    const { point, values } = data.zones[level.key];
    const people = values[people_column(data)] ?? [];
    const shapes = new Map((data.shapes[level.key]?.features ?? []).map((feature) => [feature.id, feature.geometry]));
    const least = point.length > 400 ? 1.5 : 2.5;
    const most = Math.max(1, ...people.filter((count) => count > 0));
    return {
      type: "FeatureCollection",
      features: point.flatMap((at, row) => {
        if (!at) return [];
        const radius = least + 13.5 * Math.sqrt(Math.max(0, people[row] ?? 0) / most);
        return [{ type: "Feature", id: row, properties: { radius: Number(radius.toFixed(2)), fade: Number(fade_zoom(shapes.get(row), radius).toFixed(2)) }, geometry: { type: "Point", coordinates: at } }];
      }),
    };
  };

  /** Full until the zoom of a feature's `fade`, gone one step later. */
  const fading = (home_zoom, opacity) => {
    const steps = Array.from({ length: 14 }, (_, step) => home_zoom + step);
    return ["interpolate", ["linear"], ["zoom"], ...steps.flatMap((zoom) => [zoom, ["interpolate", ["linear"], ["-", zoom, ["get", "fade"]], 0, opacity, 1, 0]])];
  };

  const growth_of_circles = (zoom, home_zoom) => 1 + 0.2 * Math.max(0, Math.min(5, zoom - home_zoom));

  /** Groups of the layer switch, in drawing order from the ground up. */
  const plan_layers = (data) => {
    const [centres, clusters, ...others] = data.levels.filter((level) => level.kind === "settlement");
    const [finest, ...upper] = levels_of(data, "unit");
    const shown = (level) => level && has_shapes(data, level);
    return {
      country: levels_of(data, "country")[0],
      areas: [...levels_of(data, "unit"), ...levels_of(data, "own")],
      finest,
      upper: upper.reverse(),
      own: levels_of(data, "own"),
      clusters: [clusters, ...others].filter(shown),
      centres: centres && data.zones[centres.key] ? centres : null,
      points: centres && data.zones[centres.key] ? centre_points(data, centres) : NOTHING,
      routes: Object.keys(data.lines ?? {}).filter((key) => data.lines[key].features.length),
    };
  };

  const sources_of = (data, plan) => {
    const geojson = (content) => ({ type: "geojson", data: content });
    const sources = { chosen: geojson(NOTHING) };
    const shaped = [plan.country, ...plan.areas, ...plan.clusters, plan.centres].filter((level) => level && has_shapes(data, level));
    for (const { key } of shaped) sources[`shape-${key}`] = geojson(data.shapes[key]);
    if (plan.centres) sources.points = geojson(plan.points);
    for (const key of plan.routes) sources[`line-${key}`] = geojson({ ...data.lines[key], features: data.lines[key].features.map((feature, id) => ({ ...feature, id })) });
    return sources;
  };

  const line = (id, source, color, width, more = {}) => ({ id, source, type: "line", layout: { "line-join": "round" }, paint: { "line-color": color, "line-width": width, ...more } });
  const fill = (id, source, color, opacity = 1) => ({ id, source, type: "fill", paint: { "fill-color": color, "fill-opacity": opacity } });

  const layers_of = (data, plan, ink, home_zoom) => {
    const layers = [{ id: "sea", type: "background", paint: { "background-color": ink.sea } }];
    const by_zoom = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];
    if (plan.country) layers.push(fill("land", `shape-${plan.country.key}`, ink.land));
    for (const { key } of plan.areas) layers.push(fill(`fill-${key}`, `shape-${key}`, ink.land), line(`rim-${key}`, `shape-${key}`, ink.casing, 0.6, { "line-opacity": 0.8 }));
    layers.push({ id: "overlay-here", type: "background", layout: { visibility: "none" }, paint: { "background-color": ink.sea } });
    if (plan.finest) layers.push(line(`edge-${plan.finest.key}`, `shape-${plan.finest.key}`, ink.edge, by_zoom(home_zoom, 0.5, home_zoom + 4, 1.2)));
    for (const { key } of plan.clusters) layers.push(fill(`fill-${key}`, `shape-${key}`, ink.cluster, 0.4), line(`edge-${key}`, `shape-${key}`, ink.cluster, by_zoom(home_zoom, 0.5, home_zoom + 3, 1.3)));
    if (plan.centres && has_shapes(data, plan.centres))
      layers.push(fill(`fill-${plan.centres.key}`, `shape-${plan.centres.key}`, ink.centre, 0.85), line(`edge-${plan.centres.key}`, `shape-${plan.centres.key}`, ink.ring, 0.6));
    for (const { key } of plan.upper) layers.push(line(`edge-${key}`, `shape-${key}`, ink.upper, by_zoom(home_zoom, 1, home_zoom + 4, 2)));
    if (plan.country) layers.push(line("coast", `shape-${plan.country.key}`, ink.coast, 1.4));
    for (const { key } of plan.own) layers.push(fill(`touch-${key}`, `shape-${key}`, ink.own, 0), line(`edge-${key}`, `shape-${key}`, ink.own, 1.8, { "line-dasharray": [3, 2] }));
    for (const key of plan.routes) layers.push(line(`case-${key}`, `line-${key}`, ink.casing, by_zoom(home_zoom, 2.8, home_zoom + 4, 5), { "line-opacity": 0.45 }), line(`route-${key}`, `line-${key}`, ink.route, by_zoom(home_zoom, 1.2, home_zoom + 4, 2.5), { "line-opacity": 0.75 }));
    if (plan.centres) {
      const radius = by_zoom(...[0, 5].flatMap((step) => [home_zoom + step, ["*", ["get", "radius"], growth_of_circles(home_zoom + step, home_zoom)]]));
      const fades = fading(home_zoom, 0.92);
      layers.push({
        id: "points", source: "points", type: "circle", layout: { "circle-sort-key": ["-", ["get", "radius"]] },
        paint: { "circle-radius": radius, "circle-color": ink.centre, "circle-opacity": fades, "circle-stroke-color": ink.ring, "circle-stroke-width": 0.8, "circle-stroke-opacity": fades },
      });
    }
    layers.push(line("chosen-case", "chosen", ink.casing, 6), line("chosen-line", "chosen", ink.chosen, 2.8));
    layers.push({ id: "chosen-point", source: "chosen", type: "circle", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": ["get", "radius"], "circle-color": "transparent", "circle-opacity": 0, "circle-stroke-color": ink.chosen, "circle-stroke-width": 2.5, "circle-stroke-opacity": fading(home_zoom, 1) } });
    return layers;
  };

  // ----------------------------------------------------------------------------------------------------------- places

  const bounds_of = (geometry) => {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const walk = (part) => {
      if (typeof part[0] === "number") {
        [box[0], box[1], box[2], box[3]] = [Math.min(box[0], part[0]), Math.min(box[1], part[1]), Math.max(box[2], part[0]), Math.max(box[3], part[1])];
      } else part.forEach(walk);
    };
    walk(geometry.coordinates);
    return box;
  };

  const shape_index = (data) => {
    const index = {};
    return (level, row) => {
      index[level] ??= new Map((data.shapes[level]?.features ?? []).map((feature) => [feature.id, feature.geometry]));
      return index[level].get(row) ?? null;
    };
  };

  const has_webgl = () => {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
  };

  // ------------------------------------------------------------------------------------------------------------- card

  const facts_of = (data, hooks, measure, level, row) => {
    const zones = data.zones[level];
    const attribute = (name) => zones.attributes?.[name]?.[row];
    const picked = hooks.column(measure);
    const numbers = [...new Set([picked && name_in(zones, picked), people_column(data)])].filter((name) => name && name in zones.values);
    const alternate = attribute("name_alternate");
    return [
      [hooks.t("controls.also_called"), alternate === zones.name[row] ? null : alternate],
      [hooks.t("controls.level"), hooks.level_name(level)],
      [hooks.t("controls.district"), attribute("district_1_name")],
      ...numbers.map((name) => {
        const column = hooks.column(name);
        return [hooks.heading(column), hooks.format(zones.values[name][row], column), hooks.reason(level, row, name), name];
      }),
      [hooks.t("controls.area"), zones.area_km2?.[row] == null ? null : hooks.format(zones.area_km2[row], { unit: "km2" })],
      [hooks.t("controls.flags"), String(attribute("flags") ?? "").split("; ").filter(Boolean).map((key) => hooks.t(`flags.${key.replaceAll(" ", "_")}`)).join("; ")],
    ].filter(([, text]) => text != null && text !== "");
  };

  const tell_story = () => {
    const story = document.querySelector("#profile-app");
    if (!story) return;
    story.tabIndex = -1;
    story.focus({ preventScroll: true });
    story.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };

  const fill_card = (card, data, hooks, measure) => {
    const { make, t, selected } = hooks;
    if (!selected) return card.replaceChildren(make("p", { class: "soft", text: t("controls.card_hint") }));
    const [level, row] = selected;
    const pairs = facts_of(data, hooks, measure, level, row).flatMap(([name, text, reason, column]) => [
      make("dt", { text: name }),
      make("dd", { title: reason || false, "data-column": column ?? false },
        make("bdi", { text }), reason ? make("span", { class: "why", text: reason }) : null),
    ]);
    const story = document.querySelector("#profile-app") ? make("button", { type: "button", class: "story", text: t("controls.open_profile"), onclick: tell_story }) : null;
    return card.replaceChildren(...[make("h3", { dir: "auto", text: data.zones[level].name[row] }), make("dl", {}, ...pairs), story].filter(Boolean));
  };

  // ----------------------------------------------------------------------------------------------------------- labels

  /** Names of the largest centres as HTML, the larger one winning where two would collide. */
  const start_labels = ({ map, data, hooks, plan, parts, home_zoom }) => {
    const level = plan.centres;
    const zones = data.zones[level.key];
    const radii = new Map(plan.points.features.map((feature) => [feature.id, feature.properties.radius]));
    const fades = new Map(plan.points.features.map((feature) => [feature.id, feature.properties.fade]));
    const people = zones.values[people_column(data)] ?? [];
    const is_named = (row) => zones.name[row] !== zones.id[row]; // an id would only be in the way of names
    const rows = [...radii.keys()].filter(is_named).sort((one, other) => (people[other] ?? 0) - (people[one] ?? 0));
    const place = hooks.make("div", { class: "map-names", "aria-hidden": "true" });
    map.getCanvasContainer().after(place);
    place.style.fontFamily = getComputedStyle(document.body).fontFamily;
    const order_of = new Map(rows.map((row, order) => [row, order]));
    const pen = document.createElement("canvas").getContext("2d");
    const names = new Map(); // row -> {element, width, height, size}
    const name_of = (row, order) => {
      if (!names.has(row)) {
        const size = order < 3 ? 14 : order < 12 ? 12.5 : 11.5;
        const text = [...zones.name[row]].length > 28 ? `${[...zones.name[row]].slice(0, 27).join("")}…` : zones.name[row];
        pen.font = `${order < 3 ? 650 : 550} ${size}px ${getComputedStyle(place).fontFamily}`;
        const element = hooks.make("bdi", { text, style: `font: ${pen.font}; line-height: 1.15` });
        place.append(element);
        names.set(row, { element, width: pen.measureText(text).width + 4, height: size * 1.3 });
      }
      return names.get(row);
    };
    const spots = (x, y, radius, { width, height }, gap = radius + 3) => [
      ...(radius ? [] : [[x - width / 2, y - height / 2]]),
      [x + gap, y - height / 2], [x - gap - width, y - height / 2], [x - width / 2, y - gap - height], [x - width / 2, y + gap],
    ];
    let is_on = true;
    let furniture = [];
    const find_furniture = () => {
      const stage = parts.stage.getBoundingClientRect();
      const things = [...parts.stage.querySelectorAll(".map-whole, .map-mark, .maplibregl-ctrl")].map((thing) => thing.getBoundingClientRect());
      furniture = things.map((box) => [-1, box.left - stage.left, box.top - stage.top, box.right - stage.left, box.bottom - stage.top]);
    };
    const draw = () => {
      const { width, height } = map.getCanvas().getBoundingClientRect();
      const grown = growth_of_circles(map.getZoom(), home_zoom);
      const chosen = hooks.selected?.[0] === level.key ? hooks.selected[1] : null;
      const ranked = order_of.has(chosen) ? [chosen, ...rows.filter((row) => row !== chosen)] : rows;
      const visible = [];
      for (const row of is_on ? ranked : []) {
        const { x, y } = map.project(zones.point[row]);
        const radius = map.getZoom() > fades.get(row) + 0.5 ? 0 : radii.get(row) * grown;
        if (x > -20 && y > -20 && x < width + 20 && y < height + 20) visible.push([row, x, y, radius]);
        if (visible.length >= LABELS_TRIED) break;
      }
      const taken = [...furniture, ...visible.map(([row, x, y, radius]) => [row, x - radius, y - radius, x + radius, y + radius])];
      const is_free = (row, [x, y], { width: w, height: h }) =>
        x > 2 && y > 2 && x + w < width - 2 && y + h < height - 2 && !taken.some(([other, l, u, r, d]) => other !== row && x < r && x + w > l && y < d && y + h > u);
      const shown = new Set();
      for (const [row, x, y, radius] of visible) {
        if (shown.size >= LABELS_AT_MOST) break;
        const name = name_of(row, order_of.get(row));
        const spot = spots(x, y, radius, name).find((candidate) => is_free(row, candidate, name));
        if (!spot) continue;
        taken.push([-1, spot[0], spot[1], spot[0] + name.width, spot[1] + name.height]);
        name.element.style.transform = `translate(${spot[0].toFixed(1)}px, ${spot[1].toFixed(1)}px)`;
        name.element.classList.toggle("chosen", row === chosen);
        shown.add(row);
      }
      for (const [row, { element }] of names) element.style.display = shown.has(row) ? "block" : "none";
    };
    map.on("move", draw);
    map.on("resize", () => (find_furniture(), draw()));
    find_furniture();
    draw();
    return { draw, show: (on) => ((is_on = on), draw()) };
  };

  // ------------------------------------------------------------------------------------------------------------- tools

  /** Columns to choose from: the one a measure is shown by, if a drawn zone has a number of it. */
  const pickable = (data, plan) => {
    const keys = [plan.centres, ...plan.areas].filter(Boolean).map((level) => level.key);
    return data.columns.filter((column) => column.main && !column.code && column.unit !== "code" && keys.some((key) => data.zones[key].values[name_in(data.zones[key], column)]?.some((value) => value != null)));
  };

  const measure_picker = (data, hooks, columns, chosen, pick) => {
    const { make, t } = hooks;
    const themes = Map.groupBy ? Map.groupBy(columns, (column) => column.theme) : new Map([...new Set(columns.map((column) => column.theme))].map((theme) => [theme, columns.filter((column) => column.theme === theme)]));
    const groups = [...themes].map(([theme, members]) =>
      make("optgroup", { label: t(`themes.${theme}`) }, ...members.map((column) => make("option", { value: column.name, text: hooks.heading(column), selected: column.name === chosen }))));
    return make("label", { class: "map-pick" }, make("span", { text: t("controls.measure") }), make("select", { id: "map-measure", onchange: (event) => pick(event.target.value) }, ...groups));
  };

  const areas_picker = (data, hooks, plan, chosen, pick) => {
    const { make, t } = hooks;
    const options = plan.areas.map((level) => make("option", { value: level.key, text: hooks.level_name(level.key), selected: level.key === chosen }));
    return make("label", { class: "map-pick" }, make("span", { text: t("controls.areas") }),
      make("select", { id: "map-areas", onchange: (event) => pick(event.target.value) }, ...options, make("option", { value: "", text: t("controls.none") })));
  };

  /** Every zone in one list: the way in for those who neither see the map nor use a pointer. */
  const zone_list = (data, hooks) => {
    const { make, t } = hooks;
    const list = make("select", { id: "map-zones", onchange: (event) => { const place = hooks.find(event.target.value); if (place) hooks.select(...place); } }, make("option", { value: "", text: "…" }));
    const groups = () => list.append(...data.levels.filter(({ count }) => count <= ZONES_AT_MOST).map(({ key }) => make("optgroup", { label: hooks.level_name(key) }, ...data.zones[key].id.map((id, row) => make("option", { value: id, text: data.zones[key].name[row] })))));
    (window.requestIdleCallback ?? ((run) => setTimeout(run, 100)))(groups);
    return make("label", { class: "map-pick unseen-until-focus" }, make("span", { text: t("controls.all_zones") }), list);
  };

  /** The layer switch; the mark beside each name shows how it is drawn. */
  const switches_of = (data, hooks, plan) => {
    const { t } = hooks;
    const of_level = (mark) => (level) => ({ key: level.key, mark, name: hooks.level_name(level.key), layers: [`fill-${level.key}`, `edge-${level.key}`] });
    const edges = (mark) => (level) => ({ key: level.key, mark, name: hooks.level_name(level.key), layers: [`edge-${level.key}`, `touch-${level.key}`] });
    return [
      plan.centres && { ...of_level("centre")(plan.centres), layers: ["points", `fill-${plan.centres.key}`, `edge-${plan.centres.key}`] },
      plan.centres && { key: "names", mark: "names", name: t("controls.labels"), layers: [] },
      ...plan.clusters.map(of_level("cluster")),
      ...plan.own.map(edges("own")),
      ...plan.upper.map(edges("upper")),
      plan.finest && edges("edge")(plan.finest),
      plan.routes.length && { key: "routes", mark: "route", name: t("controls.routes"), layers: plan.routes.flatMap((key) => [`case-${key}`, `route-${key}`]) },
    ].filter(Boolean);
  };

  const layer_switch = (hooks, switches, off, change) =>
    hooks.make("fieldset", { class: "map-layers" }, hooks.make("legend", { text: hooks.t("controls.layers") }),
      ...switches.map((item) => hooks.make("label", {},
        hooks.make("input", { type: "checkbox", checked: !off.has(item.key), "data-layer": item.key, onchange: (event) => change(item, event.target.checked) }),
        hooks.make("span", { class: `mark mark-${item.mark}`, "aria-hidden": "true" }), hooks.make("bdi", { text: item.name }))));

  const overlay_choice = (data, hooks, change) => {
    if (!data.overlays?.length) return null;
    const { make, t } = hooks;
    const radio = (key, name, checked) => make("label", {},
      make("input", { type: "radio", name: "map-overlay", value: key, checked, onchange: () => change(key) }), make("bdi", { text: name }));
    return make("fieldset", { class: "map-layers" }, make("legend", { text: t("controls.overlay") }), radio("", t("controls.none"), true), ...data.overlays.map(({ key, name }) => radio(key, name, false)));
  };

  // ----------------------------------------------------------------------------------------------------------- legend

  const class_words = (hooks, column, breaks) => {
    const is_percent = hooks.is_percent(column);
    const plain = new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumSignificantDigits: 6 });
    const words = breaks.map((limit) => (is_percent ? hooks.t("numbers.percent", { number: plain.format(Number((100 * limit).toPrecision(6))) }) : plain.format(limit)));
    if (!words.length) return [hooks.t("controls.all_values")];
    const inner = words.slice(1).map((high, at) => `${words[at]} – ${high}`);
    return [hooks.t("controls.class_under", { limit: words[0] }), ...inner, hooks.t("controls.class_from", { limit: words.at(-1) })];
  };

  const legend_row = (hooks, title, shape, entries) =>
    hooks.make("div", { class: "key" }, hooks.make("strong", { text: title }),
      hooks.make("ul", {}, ...entries.map(([colour, words]) => hooks.make("li", {}, hooks.make("span", { class: `swatch ${shape}`, style: `background:${colour}`, "aria-hidden": "true" }), hooks.make("span", { text: words })))));

  const fill_legend = (legend, hooks, column, scales, overlay, missing) => {
    const { make, t } = hooks;
    const unit = hooks.unit(column);
    const rows = scales.map(({ level, shape, scale }) => {
      if (!scale) return make("div", { class: "key" }, make("strong", { text: hooks.level_name(level.key) }), make("span", { class: "soft", text: t("controls.not_in_review") }));
      const entries = class_words(hooks, column, scale.breaks).map((words, at) => [scale.tones[at], words]);
      return legend_row(hooks, hooks.level_name(level.key), shape, scale.classes.includes(-1) ? [...entries, [missing, t("controls.missing")]] : entries);
    });
    const picture = overlay ? [legend_row(hooks, overlay.name, "square", overlay.legend.map(([words, colour]) => [colour, words])), overlay.note ? make("p", { class: "soft", text: overlay.note }) : null] : [];
    const heading = make("p", { class: "key-title" }, make("strong", { text: hooks.heading(column) }), unit ? ` (${unit})` : "");
    legend.replaceChildren(...[heading, ...rows, ...picture, make("p", { class: "soft", text: t("controls.circles") }), hooks.methods([column.measure])].filter(Boolean));
  };

  // -------------------------------------------------------------------------------------------------------------- map

  const skeleton = (data, hooks, place, ...tools) => {
    const { make, t } = hooks;
    const still = [...place.children].filter((child) => child.matches(".still, noscript"));
    const parts = {
      still,
      stage: make("div", { class: "map-stage" }),
      canvas: make("div", { class: "map-canvas" }),
      tip: make("div", { class: "map-tip", hidden: true, "aria-hidden": "true" }),
      said: make("p", { class: "unseen", role: "status" }),
      legend: make("div", { class: "map-legend" }),
      card: make("div", { class: "map-card", role: "region", "aria-live": "polite", "aria-label": t("controls.card") }),
      side: make("div", { class: "map-side" }),
    };
    const mark = data.modelled ? make("div", { class: "map-mark", text: data.modelled_mark }) : null;
    parts.stage.append(...[parts.canvas, make("div", { class: "map-cross", "aria-hidden": "true" }), mark, parts.tip, parts.said].filter(Boolean));
    parts.side.append(parts.card);
    const main = make("div", { class: "map-main" }, parts.stage, parts.legend, make("p", { class: "small map-foot", text: data.disclaimer }));
    place.classList.add("map-app");
    place.replaceChildren(make("div", { class: "map-tools" }, ...tools.filter(Boolean)), main, parts.side, ...still);
    return parts;
  };

  const without_map = (place, parts, hooks, words) => {
    place.classList.add("no-map");
    place.classList.remove("live");
    parts.stage.replaceChildren(hooks.make("p", { class: "failed", role: "note", text: words }), ...parts.still);
    parts.legend.remove();
  };

  const locale_of = ({ t }) => ({
    "Map.Title": `${t("controls.map")}. ${t("controls.map_help")}`,
    "NavigationControl.ZoomIn": t("controls.zoom_in"),
    "NavigationControl.ZoomOut": t("controls.zoom_out"),
    "ScaleControl.Meters": "m",
    "ScaleControl.Kilometers": "km",
    "CooperativeGesturesHandler.WindowsHelpText": t("controls.zoom_help"),
    "CooperativeGesturesHandler.MacHelpText": t("controls.zoom_help"),
    "CooperativeGesturesHandler.MobileHelpText": t("controls.move_help"),
  });

  const make_map = (data, hooks, plan, parts) => {
    const [west, south, east, north] = data.bounds;
    const home = [[west, south], [east < west ? east + 360 : east, north]];
    const map = new maplibregl.Map({
      container: parts.canvas,
      style: { version: 8, sources: {}, layers: [] },
      bounds: home,
      fitBoundsOptions: { padding: 24 },
      attributionControl: false,
      cooperativeGestures: true,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: true, preserveDrawingBuffer: !parts.still.length },
      locale: locale_of(hooks),
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ unit: "metric", maxWidth: 110 }), "bottom-left");
    const whole = () => map.fitBounds(home, { padding: 24, animate: !is_calm() });
    parts.stage.append(hooks.make("button", { type: "button", class: "map-whole", text: hooks.t("controls.whole_country"), onclick: whole }));
    return map;
  };

  const is_calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  report.map = (data, hooks) => {
    const place = document.querySelector("#map-app");
    if (!place) return;
    const plan = plan_layers(data);
    const columns = pickable(data, plan);
    const first = ["population.density", "population.total"].map((key) => columns.find((column) => column.measure === key)).find(Boolean) ?? columns[0];
    const state = { measure: first?.name, areas: (plan.finest ?? plan.own[0])?.key ?? "", overlay: "", off: new Set(plan.own.filter(({ count }) => count > OWN_AT_MOST).map(({ key }) => key)), is_own: false };
    const refresh = { colours: () => {}, areas: () => {}, overlay: () => {}, layers: () => {} };
    const card = () => fill_card(parts.card, data, hooks, state.measure);
    const pick = (name) => { state.measure = name; refresh.colours(); card(); };
    const pick_areas = (key) => { state.areas = key; refresh.areas(); };
    const parts = skeleton(data, hooks, place,
      columns.length ? measure_picker(data, hooks, columns, state.measure, pick) : null,
      plan.areas.length ? areas_picker(data, hooks, plan, state.areas, pick_areas) : null,
      zone_list(data, hooks));
    card();
    hooks.on("select", card);
    if (!window.maplibregl || !has_webgl()) return without_map(place, parts, hooks, hooks.t("controls.no_map"));
    const switches = switches_of(data, hooks, plan);
    const change_layer = (item, on) => { state.off[on ? "delete" : "add"](item.key); refresh.layers(); };
    const change_overlay = (key) => { state.overlay = key; refresh.overlay(); };
    parts.side.append(...[layer_switch(hooks, switches, state.off, change_layer), overlay_choice(data, hooks, change_overlay)].filter(Boolean));
    try {
      run_map({ data, hooks, place, plan, parts, state, refresh, switches });
    } catch (error) {
      console.warn(error);
      without_map(place, parts, hooks, `${hooks.t("controls.no_map")} (${error.message})`);
    }
  };

  const run_map = ({ data, hooks, place, plan, parts, state, refresh, switches }) => {
    place.classList.add("live");
    const map = make_map(data, hooks, plan, parts);
    place.map_view = map; // for tests and for the curious
    map.on("error", ({ error }) => console.warn(error));
    map.once("load", () => {
      const home_zoom = map.getZoom();
      map.setMinZoom(home_zoom - 1.5);
      const drawn = { ...{ data, hooks, plan, parts, state, refresh, switches, map, home_zoom }, shape_of: shape_index(data) };
      draw_layers(drawn);
      if (plan.centres) drawn.labels = start_labels(drawn);
      start_colours(drawn);
      start_layers(drawn);
      start_pointer(drawn);
      start_selection(drawn);
      map.once("idle", () => (place.dataset.state = "ready"));
    });
  };

  const draw_layers = ({ data, hooks, plan, map, home_zoom }) => {
    for (const [id, source] of Object.entries(sources_of(data, plan))) map.addSource(id, source);
    for (const layer of layers_of(data, plan, COLOURS[hooks.theme()], home_zoom)) map.addLayer(layer);
  };

  const start_colours = (drawn) => {
    const { data, hooks, plan, parts, state, refresh, map, home_zoom } = drawn;
    refresh.colours = () => {
      const ink = COLOURS[hooks.theme()];
      const column = hooks.column(state.measure);
      if (!column) return parts.legend.replaceChildren();
      const scale_of = (level, colours) => {
        const values = data.zones[level.key].values[name_in(data.zones[level.key], column)];
        return values?.some((value) => value != null) ? classify(values, colours, ink.signed) : null;
      };
      const scales = [];
      if (plan.centres) {
        const scale = scale_of(plan.centres, ink.cities);
        const paint = scale ? paint_of(scale, ink.missing) : ink.centre;
        scales.push({ level: plan.centres, shape: "round", scale });
        map.setPaintProperty("points", "circle-color", paint);
        if (map.getLayer(`fill-${plan.centres.key}`)) map.setPaintProperty(`fill-${plan.centres.key}`, "fill-color", paint);
      }
      for (const level of plan.areas.filter(({ key }) => key === state.areas)) {
        const scale = scale_of(level, ink.areas);
        map.setPaintProperty(`fill-${level.key}`, "fill-color", scale ? paint_of(scale, ink.missing) : ink.land);
        if (!state.overlay) scales.push({ level, shape: "square", scale });
      }
      const overlay = data.overlays?.find(({ key }) => key === state.overlay);
      fill_legend(parts.legend, hooks, column, scales, overlay, ink.missing);
      return null;
    };
    hooks.on("theme", () => {
      for (const layer of layers_of(data, plan, COLOURS[hooks.theme()], home_zoom))
        for (const [name, value] of Object.entries(layer.paint)) if (name.endsWith("-color")) map.setPaintProperty(layer.id, name, value);
      refresh.colours();
    });
    refresh.colours();
  };

  const start_layers = ({ data, plan, state, refresh, switches, map, labels }) => {
    const show = (id, on) => map.getLayer(id) && map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    refresh.layers = () => {
      const is_off = new Set(switches.filter(({ key }) => state.off.has(key)).flatMap(({ layers }) => layers));
      const areas = new Set(plan.areas.map(({ key }) => `fill-${key}`));
      for (const { layers } of switches) layers.filter((id) => !areas.has(id)).forEach((id) => show(id, !is_off.has(id)));
      for (const { key } of plan.areas) [`fill-${key}`, `rim-${key}`].forEach((id) => show(id, key === state.areas));
      labels?.show(!state.off.has("names"));
    };
    refresh.areas = () => { refresh.layers(); refresh.colours(); };
    refresh.overlay = () => {
      for (const { key, url, coordinates } of data.overlays) {
        const id = `overlay-${key}`;
        if (key === state.overlay && !map.getSource(id)) {
          map.addSource(id, { type: "image", url, coordinates });
          map.addLayer({ id, source: id, type: "raster", paint: { "raster-fade-duration": 0, "raster-opacity": 0.9, "raster-resampling": "nearest" } }, "overlay-here");
        }
        show(id, key === state.overlay);
      }
      for (const { key } of plan.areas) map.setPaintProperty(`fill-${key}`, "fill-opacity", state.overlay ? 0 : 1);
      refresh.colours();
    };
    refresh.layers();
  };

  /** What lies under a point of the screen: the finest thing first. */
  const hit_at = ({ plan, map, state }, { x, y }) => {
    const zone = (layer, level) => [layer, (feature) => ({ level: level.key, row: feature.id })];
    const candidates = [
      ...(plan.centres ? [zone("points", plan.centres), zone(`fill-${plan.centres.key}`, plan.centres)] : []),
      ...plan.clusters.map((level) => zone(`fill-${level.key}`, level)),
      ...plan.routes.map((key) => [`route-${key}`, (feature) => ({ route: feature.properties })]),
      ...plan.own.filter(({ key }) => key !== state.areas).map((level) => zone(`touch-${level.key}`, level)),
      ...plan.areas.filter(({ key }) => key === state.areas).map((level) => zone(`fill-${level.key}`, level)),
    ].filter(([layer]) => map.getLayer(layer));
    const layers = candidates.map(([layer]) => layer);
    const exact = map.queryRenderedFeatures([x, y], { layers });
    const near = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: layers.filter((layer) => /^(points|route-)/.test(layer)) });
    for (const [layer, read] of candidates) {
      const feature = [...exact, ...near].find((found) => found.layer.id === layer);
      if (feature) return read(feature);
    }
    return null;
  };

  const words_of = ({ data, hooks, state }, hit) => {
    if (hit.route) {
      const ends = [hit.route.from, hit.route.to].map((id) => { const at = hooks.find(id); return at ? data.zones[at[0]].name[at[1]] : id; });
      const amounts = [["minutes", "minutes"], ["km", "km"]].filter(([key]) => hit.route[key] != null).map(([key, unit]) => hooks.format(hit.route[key], { unit }));
      return [ends.join(" – "), amounts.join(", ")];
    }
    const zones = data.zones[hit.level];
    const picked = hooks.column(state.measure);
    const column = picked && hooks.column(name_in(zones, picked));
    const value = column ? `${hooks.heading(column)}: ${hooks.format(zones.values[column.name][hit.row], column)}` : hooks.level_name(hit.level);
    return [zones.name[hit.row], value];
  };

  const start_pointer = (drawn) => {
    const { hooks, parts, state, map } = drawn;
    const canvas = map.getCanvas();
    const take = (point) => {
      const hit = hit_at(drawn, point);
      if (!hit?.level) return;
      state.is_own = true; // chosen on the map: it need not move
      hooks.select(hit.level, hit.row);
      state.is_own = false;
    };
    const centre = () => ({ x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 });
    let waiting = null;
    const tell = (point) => {
      const hit = hit_at(drawn, point);
      canvas.style.cursor = hit?.level ? "pointer" : "";
      parts.tip.hidden = !hit;
      if (!hit) return;
      const [name, words] = words_of(drawn, hit);
      parts.tip.replaceChildren(hooks.make("strong", { dir: "auto", text: name }), hooks.make("span", { text: words }));
      const left = Math.min(point.x + 14, canvas.clientWidth - parts.tip.offsetWidth - 6);
      const top = point.y + 18 + parts.tip.offsetHeight > canvas.clientHeight ? point.y - parts.tip.offsetHeight - 10 : point.y + 18;
      parts.tip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
    };
    map.on("click", (event) => take(event.point));
    map.on("mousemove", (event) => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => tell(event.point));
    });
    map.on("mouseout", () => { cancelAnimationFrame(waiting); parts.tip.hidden = true; });
    map.on("movestart", () => (parts.tip.hidden = true));
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      take(centre());
    });
    map.on("moveend", () => {
      if (document.activeElement !== canvas) return;
      const hit = hit_at(drawn, centre());
      parts.said.textContent = hit ? words_of(drawn, hit).join(", ") : "";
    });
  };

  const start_selection = (drawn) => {
    const { data, hooks, plan, map, labels, home_zoom, shape_of, state } = drawn;
    const radii = new Map(plan.points.features.map(({ id, properties }) => [id, properties.radius]));
    const fades = new Map(plan.points.features.map(({ id, properties }) => [id, properties.fade]));
    const show = (level, row) => {
      const shape = shape_of(level, row);
      const point = data.zones[level].point?.[row];
      const features = [shape, !shape || level === plan.centres?.key ? point && { type: "Point", coordinates: point } : null]
        .filter(Boolean)
        .map((geometry) => ({ type: "Feature", properties: { fade: shape && level === plan.centres?.key ? fades.get(row) ?? NEVER_ZOOM : NEVER_ZOOM, radius: 4 + (level === plan.centres?.key ? radii.get(row) ?? 3 : 4) }, geometry }));
      map.getSource("chosen").setData({ type: "FeatureCollection", features });
      labels?.draw();
      if (state.is_own || !features.length) return;
      const [west, south, east, north] = bounds_of(features[0].geometry);
      const padding = 0.38 * Math.min(map.getCanvas().clientWidth, map.getCanvas().clientHeight);
      map.fitBounds([[west, south], [east, north]], { padding, maxZoom: shape ? 12 : home_zoom + 3, animate: !is_calm(), duration: 900 });
    };
    hooks.on("select", show);
    if (hooks.selected) show(...hooks.selected);
  };
})();
