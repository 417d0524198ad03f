(() => {
  "use strict";
  const value = (cell) => {
    const text = cell.textContent.trim();
    if (!cell.classList.contains("number")) return text.toLowerCase();
    const number = parseFloat(text.replace(/[,<>]/g, ""));
    // Nothing measured is less than any figure, and "<0.01" less than 0.01.
    return Number.isNaN(number) ? -Infinity : text.startsWith("<") ? number / 2 : number;
  };
  const sort = (table, head, index) => {
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row.cells[index]), row]);
    rows.sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, index) => {
      if (head.classList.contains("picture")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, index));
      head.append(button);
    });
  }
  // Paper cannot be opened.
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details")) each.open = true;
  });
})();
