// The profile of a place: who it is, its numbers theme by theme, and a second place beside it.
(() => {
  "use strict";
  window.report ??= {};

  const COLOURS = { light: ["#00598c", "#c8502e", "#7a4a94", "#5b6770"], dark: ["#7cc4f2", "#f2a33a", "#d98cc6", "#a2aeb9"] };
  const WHO_LEVELS = [5, 10, 15, 25, 35]; // guideline of 2021 and the interim targets from 4 to 1, µg/m³
  const NEAREST_AT_MOST = 8;
  const SOURCES_AT_MOST = 4;
  const CHART_HEIGHT = 190;
  const TICKS_AT_MOST = 12;
  const ZONES_AT_MOST = 5000; // a level with more is chosen on the map alone
  const YEAR = /^\d{4}$/;
  const UNSAID = new Set(["floor", "products", "breaks", "built_up", "built_share", "min_cells", "rule", "levels", "threshold", "people", "weight"]); // the heading's title says them

  // ------------------------------------------------------------------------------------------------------------ columns

  const parts_of = (variant) => new Map((variant ?? "").split(";").filter(Boolean).map((part) => part.split("=")));
  const rest_of = (variant, axis) => [...parts_of(variant)].filter(([key]) => key !== axis).join(";");
  const plainly = (variant) => [...parts_of(variant)].filter(([key]) => !UNSAID.has(key)).map(([key, value]) => `${key.replaceAll("_", " ")} ${value ?? ""}`.trim());

  /** The columns of each measure that a level has. */
  const columns_by_level = (data) => {
    const found = new Map();
    return (level) => {
      if (!found.has(level)) {
        const groups = new Map();
        for (const column of data.columns) {
          if (!(column.name in data.zones[level].values)) continue;
          groups.set(column.measure, [...(groups.get(column.measure) ?? []), column]);
        }
        found.set(level, groups);
      }
      return found.get(level);
    };
  };

  /** How well a column tells of a place: on the review's own population, of many years, of daily means, by people. */
  const fit_of = (column, own) => {
    const parts = parts_of(column.variant);
    const people = parts.get("people");
    const is_climate = column.theme === "climate";
    return (people == null || people === own ? 8 : 0) + (is_climate && column.period?.includes("/") ? 4 : 0) + (parts.has("statistic") ? 0 : 2) + (parts.get("weight") === "people" ? 1 : 0);
  };

  const make_chooser = (data) => {
    const columns_in = columns_by_level(data);
    const own = (data.population ?? "").replace(" ", ":");
    const best = (columns) => columns.reduce((one, other) => (fit_of(other, own) > fit_of(one, own) ? other : one));
    /** The column that a level tells a measure by. */
    const pick = (level, measure) => {
      const all = columns_in(level).get(measure);
      return all ? (all.find(({ name }) => name === data.zones[level].main?.[measure]) ?? all.at(-1)) : null;
    };
    /** One column per year, of the source and as near to the variant of the one picked as there is. */
    const yearly = (level, measure, source) => {
      const all = columns_in(level).get(measure) ?? [];
      const like = pick(level, measure);
      const years = new Map();
      for (const column of all) {
        if (!YEAR.test(column.period ?? "") || column.source !== (source ?? like.source)) continue;
        const held = years.get(column.period);
        const is_better = !held || (held.variant !== like.variant && (column.variant === like.variant || fit_of(column, own) > fit_of(held, own)));
        if (is_better) years.set(column.period, column);
      }
      return [...years.values()].sort((one, other) => one.period - other.period);
    };
    /** The columns that differ from a reference in one part of the variant only, by that part. */
    const along = (level, measure, axis, reference) =>
      (columns_in(level).get(measure) ?? [])
        .filter((column) => column.source === reference.source && column.period === reference.period && parts_of(column.variant).has(axis) && rest_of(column.variant, axis) === rest_of(reference.variant, axis))
        .sort((one, other) => Number(parts_of(one.variant).get(axis)) - Number(parts_of(other.variant).get(axis)));
    const sources = (level, measure) => [...new Set((columns_in(level).get(measure) ?? []).map(({ source }) => source))];
    /** The best reference of a source, of its newest period. */
    const reference = (level, measure, axis, source) => {
      const all = (columns_in(level).get(measure) ?? []).filter((column) => (source == null || column.source === source) && parts_of(column.variant).has(axis));
      return all.length ? best([...all].sort((one, other) => (other.period ?? "").localeCompare(one.period ?? ""))) : null;
    };
    return { columns_in, pick, yearly, along, sources, reference };
  };

  // ------------------------------------------------------------------------------------------------------------ charts

  const chart_style = (hooks) => {
    const css = getComputedStyle(document.documentElement);
    const [ground, ink, soft, line, head] = ["--ground", "--ink", "--soft", "--line", "--head"].map((name) => css.getPropertyValue(name).trim());
    return {
      background: ground,
      font: getComputedStyle(document.body).fontFamily,
      axis: { labelColor: soft, titleColor: ink, gridColor: line, domainColor: soft, tickColor: line, labelFontSize: 11 },
      legend: { labelColor: ink, titleColor: ink, orient: "top", title: null, labelLimit: 260, labelFontSize: 12 },
      title: { color: head, subtitleColor: soft, anchor: "start", fontSize: 12, fontWeight: 600, subtitleFontSize: 11, limit: 420, offset: 8 },
      view: { stroke: null },
      range: { category: COLOURS[hooks.theme()] },
    };
  };

  /** A Vega-Lite chart of points {series, at, value, told}; with rules across it and levels along it. */
  const spec_of = (chart, data, hooks) => {
    const css = getComputedStyle(document.documentElement);
    const soft = css.getPropertyValue("--soft").trim();
    const names = [...new Set(chart.points.map(({ series }) => series))];
    const colour = { field: "series", type: "nominal", scale: { domain: names, range: COLOURS[hooks.theme()] }, legend: names.length > 1 ? { symbolOpacity: 1 } : null };
    const is_bar = chart.kind === "bar";
    const places = [...new Set(chart.points.map(({ at }) => at))];
    const x = is_bar
      ? { field: "at", type: "ordinal", sort: null, title: chart.axis, axis: { labelAngle: 0, grid: false, labelOverlap: true } }
      : { field: "at", type: "quantitative", title: chart.axis ?? null, scale: { zero: false, nice: false, padding: 12 }, axis: { format: "d", tickMinStep: 1, grid: false, labelFlush: false, ...(places.length <= TICKS_AT_MOST ? { values: places } : {}) } };
    const y = { field: "value", type: "quantitative", title: null, scale: { zero: chart.zero ?? true }, axis: { format: chart.percent ? ".0%" : ",~f", tickCount: 5, domain: false } };
    const tooltip = [{ field: "series", title: "\u2060" }, { field: "label", title: chart.axis ?? hooks.t("controls.year") }, { field: "told", title: chart.measure }];
    const shown = chart.points.filter(({ value }) => value != null);
    const layers = [];
    if (chart.levels) {
      layers.push({ data: { values: chart.levels }, mark: { type: "rule", strokeDash: [4, 3], color: soft }, encoding: { y: { field: "value", type: "quantitative" }, tooltip: { field: "label" } } });
      layers.push({ data: { values: chart.levels }, mark: { type: "text", align: "right", baseline: "bottom", dy: -2, fontSize: 10, color: soft }, encoding: { y: { field: "value", type: "quantitative" }, x: { value: "width" }, text: { field: "written" } } });
    }
    if (chart.rules?.length) {
      layers.push({ data: { values: chart.rules }, mark: { type: "rule", strokeDash: [2, 3], color: soft }, encoding: { x: { field: "at", type: "quantitative" }, tooltip: { field: "label" } } });
    }
    if (chart.thin?.length) layers.push({ data: { values: chart.thin }, mark: { type: "line", strokeWidth: 1, opacity: 0.55, tooltip: null }, encoding: { x, y, color: colour } });
    if (chart.trend?.length) layers.push({ data: { values: chart.trend }, mark: { type: "line", strokeDash: [6, 4], strokeWidth: 1.5, tooltip: null }, encoding: { x, y, color: colour } });
    layers.push(
      is_bar
        ? { data: { values: shown }, mark: { type: "bar", cornerRadiusEnd: 2 }, encoding: { x, y, color: colour, tooltip, ...(names.length > 1 ? { xOffset: { field: "series", sort: names } } : {}) } }
        : { data: { values: shown }, mark: { type: "line", point: { filled: true, size: 45 }, strokeWidth: 2 }, encoding: { x, y, color: colour, tooltip, ...(names.length > 1 ? { shape: { field: "series", type: "nominal", scale: { domain: names }, legend: {} } } : {}) } },
    );
    const subtitle = [names.length > 1 ? null : names[0], data.modelled ? data.modelled_mark : null].filter(Boolean);
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      title: { text: [chart.measure, chart.unit && chart.unit !== chart.measure.toLowerCase() ? `(${chart.unit})` : ""].join(" ").trim(), subtitle },
      width: "container",
      height: CHART_HEIGHT,
      autosize: { type: "fit-x", contains: "padding" },
      layer: layers,
      resolve: { scale: { x: "shared", y: "shared" } },
    };
  };

  const page_loaded = () =>
    document.readyState === "complete" ? Promise.resolve() : new Promise((done) => window.addEventListener("load", done, { once: true }));

  const save_button = (hooks, chart, view, kind) =>
    hooks.make("button", {
      type: "button",
      text: hooks.t(`controls.save_${kind}`),
      "aria-label": `${hooks.t(`controls.save_${kind}`)}: ${chart.caption}`,
      onclick: async () => hooks.make("a", { href: await view.toImageURL(kind, kind === "png" ? 2 : 1), download: `profile_${chart.key}.${kind}` }).click(),
    });

  const draw_chart = async (place, chart, data, hooks) => {
    await page_loaded(); // the runtime is a module: it may come after this script
    if (!window.vegaEmbed) throw new Error("vegaEmbed");
    const { t } = hooks;
    const locale = { decimal: t("numbers.decimal"), thousands: t("numbers.thousands"), grouping: [3], currency: ["", ""] };
    // ast: the page forbids eval, so expressions are interpreted
    const options = { actions: false, ast: true, logLevel: 1, renderer: "svg", defaultStyle: false, formatLocale: locale, config: chart_style(hooks) };
    const { view, finalize } = await window.vegaEmbed(place.querySelector(".chart-plot"), spec_of(chart, data, hooks), options);
    place.querySelector(".chart-plot svg")?.setAttribute("aria-hidden", "true"); // the plot has a name, and its numbers a table
    place.querySelector(".chart-save").replaceChildren(...["svg", "png"].map((kind) => save_button(hooks, chart, view, kind)));
    return finalize;
  };

  /** Draws charts one after the other while the page is idle; a new profile lets go of the old one's. */
  const make_drawing = (data, hooks) => {
    const when_idle = window.requestIdleCallback ? (run) => window.requestIdleCallback(run, { timeout: 300 }) : (run) => setTimeout(run, 20);
    let round = 0;
    let undo = [];
    return async (wanted) => {
      const mine = ++round;
      undo.splice(0).forEach((finalize) => finalize());
      for (const [place, chart] of wanted) {
        await new Promise((done) => when_idle(done));
        if (mine !== round) return;
        try {
          const finalize = await draw_chart(place, chart, data, hooks);
          if (mine === round) undo.push(finalize);
          else finalize();
        } catch (error) {
          console.warn(error);
          place.replaceChildren(hooks.make("p", { class: "failed", text: `${hooks.t("controls.part_failed")} (${error.message})` }));
        }
      }
      if (mine === round) document.getElementById("profile-app").dataset.state = "ready";
    };
  };

  // ---------------------------------------------------------------------------------------------- what the charts show

  /** One point per column; missing values are told but not drawn. */
  const points_of = ({ data, hooks }, zone, columns, at_of, series = zone.label) =>
    columns.map((column) => {
      const at = at_of(column);
      const value = data.zones[zone.level].values[column.name][zone.row];
      return { series, at, label: String(at), value, told: hooks.format(value, column), column, zone };
    });

  const axis_value = (axis) => (column) => Number(parts_of(column.variant).get(axis));
  const year_of = (column) => Number(column.period);
  const middle = (values) => values.sort((one, other) => one - other)[values.length >> 1];

  const make_chart = ({ hooks, zones }, key, heading, points, more = {}) => {
    const counts = new Map();
    for (const { series, value } of points) counts.set(series, (counts.get(series) ?? 0) + (value != null));
    const is_flat = more.kind === "bar" && points.every(({ value }) => !value);
    if (Math.max(0, ...counts.values()) < 2 || is_flat) return []; // the table says it better
    const { column } = points[0];
    const whose = zones.map(({ name }) => name).join(", ");
    return [{
      key, points, kind: "line", unit: hooks.is_percent(column) ? "" : hooks.unit(column), percent: hooks.is_percent(column),
      measure: hooks.t(`measures.${column.measure}`), caption: `${hooks.t(heading)}: ${whose}`, ...more,
    }];
  };

  const people_chart = (context) => {
    const { chooser, zones } = context;
    const measure = "population.total";
    const lines = zones.flatMap((zone) => {
      const chosen = chooser.pick(zone.level, measure);
      if (!chosen) return [];
      const sources = zones.length > 1 ? [chosen.source] : [...new Set([chosen.source, ...chooser.sources(zone.level, measure)])].slice(0, SOURCES_AT_MOST);
      return sources.flatMap((source) => points_of(context, zone, chooser.yearly(zone.level, measure, source), year_of, sources.length > 1 ? source : zone.label));
    });
    return make_chart(context, "people", "captions.profile_people", lines);
  };

  const yearly_chart = (context, key, heading, measure, more) => {
    const { chooser, zones } = context;
    const points = zones.flatMap((zone) => (chooser.pick(zone.level, measure) ? points_of(context, zone, chooser.yearly(zone.level, measure), year_of) : []));
    return make_chart(context, key, heading, points, typeof more === "function" ? more(points) : more);
  };

  /** Where a month lies on an axis of years whose ticks are the middles of the years. */
  const month_at = (month, share) => Number(month.slice(0, 4)) + (Number(month.slice(5, 7)) - 1 + share) / 12 - 0.5;

  const lights_chart = (context) => {
    const { data, chooser, zones, hooks } = context;
    const monthly = data.series?.lights;
    const thin = zones.flatMap((zone) =>
      monthly?.level === zone.level ? (monthly.values[zone.row] ?? []).map((value, at) => ({ series: zone.label, at: month_at(monthly.periods[at], 0.5), value })) : []);
    const breaks = new Set();
    const trend = [];
    return yearly_chart(context, "lights", "captions.profile_lights", "lights.sum_area", (points) => {
      for (const zone of zones) {
        const column = chooser.pick(zone.level, "lights.trend");
        const slope = column && data.zones[zone.level].values[column.name][zone.row];
        for (const name of ["lights.trend", "lights.growth"]) {
          for (const { variant } of chooser.columns_in(zone.level).get(name) ?? []) parts_of(variant).get("breaks")?.split("+").forEach((month) => breaks.add(month));
        }
        const known = points.filter((point) => point.zone === zone && point.value != null);
        if (slope == null || known.length < 2) continue;
        const level = middle(known.map(({ at, value }) => value - slope * at));
        for (const { at } of [known[0], known.at(-1)]) trend.push({ series: zone.label, at, value: level + slope * at });
      }
      const rules = [...breaks].filter((month) => /^\d{4}-\d{2}$/.test(month)).map((month) => ({ at: month_at(month, 0), label: `${hooks.t("controls.break")}: ${month}` }));
      return { thin: thin.filter(({ value }) => value != null), trend, rules };
    });
  };

  const hazard_charts = (context) => {
    const { chooser, zones } = context;
    const measure = "exposure.people";
    const sources = [...new Set(zones.flatMap((zone) => chooser.sources(zone.level, measure)))].slice(0, SOURCES_AT_MOST);
    return sources.flatMap((source) => {
      const points = zones.flatMap((zone) => {
        const reference = chooser.reference(zone.level, measure, "return_period", source);
        return reference ? points_of(context, zone, chooser.along(zone.level, measure, "return_period", reference), axis_value("return_period")) : [];
      });
      return make_chart(context, `hazard_${source}`, "captions.profile_hazards", points, { kind: "bar", axis: context.hooks.t("controls.return_period") })
        .map((chart) => ({ ...chart, measure: `${chart.measure}: ${source}` }));
    });
  };

  const month_chart = (context, key, measure, more) => {
    const { chooser, zones } = context;
    const points = zones.flatMap((zone) => {
      const reference = chooser.reference(zone.level, measure, "month");
      return reference ? points_of(context, zone, chooser.along(zone.level, measure, "month", reference), axis_value("month")) : [];
    });
    return make_chart(context, key, "captions.profile_climate", points, { axis: context.hooks.t("controls.month"), ...more });
  };

  const air_levels = ({ hooks }) => (points) => {
    const most = Math.max(0, ...points.map(({ value }) => value ?? 0));
    const next = WHO_LEVELS.find((level) => level > most) ?? WHO_LEVELS.at(-1);
    const word = (level, at) => (at === 0 ? hooks.t("controls.guideline") : hooks.t("controls.interim_target", { number: WHO_LEVELS.length - at }));
    const apart = Math.max(most, next) * 0.09; // nearer labels would lie on each other; their lines stay
    let last = -Infinity;
    const name_of = (level, at) => {
      if (level - last < apart) return "";
      last = level;
      return `${word(level, at)}: ${level}`;
    };
    return { levels: WHO_LEVELS.filter((level) => level <= next).map((level, at) => ({ value: level, label: `${word(level, at)}: ${level}`, written: name_of(level, at) })) };
  };

  // ---------------------------------------------------------------------------------------------------------- sections

  // first: what is told at once; the rest of the themes stands under "more". spread: measures told for each value of a part
  const SECTIONS = [
    { key: "people", heading: "headings.profile_people", themes: ["population"], charts: people_chart,
      first: ["population.total", "population.density", "population.growth_rate", "population.urban_share", "population.outside"] },
    { key: "lights", heading: "headings.profile_lights", themes: ["lights"], charts: lights_chart,
      first: ["lights.sum_area", "lights.trend", "lights.growth", "lights.per_person", "lights.national_share", "lights.lit_share"] },
    { key: "land", heading: "headings.profile_land", themes: ["built_up", "land", "expansion"], charts: (context) => yearly_chart(context, "land", "headings.profile_land", "built_up.area"),
      first: ["built_up.area", "built_up.share", "built_up.per_person", "land.consumption_rate", "land.population_growth", "land.consumption_ratio", "land.consumption_class", "expansion.infill_share", "expansion.extension_share", "expansion.leapfrog_share"] },
    { key: "form", heading: "headings.profile_form", themes: ["form"], score: true,
      first: ["form.fullness", "form.proximity", "form.cohesion", "form.exchange", "form.perimeter", "form.sprawl", "form.weighted_density"] },
    { key: "hazards", heading: "headings.profile_hazards", themes: ["exposure"], charts: hazard_charts,
      first: ["exposure.people", "exposure.people_share", "exposure.expected_people", "exposure.expected_people_low", "exposure.expected_people_high", "exposure.built_up_share", "exposure.new_built_up_share"] },
    { key: "climate", heading: "headings.profile_climate", themes: ["climate"],
      charts: (context) => [...month_chart(context, "rain", "climate.precipitation_month", { kind: "bar" }), ...month_chart(context, "temperature", "climate.temperature_month", { zero: false })],
      first: ["climate.precipitation", "climate.precipitation_trend", "climate.precipitation_trend_p", "climate.seasonality", "climate.temperature", "climate.temperature_trend", "climate.temperature_trend_p", "climate.hot_days", "climate.frost_days", "climate.heating_degree_days"] },
    { key: "air", heading: "headings.profile_air", themes: ["air"], charts: (context) => yearly_chart(context, "air", "captions.profile_air", "air.pm25", air_levels(context)),
      first: ["air.pm25", "air.people_above_guideline", "air.change", "air.heating_ratio"] },
    { key: "access", heading: "headings.travel", themes: ["access"], spread: { "access.people_within": "minutes", "access.minutes_mean": "to", "access.minutes_median": "to" },
      first: ["access.people_within", "access.minutes_mean", "access.nearest_larger_minutes", "access.capital_minutes", "access.own_capital_minutes", "access.people_without_way"] },
    { key: "official", heading: "headings.official", themes: ["official"], is_optional: true, first: ["official.people", "official.gap", "official.gap_share"] },
  ];
  const SPREAD_ALWAYS = { "climate.precipitation_month": "", "climate.temperature_month": "" }; // told by their charts

  /** The themes that no section names, such as those of a system of cities, each a section of its own. */
  const all_sections = (data) => {
    const named = new Set(SECTIONS.flatMap(({ themes }) => themes));
    const others = [...new Set(data.columns.map(({ theme }) => theme))].filter((theme) => !named.has(theme));
    return [...SECTIONS, ...others.map((theme) => ({ key: theme, heading: `themes.${theme}`, themes: [theme], is_optional: true, first: [] }))];
  };

  const rows_of_measure = ({ chooser, zones }, section, measure) => {
    const axis = section.spread?.[measure];
    const picked = zones.map((zone) => chooser.pick(zone.level, measure));
    if (!axis) return [picked];
    const lists = zones.map((zone, at) => (picked[at] ? chooser.along(zone.level, measure, axis, picked[at]) : []));
    const steps = [...new Set(lists.flat().map((column) => parts_of(column.variant).get(axis)))];
    return steps.map((step) => lists.map((list) => list.find((column) => parts_of(column.variant).get(axis) === step) ?? null));
  };

  /** Rows of a section, each one column or null per place: those told at once, and the rest. */
  const section_rows = (context, section) => {
    const { chooser, zones } = context;
    const measures = [...new Set(zones.flatMap((zone) => [...chooser.columns_in(zone.level)].filter(([, columns]) => section.themes.includes(columns[0].theme)).map(([measure]) => measure)))];
    const told = (list) => list.filter((measure) => measures.includes(measure) && !(measure in SPREAD_ALWAYS)).flatMap((measure) => rows_of_measure(context, section, measure));
    const first = section.first.length ? section.first : measures.slice(0, 12);
    return { first: told(first), rest: told(measures.filter((measure) => !first.includes(measure))) };
  };

  const value_in = ({ data }, zone, column) => (column ? data.zones[zone.level].values[column.name][zone.row] : null);

  const has_number = (context, rows) => rows.some((columns) => columns.some((column, at) => value_in(context, context.zones[at], column) != null));

  const why_missing = ({ hooks }, zone, column) => (column ? hooks.reason(zone.level, zone.row, column.name) : "") || hooks.t(column ? "controls.no_data" : "profile.not_at_level");

  // ------------------------------------------------------------------------------------------------------------ tables

  const told_value = ({ hooks }, column, value) => {
    if (column.measure === "land.consumption_class") return hooks.t(`profile.land_${value}`);
    if (column.measure === "degree.class") return hooks.t(`levels.${value < 10 ? "class" : "unit"}_${value}`);
    return hooks.format(value, column);
  };

  /** A number, and its unit in a smaller hand. */
  const told_in_parts = (context, column, value) => {
    const { make, unit } = context.hooks;
    const text = told_value(context, column, value);
    const end = unit(column);
    if (!end || !text.endsWith(` ${end}`)) return [make("bdi", { text })];
    return [make("bdi", { text: text.slice(0, -end.length - 1) }), " ", make("span", { class: "profile-unit", text: end })];
  };

  const rank_of = ({ data, hooks }, zone, column, value) => {
    const all = data.zones[zone.level].values[column.name].filter((other) => other != null);
    return hooks.t("profile.rank", { rank: hooks.number(1 + all.filter((other) => other > value).length, { unit: "cells" }), count: hooks.number(all.length, { unit: "cells" }) });
  };

  const number_cell = (context, section, zone, column, shown_column) => {
    const { make, t } = context.hooks;
    const value = value_in(context, zone, column);
    if (value == null) {
      const why = t("controls.missing_why", { reason: why_missing(context, zone, column) });
      return make("td", { class: "num missing", title: why, "data-column": column?.name }, make("span", { "aria-hidden": "true", text: "–" }), make("span", { class: "unseen", text: why }));
    }
    const cell = make("td", { class: "num", "data-column": column.name, "data-value": value }, ...told_in_parts(context, column, value));
    if (section.score) {
      if (column.unit === "" && value >= 0 && value <= 1) cell.append(make("span", { class: "profile-bar", style: `--share: ${value}`, "aria-hidden": "true" }));
      cell.append(make("span", { class: "unit", text: rank_of(context, zone, column, value) }));
    } else if (column.name !== shown_column.name) cell.append(make("span", { class: "unit", text: under_of(column).join(" · ") }));
    return cell;
  };

  const under_of = (column) => [column.period, ...plainly(column.variant)].filter(Boolean);

  const table_head = ({ hooks, zones }, first) =>
    hooks.make("thead", {}, hooks.make("tr", {}, hooks.make("th", { scope: "col", text: first }), ...zones.map(({ label }) => hooks.make("th", { scope: "col", class: "num" }, hooks.make("bdi", { text: label })))));

  const numbers_table = (context, section, rows) => {
    const { make, t } = context.hooks;
    const lines = rows.map((columns) => {
      const shown = columns.find(Boolean);
      const head = make("th", { scope: "row", title: [context.data.records?.[shown.measure]?.method, shown.variant].filter(Boolean).join("\n") || false },
        t(`measures.${shown.measure}`), make("span", { class: "unit", text: under_of(shown).join(" · ") }));
      return make("tr", {}, head, ...columns.map((column, at) => number_cell(context, section, context.zones[at], column, shown)));
    });
    return make("table", { class: "profile-numbers" }, make("caption", { class: "unseen", text: t(section.heading) }), table_head(context, t("controls.measure")), make("tbody", {}, ...lines));
  };

  /** The points of a chart as a table, which whoever does not see the chart can read. */
  const chart_table = (context, chart) => {
    const { make, t } = context.hooks;
    const series = [...new Set(chart.points.map((point) => point.series))];
    const places = [...new Set(chart.points.map(({ at }) => at))].sort((one, other) => one - other);
    const cell = (point) => (point ? number_cell(context, {}, point.zone, point.column, point.column) : make("td", { class: "num", text: "–" }));
    const rows = places.map((at) => make("tr", {}, make("th", { scope: "row", text: String(at) }), ...series.map((name) => cell(chart.points.find((point) => point.series === name && point.at === at)))));
    const heads = series.map((name) => make("th", { scope: "col", class: "num" }, make("bdi", { text: name })));
    return make("details", {}, make("summary", { text: t("profile.chart_numbers") }),
      make("table", { class: "profile-numbers" }, make("caption", { text: `${chart.measure}${chart.unit ? ` (${chart.unit})` : ""}` }), make("thead", {}, make("tr", {}, make("th", { scope: "col", text: chart.axis ?? t("controls.year") }), ...heads)), make("tbody", {}, ...rows)));
  };

  const chart_place = (context, chart, wanted) => {
    const { make } = context.hooks;
    const place = make("figure", { class: "chart profile-chart" },
      make("div", { class: "chart-plot", role: "img", "aria-label": chart.caption }), make("div", { class: "chart-save" }), chart_table(context, chart));
    wanted.push([place, chart]);
    return place;
  };

  // ---------------------------------------------------------------------------------------------------- nearest cities

  const near_of = (data, zone) => {
    const at = data.matrix?.ids.indexOf(zone.id) ?? -1;
    if (at < 0) return null;
    const others = data.matrix.ids.map((id, to) => [id, data.matrix.minutes[at][to]]).filter(([id]) => id !== zone.id);
    return others.sort((one, other) => (one[1] ?? Infinity) - (other[1] ?? Infinity)).slice(0, NEAREST_AT_MOST);
  };

  const nearest_list = (context, zone) => {
    const { data, hooks } = context;
    const { make, t } = hooks;
    const near = near_of(data, zone);
    const title = make("h4", {}, t("headings.profile_near"), ...(context.zones.length > 1 ? [": ", make("bdi", { text: zone.label })] : []));
    if (!near) return make("div", {}, title, make("p", { class: "soft", text: t("profile.matrix_only", { count: data.matrix.ids.length }) }));
    const items = near.map(([id, minutes]) => {
      const place = hooks.find(id);
      const name = place ? data.zones[place[0]].name[place[1]] : id;
      const button = place ? make("button", { type: "button", class: "as-link", onclick: () => hooks.select(...place) }, make("bdi", { text: name })) : make("bdi", { text: name });
      return make("li", { "data-zone": id, "data-value": minutes ?? false }, button, make("span", { class: "num", text: minutes == null ? t("controls.no_way") : hooks.format(minutes, { unit: t("units.min") }) }));
    });
    return make("div", {}, title, make("ol", { class: "profile-near" }, ...items));
  };

  // ---------------------------------------------------------------------------------------------------------- identity

  const attribute = ({ data }, zone, name) => data.zones[zone.level].attributes?.[name]?.[zone.row] ?? null;

  const other_names = (context, zone) => {
    const names = ["name_alternate", "name_ascii", "city"].map((key) => String(attribute(context, zone, key) ?? "").trim());
    return [...new Set(names)].filter(Boolean).filter((name) => name !== zone.name);
  };

  const share_list = ({ hooks }, districts) => {
    const { make } = hooks;
    const items = districts.map(({ id, name, share }) => {
      const place = hooks.find(id);
      const text = make("bdi", { text: name });
      const who = place ? make("button", { type: "button", class: "as-link", onclick: () => hooks.select(...place) }, text) : text;
      if (share == null) return make("li", {}, who);
      return make("li", {}, who, make("span", { class: "num", "data-value": share, text: hooks.format(share, { share: true }) }), make("span", { class: "profile-bar", style: `--share: ${Number(share)}`, "aria-hidden": "true" }));
    });
    return make("ul", { class: "profile-shares" }, ...items);
  };

  const districts_of = (context, zone) => {
    const links = context.data.links?.[zone.id];
    if (links?.length) return links;
    return [1, 2].map((place) => ({ id: attribute(context, zone, `district_${place}`), name: attribute(context, zone, `district_${place}_name`), share: attribute(context, zone, `district_${place}_share`) })).filter(({ name }) => name);
  };

  const flag_list = ({ hooks }, flags) => {
    const { make, t } = hooks;
    const keys = flags.split(";").map((key) => key.trim()).filter(Boolean);
    if (!keys.length) return make("span", { text: t("controls.no_flags") });
    const told = (key) => key.replaceAll(" ", "_");
    return make("ul", { class: "profile-flags" }, ...keys.map((key) => {
      const sentence = hooks.knows(`profile.flag_${told(key)}`);
      return make("li", {}, make("strong", { dir: "auto", text: hooks.knows(`flags.${told(key)}`) ?? key }), sentence ? make("span", { text: ` ${sentence}` }) : null);
    }));
  };

  /** Codes in other city databases: every attribute <database>_id, with its name there and how well it fits. */
  const codes_of = (context, zone) => {
    const columns = Object.keys(context.data.zones[zone.level].attributes ?? {});
    const bases = columns.filter((name) => name.endsWith("_grade") && columns.includes(name.replace(/_grade$/, "_id"))).map((name) => name.replace(/_grade$/, ""));
    return bases.map((base) => [base, ["id", "name", "grade"].map((part) => attribute(context, zone, `${base}_${part}`)).filter((part) => part != null && part !== "")]).filter(([, told]) => told.length);
  };

  const who_is = (context, zone) => {
    const { data, hooks } = context;
    const { make, t } = hooks;
    const people = context.chooser.pick(zone.level, "population.total");
    const districts = districts_of(context, zone);
    const area = data.zones[zone.level].area_km2?.[zone.row];
    const flags = attribute(context, zone, "flags");
    const has_flags = data.zones[zone.level].attributes?.flags != null;
    const text = (words) => (words == null || words === "" ? null : make("bdi", { text: String(words) }));
    const listed = [attribute(context, zone, "listed_code"), attribute(context, zone, "listed_status")].filter(Boolean).join(" · ");
    const facts = [
      [t("controls.also_called"), text(other_names(context, zone).join("; "))],
      [t("card.level"), text(hooks.level_name(zone.level))],
      [people ? hooks.heading(people) : "", people ? text(hooks.format(value_in(context, zone, people), people)) : null],
      [t("controls.area"), area == null ? null : text(hooks.format(area, { unit: t("units.km2") }))],
      [t(districts.length > 1 ? "controls.district_shares" : "controls.district"), districts.length ? share_list(context, districts) : null],
      [t("controls.official_name"), text(attribute(context, zone, "listed_name"))],
      [t("controls.official_code"), text(listed)],
      ...codes_of(context, zone).map(([base, told]) => [base, text(told.join(" · "))]),
      [t("controls.zone_id"), text(zone.id)],
      [t("controls.flags"), has_flags ? flag_list(context, String(flags ?? "")) : null],
    ].filter(([, element]) => element);
    const pairs = facts.flatMap(([name, element]) => [make("dt", { dir: "auto", text: name }), make("dd", {}, element)]);
    return make("article", { class: "profile-who", "data-zone": zone.id }, make("h3", { dir: "auto", text: zone.name }), make("dl", {}, ...pairs));
  };

  // -------------------------------------------------------------------------------------------------------------- page

  const fill_section = (context, section, wanted) => {
    const { make, t } = context.hooks;
    const { first, rest } = section_rows(context, section);
    const near = section.key === "access" && context.data.matrix ? context.zones.filter(({ level }) => context.hooks.find(context.data.matrix.ids[0])?.[0] === level).map((zone) => nearest_list(context, zone)) : [];
    if (!has_number(context, [...first, ...rest]) && !near.length) return null;
    const charts = (section.charts?.(context) ?? []).map((chart) => chart_place(context, chart, wanted));
    const numbers = make("div", { class: "profile-told" });
    if (first.length) numbers.append(numbers_table(context, section, first));
    if (rest.length) numbers.append(make("details", {}, make("summary", { text: t("profile.more_numbers") }), numbers_table(context, section, rest)));
    const side = [...charts, ...near];
    const methods = context.hooks.methods([...first, ...rest].map((columns) => columns.find(Boolean).measure));
    return make("section", { class: "profile-part", "data-section": section.key }, make("h3", { text: t(section.heading) }), methods,
      make("div", { class: side.length && numbers.children.length ? "profile-both" : false }, side.length ? make("div", { class: "profile-side" }, ...side) : null, numbers.children.length ? numbers : null));
  };

  const why_left_out = (context, section) => {
    const { data, hooks, zones, chooser } = context;
    if (!data.columns.some(({ theme }) => section.themes.includes(theme))) return hooks.t("notes.no_theme");
    const held = zones.flatMap((zone) => [...chooser.columns_in(zone.level).values()].flat().filter(({ theme }) => section.themes.includes(theme)).map((column) => [zone, column]));
    return held.length ? why_missing(context, ...held[0]) : hooks.t("profile.not_at_level");
  };

  const fill = (parts, context, draw) => {
    const { make, t } = context.hooks;
    const wanted = [];
    const shown = [];
    const left_out = [];
    for (const section of all_sections(context.data)) {
      const element = fill_section(context, section, wanted);
      if (element) shown.push(element);
      else if (!section.is_optional) left_out.push(make("li", {}, make("strong", { text: t(section.heading) }), `: ${why_left_out(context, section)}`));
    }
    const note = left_out.length ? make("ul", { class: "profile-left-out small", "aria-label": t("controls.not_in_review") }, ...left_out) : null;
    parts.body.classList.toggle("comparing", context.zones.length > 1);
    parts.body.replaceChildren(...[make("div", { class: "profile-who-all" }, ...context.zones.map((zone) => who_is(context, zone))), ...shown, note].filter(Boolean));
    parts.status.textContent = context.zones.map(({ name }) => name).join(" – ");
    return draw(wanted);
  };

  const largest_city = (data) => {
    const level = data.levels.find(({ key, kind }) => kind === "settlement" && data.zones[key]?.id.length) ?? data.levels.find(({ key }) => data.zones[key]?.id.length);
    if (!level) return null;
    const zones = data.zones[level.key];
    const people = zones.values[data.columns.find(({ measure, main }) => measure === "population.total" && main)?.name] ?? zones.id.map(() => 0);
    return [level.key, people.reduce((most, value, row) => ((value ?? -1) > (people[most] ?? -1) ? row : most), 0)];
  };

  const same = (one, other) => one && other && one[0] === other[0] && one[1] === other[1];
  const key_of = (place) => (place ? place.join(" ") : "");
  const place_of = (key) => (key ? [key.slice(0, key.lastIndexOf(" ")), Number(key.slice(key.lastIndexOf(" ") + 1))] : null);

  const fill_choice = (select, data, hooks, first) => {
    const { make } = hooks;
    const groups = data.levels.filter(({ key }) => data.zones[key]?.id.length <= ZONES_AT_MOST && data.zones[key].id.length)
      .map(({ key }) => make("optgroup", { label: hooks.level_name(key) }, ...data.zones[key].name.map((name, row) => make("option", { value: key_of([key, row]), dir: "auto", text: name }))));
    select.replaceChildren(...[first, ...groups].filter(Boolean));
  };

  /** Shows a place in its list; one of a level too large to list becomes an entry of its own. */
  const show_choice = (select, place, data, hooks) => {
    select.value = key_of(place);
    if (!place || select.value === key_of(place)) return;
    select.append(hooks.make("option", { value: key_of(place), dir: "auto", text: data.zones[place[0]].name[place[1]] }));
    select.value = key_of(place);
  };

  const zones_of = (data, places) => {
    const zones = places.map(([level, row]) => ({ level, row, id: data.zones[level].id[row], name: data.zones[level].name[row] }));
    const is_twice = zones.length > 1 && zones[0].name === zones[1].name;
    return zones.map((zone) => ({ ...zone, label: is_twice ? `${zone.name} (${zone.id})` : zone.name }));
  };

  report.profile = (data, given) => {
    const app = document.getElementById("profile-app");
    if (!app) return;
    const hooks = { ...given, knows: (key) => data.texts?.[key] ?? null };
    const { make, t } = hooks;
    const start = given.selected ?? largest_city(data);
    if (!start) {
      app.append(make("p", { text: t("profile.no_places") }));
      return;
    }
    const state = { first: start, second: null };
    const chooser = make_chooser(data);
    const draw = make_drawing(data, hooks);
    const parts = {
      first: make("select", { id: "profile-first" }),
      second: make("select", { id: "profile-second" }),
      swap: make("button", { type: "button", text: t("controls.swap") }),
      body: make("div", { class: "profile-body" }),
      status: make("p", { class: "unseen", role: "status" }),
    };
    const show = () => {
      show_choice(parts.first, state.first, data, hooks);
      show_choice(parts.second, state.second, data, hooks);
      parts.swap.hidden = !state.second;
      app.dataset.state = "drawing";
      fill(parts, { data, hooks, chooser, zones: zones_of(data, [state.first, state.second].filter(Boolean)) }, draw);
    };
    fill_choice(parts.first, data, hooks, null);
    fill_choice(parts.second, data, hooks, make("option", { value: "", text: t("controls.compare_none") }));
    parts.first.addEventListener("change", () => given.select(...place_of(parts.first.value)));
    parts.second.addEventListener("change", () => {
      const place = place_of(parts.second.value);
      state.second = same(place, state.first) ? null : place;
      show();
    });
    parts.swap.addEventListener("click", () => {
      const [first, second] = [state.second, state.first];
      state.second = second;
      given.select(...first);
    });
    given.on("select", (level, row) => {
      state.first = [level, row];
      if (same(state.first, state.second)) state.second = null;
      show();
    });
    given.on("theme", show);
    const label = (words, select) => make("label", {}, make("span", { text: t(words) }), select);
    const tools = make("div", { class: "profile-tools" }, label("controls.choose_city", parts.first), label("controls.compare_with", parts.second), parts.swap, parts.status);
    app.classList.add("profile-app");
    app.querySelectorAll(":scope > .still").forEach((still) => still.remove());
    app.append(tools, parts.body);
    show();
  };
})();
