// Lists in order: rows are moved by dragging their grip, by their up and down buttons, or with Alt and an arrow key.
// The order of the rows is the order of their fields, so nothing has to be numbered; where rows have a field of their
// position (rows of admin's formsets), it is written. Every move is said, and can be taken back.
// Without this file the buttons send the form and the server moves the row.

const ROW = "[data-row]";
let last = null;

const listOf = (row) => row.parentElement;
const rowsOf = (list) => [...list.children].filter((row) => row.matches(ROW) && !row.hidden);
const nameOf = (row) => row.dataset.name || row.querySelector("[data-names]")?.value || "";
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

/** Where moves of this list are said: the nearest such place around it, else the page's. */
function placeToSay(list) {
  return list.closest("section, form, fieldset")?.querySelector("[data-order-said]") ?? document.querySelector("[data-order-said]");
}

export function say(list, kind, row, back) {
  const place = placeToSay(list);
  if (!place) return;
  const rows = rowsOf(list);
  place.textContent = `${filled(place.dataset[kind], { name: nameOf(row), place: rows.indexOf(row) + 1, count: rows.length })} `;
  last = back ?? null;
  if (!back) return;
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn--quiet btn--sm";
  undo.textContent = place.dataset.undo;
  undo.addEventListener("click", () => {
    const focus = last?.();
    say(list, "undone", row);
    focus?.focus();
  });
  place.append(undo);
}

/** After any change: ends of the list, written positions, whoever listens. */
export function settle(list) {
  const rows = rowsOf(list);
  rows.forEach((row, place) => {
    for (const button of row.querySelectorAll("[data-move]")) {
      if (button.closest(ROW) !== row) continue;
      button.ariaDisabled = String(button.dataset.move === "up" ? place === 0 : place === rows.length - 1);
    }
    const position = row.querySelector("[data-position]");
    if (position) position.value = place + 1;
  });
  const count = list.closest("details")?.querySelector("[data-count]");
  if (count) count.textContent = rows.length;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

function back(row, before) {
  const list = listOf(row);
  return () => {
    list.insertBefore(row, before);
    settle(list);
    return row.querySelector("[data-move]");
  };
}

function move(row, way) {
  const list = listOf(row);
  const rows = rowsOf(list);
  const other = rows[rows.indexOf(row) + (way === "up" ? -1 : 1)];
  if (!other) return;
  const undo = back(row, row.nextElementSibling);
  // The neighbour moves, so that the focus stays where it is.
  if (way === "up") row.after(other);
  else row.before(other);
  settle(list);
  say(list, "said", row, undo);
  row.scrollIntoView({ block: "nearest" });
}

function takeOut(row) {
  const list = listOf(row);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const undo = back(row, row.nextElementSibling);
  row.remove();
  settle(list);
  say(list, "outSaid", row, undo);
  (next?.querySelector("[data-out]") ?? list.closest("details")?.querySelector("summary"))?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move], [data-out]");
  const row = button?.closest(ROW);
  if (!row) return;
  event.preventDefault();
  if (button.hasAttribute("data-out")) takeOut(row);
  else move(row, button.dataset.move);
});

document.addEventListener("keydown", (event) => {
  const ways = { ArrowUp: "up", ArrowDown: "down" };
  const row = event.altKey && ways[event.key] && event.target.closest(ROW);
  if (!row || event.target.matches("select")) return;
  event.preventDefault();
  move(row, ways[event.key]);
});

// ---- Dragging

function scrolled(y) {
  const edge = 60;
  if (y < edge) scrollBy(0, y - edge);
  else if (y > innerHeight - edge) scrollBy(0, y - innerHeight + edge);
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  const row = grip?.closest(ROW);
  if (!row || event.button) return;
  event.preventDefault();
  const list = listOf(row);
  const before = row.nextElementSibling;
  const ended = new AbortController();
  row.classList.add("is-held");
  grip.setPointerCapture(event.pointerId);

  const to = (y) => {
    scrolled(y);
    const under = rowsOf(list).find((other) => {
      if (other === row) return false;
      const box = other.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    if (under !== row.nextElementSibling) list.insertBefore(row, under ?? null);
  };
  const end = (kept) => {
    ended.abort();
    row.classList.remove("is-held");
    if (!kept) list.insertBefore(row, before);
    if (row.nextElementSibling === before) return;
    settle(list);
    say(list, "said", row, back(row, before));
  };
  const options = { signal: ended.signal };
  // Moving a row in the page ends the capture of its grip, so the document listens.
  document.addEventListener("pointermove", (moved) => to(moved.clientY), options);
  document.addEventListener("pointerup", () => end(true), options);
  document.addEventListener("pointercancel", () => end(false), options);
  document.addEventListener("keydown", (key) => key.key === "Escape" && end(false), options);
});

// ---- Adding a row, copied from a template

const escaped = (text) => {
  const box = document.createElement("span");
  box.textContent = text;
  return box.innerHTML.replaceAll('"', "&quot;");
};

/** A row made of the <template> with this id, `__key__` in it filled from `values`. */
export function copied(id, values) {
  const box = document.createElement("template");
  const markup = document.getElementById(id).innerHTML;
  box.innerHTML = markup.replace(/__(\w+?)__/g, (whole, key) => (key in values ? escaped(String(values[key])) : whole));
  return box.content.querySelector(ROW);
}

export function add(list, row) {
  list.append(row);
  settle(list);
  say(list, "added", row, () => {
    row.remove();
    settle(list);
    return null;
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (!button) return;
  event.preventDefault();
  const list = button.closest("section").querySelector("[data-order]");
  let number = 1;
  while (document.getElementById(`topic-new-${number}`)) number += 1;
  const row = copied(button.dataset.add, { ref: `new-${number}` });
  add(list, row);
  row.querySelector("details").open = true;
  row.querySelector("input:not([type=hidden])").focus();
});

// A row is called what its title says now.
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-names]")) event.target.closest(ROW).dataset.name = event.target.value;
});

for (const list of document.querySelectorAll("[data-order]")) settle(list);
