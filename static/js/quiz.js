// The quiz player saves answers as they are given. Without this file the form is sent whole by its buttons.
//
// <form data-player data-attempt="12" data-epoch="3" data-save-url="/attempts/12/answers/"> holds blocks
// (data-sequence: the highest number already used in this epoch, when an epoch outlives one opening)
// <fieldset data-slot="7"> with radios, checkboxes, one text field, or several fields with data-part="name";
// <a data-slot-link="7"> is its link in the navigator.
// Sends POST {epoch, items: [{slot, sequence, client_id, value}]}; value is a string, a list of strings (checkboxes),
// the texts of several fields by their names, or null (nothing chosen). A block hears "quiz:filled" when it is filled anew. Saves 1 s after a change, at most every 5 s, and when the page is left.
// 2xx: acknowledged. 409 {"reason": "taken_over"}: read-only here. Other 4xx that end the attempt (409, 410): the page is reloaded.
// components/player_state.html holds the words of the states; [data-taken-over] is the notice that then appears.

import { forget, keep, keptFor, waiting } from "./unsent.js";
import { uuid7 } from "./uuid7.js";

const SETTLE = 1000;
const PACE = 5000;
const RETRY = 10000;

const form = document.querySelector("form[data-player]");
const attempt = Number(form.dataset.attempt);
const epoch = Number(form.dataset.epoch);
let sequence = Number(form.dataset.sequence ?? 0);
let sentAt = 0;
let timer = 0;
let sending = false;
let over = false;

function show(state) {
  for (const words of document.querySelectorAll("[data-save-state]")) words.hidden = words.dataset.saveState !== state;
  if (state !== "saved") return;
  const time = document.querySelector("[data-save-state='saved'] time");
  if (time) time.textContent = new Date().toLocaleTimeString(document.documentElement.lang);
}

function valueOf(block) {
  const parts = [...block.querySelectorAll("[data-part]")];
  if (parts.length) return Object.fromEntries(parts.map((field) => [field.dataset.part, field.value]));
  const boxes = [...block.querySelectorAll("input[type=checkbox]")];
  if (boxes.length) return boxes.filter((box) => box.checked).map((box) => box.value);
  if (block.querySelector("input[type=radio]")) return block.querySelector("input:checked")?.value ?? null;
  return block.querySelector("input:not([type=hidden]), textarea, select").value;
}

function fill(block, value) {
  for (const box of block.querySelectorAll("input[type=checkbox], input[type=radio]")) {
    box.checked = Array.isArray(value) ? value.includes(box.value) : box.value === value;
  }
  if (value && typeof value === "object" && !Array.isArray(value)) {
    for (const field of block.querySelectorAll("[data-part]")) field.value = value[field.dataset.part] ?? "";
  }
  const field = block.querySelector("input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select");
  if (field && typeof value === "string") field.value = value;
  block.dispatchEvent(new CustomEvent("quiz:filled"));
}

function isGiven(value) {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return Object.values(value).some((text) => text.trim());
  return value !== null && value.length > 0;
}

function markLink(slot, value) {
  document.querySelector(`[data-slot-link="${slot}"]`)?.classList.toggle("is-done", isGiven(value));
  const count = document.querySelector("[data-answered]");
  if (count) count.textContent = [...form.querySelectorAll("[data-slot]")].filter((b) => isGiven(valueOf(b))).length;
}

async function note(block) {
  const slot = Number(block.dataset.slot);
  const value = valueOf(block);
  sequence += 1;
  markLink(slot, value);
  plan(SETTLE);
  await keep({ attempt, slot, epoch, sequence, client_id: uuid7(), value });
}

function plan(wait) {
  clearTimeout(timer);
  timer = setTimeout(send, Math.max(wait, sentAt + PACE - Date.now()));
}

function post(rows, keepalive) {
  const items = rows.map(({ slot, sequence: number, client_id, value }) => ({ slot, sequence: number, client_id, value }));
  return fetch(form.dataset.saveUrl, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value,
    },
    body: JSON.stringify({ epoch, items }),
    redirect: "manual",
    keepalive,
  });
}

async function send() {
  const rows = waiting(attempt);
  if (over || sending || !rows.length) return;
  sending = true;
  sentAt = Date.now();
  show("saving");
  try {
    await settle(await post(rows, false), rows);
  } catch {
    show("offline");
    plan(RETRY);
  } finally {
    sending = false;
  }
  if (!over && waiting(attempt).some((row) => !rows.includes(row))) plan(SETTLE);
}

async function settle(answer, rows) {
  if (answer.ok) {
    for (const row of rows) await forget(row);
    show("saved");
  } else if (answer.status === 409 || answer.status === 410) {
    await ended(answer, rows);
  } else if (answer.status >= 500) {
    show("offline");
    plan(RETRY);
  } else {
    show("held"); // signed out, or refused: the answers stay here until the page is loaded again
  }
}

async function ended(answer, rows) {
  const { reason } = await answer.json().catch(() => ({}));
  over = true;
  if (reason !== "taken_over") {
    for (const row of rows) await forget(row);
    location.reload();
    return;
  }
  show("taken");
  for (const block of form.querySelectorAll("[data-slot]")) block.disabled = true;
  for (const notice of document.querySelectorAll("[data-taken-over]")) notice.hidden = false;
  document.querySelector("[data-taken-over]")?.focus();
}

// What an earlier visit left unsent counts if nobody opened the attempt in between.
async function restore() {
  for (const row of await keptFor(attempt)) {
    const block = form.querySelector(`[data-slot="${row.slot}"]`);
    if (!block || row.epoch < epoch - 1) {
      await forget(row);
      continue;
    }
    fill(block, row.value);
    sequence = Math.max(sequence, row.sequence) + 1;
    await keep({ ...row, epoch, sequence });
    markLink(row.slot, row.value);
  }
  if (waiting(attempt).length) plan(0);
}

function leave() {
  const rows = waiting(attempt);
  if (!over && rows.length) post(rows, true).then((answer) => settle(answer, rows), () => {});
}

form.addEventListener("input", (event) => {
  const block = event.target.closest("[data-slot]");
  if (block) note(block);
});
addEventListener("online", () => plan(0));
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());
show("idle");
restore();
