// Suggestions while one types (data-suggest: the address that answers ?q=): a combobox with a list below it.
// Arrows choose, Enter takes, Escape closes. What is taken becomes a row of the list in order beside it.
// Without this file the field and its button search on the server.

import { add, copied } from "./order.js";

const PATIENCE = 150; // ms after the last key
let number = 0;

function begin(field) {
  const list = document.createElement("ul");
  list.id = `suggestions-${(number += 1)}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0].textContent);
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  field.dataset.begun = "";
  return list;
}

const listOf = (field) => document.getElementById(field.getAttribute("aria-controls")) ?? begin(field);
const chosenOf = (field) => listOf(field).querySelector("[aria-selected=true]");

function close(field) {
  listOf(field).hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function choose(field, option) {
  chosenOf(field)?.setAttribute("aria-selected", "false");
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function drawn(found, place, list) {
  const option = document.createElement("li");
  option.id = `${list.id}-${place}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const title = document.createElement("span");
  const more = document.createElement("span");
  title.textContent = found.title;
  more.textContent = ` ${found.more}`;
  more.className = "sm muted";
  option.append(title, more);
  option.found = found;
  return option;
}

async function ask(field) {
  field.asking?.abort();
  field.asking = new AbortController();
  const words = field.value.trim();
  if (words.length < 2) return close(field);
  try {
    const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal: field.asking.signal });
    if (!answer.ok) return close(field);
    show(field, (await answer.json()).results);
  } catch {
    // asked again by the next key; the button works all the same
  }
}

function show(field, results) {
  const list = listOf(field);
  list.replaceChildren(...results.map((found, place) => drawn(found, place, list)));
  list.hidden = !results.length;
  field.setAttribute("aria-expanded", String(!list.hidden));
  choose(field, null);
}

function take(field, option) {
  const order = field.closest("details").querySelector("[data-order]");
  const topic = field.closest("[data-row]").querySelector("[name=topics]").value;
  const known = order.querySelector(`[name="topic-${CSS.escape(topic)}-resources"][value="${option.found.id}"]`);
  if (known) known.closest("[data-row]").querySelector("select").focus();
  else {
    const { id, title, type } = option.found;
    add(order, copied("resource-row", { ref: topic, pk: id, title, type, also: "" }));
  }
  field.value = "";
  close(field);
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches("[data-suggest]")) return;
  listOf(field);
  clearTimeout(field.waiting);
  field.waiting = setTimeout(() => ask(field), PATIENCE);
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches("[data-suggest]") || event.altKey) return;
  const list = listOf(field);
  const options = [...list.children];
  const at = options.indexOf(chosenOf(field));
  if (event.key === "ArrowDown" && list.hidden) ask(field);
  else if (event.key === "ArrowDown") choose(field, options[at + 1] ?? options[0]);
  else if (event.key === "ArrowUp" && !list.hidden) choose(field, options[at - 1] ?? options.at(-1));
  else if (event.key === "Enter" && at >= 0 && !list.hidden) take(field, options[at]);
  else if (event.key === "Enter" && field.value.trim()) field.closest(".addrow").querySelector("button").click();
  else if (event.key === "Escape" && !list.hidden) close(field);
  else return;
  event.preventDefault();
});

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest(".suggestions > [role=option]");
  if (!option) return;
  event.preventDefault(); // the field keeps the focus
  take(option.parentElement.previousElementSibling, option);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches("[data-suggest][aria-controls]")) close(event.target);
});

for (const field of document.querySelectorAll("[data-suggest]")) begin(field);
