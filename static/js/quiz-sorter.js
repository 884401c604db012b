// Items to put in order: arrow buttons and dragging write the places that would otherwise be typed as numbers.
//
// <ol data-sorter> of <li data-item>, each with a field [data-part] for its place, a [data-text], a .grip and buttons
// [data-move="-1"] and [data-move="1"]; after the list [data-typed] and [data-dragged data-moved="“ITEM” is now PLACE of ALL."]
// are the hints without and with this file, [data-keep] says that the order shown is the answer.
// Every change is an "input" event of a place, which quiz.js saves; "quiz:filled" means that places were set from outside.

const itemsOf = (list) => [...list.querySelectorAll("[data-item]")];
const placeOf = (item) => item.querySelector("[data-part]");
const after = (list) => list.parentElement.querySelector("[data-sorter-after]");

function isAnswered(list) {
  return itemsOf(list).every((item) => placeOf(item).value.trim());
}

function refresh(list) {
  const items = itemsOf(list);
  items.forEach((item, index) => {
    item.querySelector('[data-move="-1"]').setAttribute("aria-disabled", index === 0);
    item.querySelector('[data-move="1"]').setAttribute("aria-disabled", index === items.length - 1);
  });
  after(list).querySelector("[data-keep]").hidden = isAnswered(list);
}

function write(list) {
  itemsOf(list).forEach((item, index) => (placeOf(item).value = index + 1));
  refresh(list);
  placeOf(list.querySelector("[data-item]")).dispatchEvent(new Event("input", { bubbles: true }));
}

function say(list, item) {
  const words = after(list).querySelector("[data-dragged]");
  const items = itemsOf(list);
  const values = { ITEM: item.querySelector("[data-text]").textContent.trim(), PLACE: items.indexOf(item) + 1, ALL: items.length };
  words.textContent = words.dataset.moved.replace(/ITEM|PLACE|ALL/g, (name) => values[name]);
}

function move(list, item, by) {
  const items = itemsOf(list);
  const other = items[items.indexOf(item) + by];
  if (!other) return;
  if (by < 0) other.before(item);
  else other.after(item);
  write(list);
  say(list, item);
}

function sortByPlace(list) {
  const number = (item) => Number.parseInt(placeOf(item).value, 10) || Infinity;
  list.append(...itemsOf(list).sort((one, other) => number(one) - number(other) || 0));
  refresh(list);
}

function drag(list, item, grip, start) {
  grip.setPointerCapture(start.pointerId);
  item.classList.add("is-held");
  const before = itemsOf(list).indexOf(item);
  const follow = (event) => {
    const other = itemsOf(list).find((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return row !== item && event.clientY > top && event.clientY < bottom;
    });
    if (!other) return;
    if (other.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING) other.before(item);
    else other.after(item);
    if (!grip.hasPointerCapture(start.pointerId)) grip.setPointerCapture(start.pointerId);
  };
  const drop = () => {
    removeEventListener("pointermove", follow);
    item.classList.remove("is-held");
    if (itemsOf(list).indexOf(item) === before) return;
    write(list);
    say(list, item);
  };
  addEventListener("pointermove", follow);
  addEventListener("pointerup", drop, { once: true });
  addEventListener("pointercancel", drop, { once: true });
}

function enhance(list) {
  const block = list.closest("fieldset");
  list.classList.replace("sorter--typed", "sorter--moved");
  for (const hidden of list.querySelectorAll(".grip, .mv")) hidden.hidden = false;
  after(list).querySelector("[data-typed]").hidden = true;
  after(list).querySelector("[data-dragged]").hidden = false;
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    move(list, button.closest("[data-item]"), Number(button.dataset.move));
    button.focus();
  });
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".grip");
    if (!grip || block.disabled || event.button) return;
    event.preventDefault();
    drag(list, grip.closest("[data-item]"), grip, event);
  });
  after(list)
    .querySelector("[data-keep]")
    .addEventListener("click", () => {
      write(list);
      list.querySelector("[data-move='1']").focus();
    });
  block.addEventListener("quiz:filled", () => sortByPlace(list));
  refresh(list);
}

document.querySelectorAll("[data-sorter]").forEach(enhance);
