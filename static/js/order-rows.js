// Rows of admin's formsets that have a position: the number can be typed, and here the rows are moved as well.

import { settle } from "./order.js";

const POSITION = 'input[name$="-position"]';
const ROWS = ".inline-group :is(tr.form-row, .stacked-row):not(.empty-form)";

const nameOf = (row) =>
  row.querySelector(".original p, .inline_label")?.firstChild?.textContent.trim() || row.querySelector("input[type=text]")?.value || "";

function begin(row) {
  const position = row.querySelector(POSITION);
  if (!position || row.hasAttribute("data-row")) return;
  row.setAttribute("data-row", "");
  row.dataset.name = nameOf(row);
  position.dataset.position = "";
  const box = document.createElement("template");
  box.innerHTML = document.getElementById("moves").innerHTML;
  const moves = box.content.firstElementChild;
  for (const button of moves.querySelectorAll("button")) {
    button.type = "button";
    button.removeAttribute("name");
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace("__name__", row.dataset.name));
  }
  (row.matches("tr") ? position.parentElement : row.querySelector("h3")).append(moves);
}

for (const row of document.querySelectorAll(ROWS)) begin(row);
document.addEventListener("formset:added", (event) => {
  begin(event.target);
  if (event.target.hasAttribute("data-row")) settle(event.target.parentElement);
});
