// Tables of this page: a click on a heading sorts, a word in the field above filters.
"use strict";
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return cell.classList.contains("n") ? NaN : cell.textContent.trim();
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  const unknown = (v) => typeof v === "number" && Number.isNaN(v);

  const sort = (table, column, ascending) => {
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [value(row, column), row]);
    keyed.sort(([a], [b]) => {
      // what is not known comes last either way
      if (unknown(a) || unknown(b)) return unknown(a) - unknown(b);
      return ascending ? compare(a, b) : compare(b, a);
    });
    body.append(...keyed.map(([, row]) => row));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const before = heading.getAttribute("aria-sort");
        // numbers begin with the largest, words with A
        const first = heading.classList.contains("n") ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = before === first ? other : first;
        for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", order);
        sort(table, column, order === "ascending");
      });
    });
    if (table.dataset.filter === undefined) continue;
    const rows = [...table.tBodies[0].rows];
    const words = rows.map((row) => row.textContent.toLowerCase());
    const field = document.createElement("input");
    field.type = "search";
    field.id = `${table.id}-filter`;
    const label = document.createElement("label");
    label.htmlFor = field.id;
    label.textContent = "Rows with ";
    const state = document.createElement("output");
    state.htmlFor = field.id;
    const all = rows.length.toLocaleString("en");
    state.textContent = `${all} rows`;
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, k) => {
        row.hidden = !wanted.every((word) => words[k].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      state.textContent = shown === rows.length ? `${all} rows` : `${shown.toLocaleString("en")} of ${all} rows`;
    });
    const line = document.createElement("p");
    line.className = "filter";
    line.append(label, field, " ", state);
    table.parentElement.before(line);
  }
})();
