// Tables that sort, filter, hand out their CSV file and choose the place of a row; without this script they stand as they are.
(() => {
  "use strict";
  window.report ??= {};

  const FILTER_FROM = 8; // rows; a smaller table is read at a glance
  const DASHES = new Set(["", "–", "—", "-"]);

  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // ------------------------------------------------------------------------------------------------------------ sorting

  /** What a cell sorts by: its true number, its text, or null where it is missing. */
  const key_of = (cell) => {
    if (!cell) return null;
    if (cell.dataset.value != null) {
      const value = cell.dataset.value === "" ? NaN : Number(cell.dataset.value);
      return Number.isNaN(value) ? null : value;
    }
    const text = cell.textContent.trim();
    return cell.classList.contains("missing") || DASHES.has(text) ? null : text;
  };

  const comparer = (language) => {
    const words = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
    const compare = (one, other) => (typeof one === "number" && typeof other === "number" ? one - other : words.compare(String(one), String(other)));
    return (one, other, sign) => {
      if (one === null || other === null) return (one === null) - (other === null); // missing comes last, whichever way
      return sign * compare(one, other);
    };
  };

  const sort_rows = (table, at, is_ascending, compare) => {
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [key_of(row.cells[at]), row]);
    keyed.sort((one, other) => compare(one[0], other[0], is_ascending ? 1 : -1));
    body.append(...keyed.map(([, row]) => row));
  };

  const heading_of = (head) => [...head.childNodes].filter((node) => !node.classList?.contains("unit")).map((node) => node.textContent).join(" ").trim();

  /** A heading becomes a button; one that holds a link keeps it and gets a button beside. */
  const button_in = (head, hooks) => {
    const name = hooks.t("controls.sort_by", { column: heading_of(head) || "?" });
    const mark = hooks.make("span", { class: "sort-mark", "aria-hidden": "true" });
    const link = head.querySelector("a, button");
    if (link) {
      const button = hooks.make("button", { type: "button", class: "sort sort-small", "aria-label": name, title: name }, mark);
      link.after(button);
      return button;
    }
    const button = hooks.make("button", { type: "button", class: "sort", title: name });
    button.append(...head.childNodes, mark);
    head.append(button);
    return button;
  };

  const make_sortable = (table, hooks, compare, status) => {
    const heads = [...(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [])];
    heads.forEach((head, at) => {
      if (!head.textContent.trim()) return;
      const name = heading_of(head);
      const is_number = head.classList.contains("num");
      button_in(head, hooks).addEventListener("click", () => {
        const was = head.getAttribute("aria-sort");
        const is_ascending = was ? was === "descending" : !is_number; // the largest number first, the first name first
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", is_ascending ? "ascending" : "descending");
        sort_rows(table, at, is_ascending, compare);
        status.textContent = `${hooks.t("controls.sort_by", { column: name })}: ${hooks.t(is_ascending ? "controls.ascending" : "controls.descending")}`;
      });
    });
  };

  // ------------------------------------------------------------------------------------------------------------- filter

  const make_filter = (table, hooks, language) => {
    const { make, t } = hooks;
    const rows = [...table.tBodies[0].rows].map((row) => [row, folded(row.textContent)]);
    const whole = (count) => count.toLocaleString(language);
    const count = make("span", { class: "table-count", role: "status" });
    const apply = (text) => {
      const words = folded(text).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, held] of rows) {
        row.hidden = !words.every((word) => held.includes(word));
        shown += !row.hidden;
      }
      count.textContent = t("controls.rows_of", { shown: whole(shown), count: whole(rows.length) });
    };
    const input = make("input", { type: "search", dir: "auto", autocomplete: "off", spellcheck: "false", placeholder: t("controls.filter_placeholder"), oninput: () => apply(input.value) });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      input.value = "";
      apply("");
    });
    apply("");
    return [make("label", {}, make("span", { text: t("controls.filter") }), input), count];
  };

  // ---------------------------------------------------------------------------------------------------------------- CSV

  const unpacked = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  };

  const download = async ({ name, csv }, hooks) => {
    const url = URL.createObjectURL(new Blob([await unpacked(csv)], { type: "text/csv;charset=utf-8" }));
    hooks.make("a", { href: url, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };

  const download_button = (stored, table, hooks, status) => {
    const words = hooks.t("controls.download_csv");
    const about = table.caption?.textContent.trim() || stored.name;
    return hooks.make("button", {
      type: "button",
      text: words,
      "aria-label": `${words}: ${about}`,
      onclick: () => download(stored, hooks).catch((error) => {
        console.warn(error);
        status.textContent = `${hooks.t("controls.part_failed")} (${error.message})`;
        status.classList.remove("unseen");
      }),
    });
  };

  // ------------------------------------------------------------------------------------------------------------- places

  const go_to_profile = () => {
    const story = document.getElementById("profile-app");
    if (!story) return;
    story.tabIndex = -1;
    story.focus({ preventScroll: true });
    story.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };

  const make_rows_choose = (table, hooks, rows_of_zone) => {
    for (const row of table.querySelectorAll("tbody tr[data-zone]")) {
      const place = hooks.find(row.dataset.zone);
      const cell = row.cells[0];
      if (!place || !cell || cell.querySelector("a, button")) continue;
      const choose = () => {
        hooks.select(...place);
        go_to_profile();
      };
      const button = hooks.make("button", { type: "button", class: "as-link", dir: "auto", title: hooks.t("controls.open_profile"), onclick: choose });
      button.append(...cell.childNodes);
      cell.append(button);
      const key = place.join(" ");
      rows_of_zone.set(key, [...(rows_of_zone.get(key) ?? []), row]);
    }
  };

  const follow_selection = (hooks, rows_of_zone) => {
    let marked = [];
    hooks.on("select", (level, row) => {
      marked.forEach((old) => old.removeAttribute("aria-current"));
      marked = rows_of_zone.get(`${level} ${row}`) ?? [];
      marked.forEach((now) => now.setAttribute("aria-current", "true"));
    });
  };

  const enhance = (table, data, hooks, compare, rows_of_zone) => {
    const { make } = hooks;
    const body = table.tBodies[0];
    if (!body) return;
    const status = make("span", { class: "unseen", role: "status" });
    const tools = make("div", { class: "table-tools" });
    if (body.rows.length >= FILTER_FROM) tools.append(...make_filter(table, hooks, data.language));
    const stored = data.tables?.[table.dataset.table];
    if (stored) tools.append(download_button(stored, table, hooks, status));
    tools.append(status);
    if (body.rows.length > 1) make_sortable(table, hooks, compare, status);
    make_rows_choose(table, hooks, rows_of_zone);
    (table.closest(".scroll") ?? table).before(tools);
    table.dataset.state = "live";
  };

  report.tables = (data, hooks) => {
    const compare = comparer(data.language);
    const rows_of_zone = new Map();
    for (const table of document.querySelectorAll("table[data-table]")) {
      try {
        enhance(table, data, hooks, compare, rows_of_zone);
      } catch (error) {
        console.warn(error); // the table stands as it was
      }
    }
    follow_selection(hooks, rows_of_zone);
  };
})();
