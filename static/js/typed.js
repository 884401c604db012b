// What is typed into a long form (data-typed: its name) is kept on this device until it is saved. When the page is
// opened again and says something else, it is offered back: the form is sent as it was, and the server draws it unsaved.

import { forget, keep, keptFor } from "./unsent.js";

const PATIENCE = 400; // ms after the last change
const NOT_TYPED = new Set(["csrfmiddlewaretoken", "opened", "act", "_save", "_continue"]);
const form = document.querySelector("form[data-typed]");
const name = `desk-${form.dataset.typed}`;
let row = null;
let waiting;

const entries = () => [...new FormData(form)].filter(([key]) => key !== "csrfmiddlewaretoken");
const said = (pairs) => JSON.stringify(pairs.filter(([key]) => !NOT_TYPED.has(key) && !key.startsWith("chosen:")));

async function note() {
  row = { attempt: name, slot: "form", client_id: crypto.randomUUID(), entries: entries() };
  await keep(row);
  const words = form.querySelector("[data-typed-said]");
  if (words) words.hidden = false;
}

function back(kept) {
  const again = document.createElement("form");
  again.method = "post";
  again.hidden = true;
  const pairs = [...kept.entries, ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value]];
  for (const [key, value] of pairs) {
    const field = document.createElement("textarea");
    field.name = key;
    field.value = value;
    again.append(field);
  }
  document.body.append(again);
  again.submit();
}

function offer(kept) {
  const box = form.querySelector("[data-kept]");
  box.hidden = false;
  box.querySelector("[data-kept-back]").addEventListener("click", () => back(kept));
  box.querySelector("[data-kept-away]").addEventListener("click", () => {
    forget(kept);
    box.hidden = true;
  });
}

const drawn = said(entries());
const [kept] = await keptFor(name);
if ("unsaved" in form.dataset) await note();
else if (kept && said(kept.entries) !== drawn) offer(kept);
else if (kept) await forget(kept);

for (const event of ["input", "change"]) {
  form.addEventListener(event, () => {
    clearTimeout(waiting);
    waiting = setTimeout(note, PATIENCE);
  });
}
