"use strict";
// Sorts a table by the column whose button is pressed; what has no value stays at the end.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const first = head.dataset.first;
      const now = head.getAttribute("aria-sort");
      const order = now === "none" ? first : now === "ascending" ? "descending" : "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", other === head ? order : "none"));
      const sign = order === "ascending" ? 1 : -1;
      const key = (row) => {
        const cell = row.cells[column];
        return head.dataset.kind === "number" ? cell.dataset.value : cell.textContent;
      };
      const rows = [...table.tBodies[0].rows];
      rows.sort((one, other) => {
        const a = key(one);
        const b = key(other);
        if (a === undefined || b === undefined) {
          return (a === undefined) - (b === undefined);
        }
        return sign * (head.dataset.kind === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
      });
      table.tBodies[0].append(...rows);
    });
  });
}
