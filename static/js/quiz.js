// The quiz player saves answers as they are given and loses nothing that was typed. Without this file the form is sent
// whole by its buttons.
//
// <form data-player data-attempt="12" data-epoch="3" data-save-url data-state-url data-flag-url> holds the blocks of
// quiz-form.js; <a data-slot-link="7"> or a button is its link in the navigator. data-closed: it can only be read.
// Each change is kept on this device first (unsent.js), then sent (quiz-send.js). components/player_*.html hold the words.

import { fetchDifferences, watchDifferences } from "./quiz-differences.js";
import { flags } from "./quiz-flags.js";
import { fill, fillSure, isGiven, isTouched, sureOf, valueOf } from "./quiz-form.js";
import { sendLeftovers } from "./quiz-leftovers.js";
import { sender, slotOf } from "./quiz-send.js";
import { signInAgain } from "./quiz-sign-in.js";
import { savedNow, show } from "./quiz-state.js";
import { tabs, takeAway } from "./quiz-tabs.js";
import { showWaiting, watchWaiting } from "./quiz-waiting.js";
import { startTimer, sync } from "./timer.js";
import { forget, isStored, keep, keptFor, waiting } from "./unsent.js";
import { uuid7 } from "./uuid7.js";

const LOOK_AGAIN = 15_000; // ms after which an older page of another device may have been heard
const form = document.querySelector("form[data-player]");
const attempt = Number(form.dataset.attempt);
const epoch = Number(form.dataset.epoch);
const isClosed = "closed" in form.dataset;
const blockOf = (slot) => form.querySelector(`[data-slot="${slot}"]`);
const token = () => form.elements.csrfmiddlewaretoken.value;
let sequence = Number(form.dataset.sequence ?? 0);
let wasSaved = false;
let taken = "";
let letGo = false;

// What the page shows

function refresh() {
  const rows = waiting(attempt);
  const names = { offline: "offline", late: "late", out: "signed-out", other: "signed-out" };
  const trouble = rows.length ? (names[sending.trouble] ?? "") : "";
  showWaiting(rows, trouble === "offline" || trouble === "late");
  if (trouble === "signed-out") showSignIn(sending.trouble);
  if (taken || isClosed) return show("taken");
  if (trouble) return show(rows.every(isStored) || trouble === "signed-out" ? trouble : "page-only");
  const refused = sending.refused();
  if (refused.length) return show("refused", refused.join(", "));
  show(rows.length ? "saving" : wasSaved ? "saved" : "idle");
}

function markLink(slot, value) {
  const link = document.querySelector(`[data-slot-link="${slot}"]`);
  link?.classList.toggle("is-done", isGiven(value));
  const mark = link?.querySelector("[data-mark=done]");
  if (mark) mark.hidden = !isGiven(value);
  const count = document.querySelector("[data-answered]");
  if (count) count.textContent = [...form.querySelectorAll("[data-slot]")].filter((block) => isGiven(valueOf(block))).length;
}

function goTo(slot) {
  const section = blockOf(slot)?.closest("[data-page]");
  if (!section) return;
  for (const each of form.querySelectorAll("[data-page]")) each.hidden = each.dataset.page !== section.dataset.page;
  for (const link of document.querySelectorAll("[data-slot-link]")) {
    const isHere = blockOf(link.dataset.slotLink)?.closest("[data-page]").dataset.page === section.dataset.page;
    if (isHere) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
}

// Keeping and sending

const sending = sender({
  attempt,
  epoch,
  url: form.dataset.saveUrl,
  token,
  hear: {
    state: () => refresh(),
    saved(said) {
      wasSaved = true;
      savedNow();
      sync(said);
      flagged.send();
    },
    taken: () => lose("elsewhere"),
    kept: () => taken || fetchDifferences(),
    ended() {
      if (!isClosed) location.reload();
    },
    away: (answer) => (answer.type === "opaqueredirect" ? "out" : ask()),
  },
});

async function note(slot, client_id = uuid7()) {
  const value = valueOf(blockOf(slot));
  const asksSure = form.querySelector(`[data-confidence="${slot}"]`);
  sequence += 1;
  const row = { attempt, slot: `${epoch}.${slot}`, asked: slot, epoch, sequence, client_id, value, at: Date.now(), url: form.dataset.saveUrl };
  if (asksSure) row.confidence = sureOf(form, slot);
  const keeping = keep(row);
  markLink(slot, value);
  sending.plan();
  refresh();
  await keeping;
  refresh();
}

// What an earlier visit left unsent goes on here if nobody opened the attempt in between; else it is sent as what it
// was, so that the server keeps it beside what counts.
async function restore() {
  for (const row of await keptFor(attempt)) {
    const slot = slotOf(row);
    if (isClosed || row.epoch < epoch - 1 || row.epoch >= epoch || !blockOf(slot)) continue;
    fill(blockOf(slot), row.value);
    if (row.confidence !== undefined) fillSure(form, slot, row.confidence);
    await note(slot);
    await forget(row);
  }
  refresh();
  await sending.now();
  sendLeftovers(attempt, token());
}

// How things stand at the server: "mine" | "out" (nobody is signed in) | "other" (somebody else is) | "" (no answer).
async function ask() {
  const answer = await fetch(`${form.dataset.stateUrl}?attempt=${attempt}`, { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (answer?.type === "opaqueredirect") return "out";
  if (answer?.status === 404) return "other";
  const said = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!said?.csrf) return "";
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = said.csrf;
  sync(said);
  if (said.is_finished) await finish();
  else if (said.epoch > epoch && !isClosed) lose("elsewhere");
  else if (said.differences.length) fetchDifferences();
  return "mine";
}

async function finish() {
  await sending.flush();
  location.reload();
}

async function wake() {
  if (taken) return;
  if ((await ask()) === "mine") sending.again();
  flagged.send();
}

async function lose(where) {
  if (taken || isClosed) return;
  taken = where;
  takeAway(form, where);
  refresh();
  await sending.flush();
  talk.sayKept();
}

// Handing in, pages and flags

async function handIn(button) {
  if (!(await sending.flush())) return refresh();
  await new Promise((later) => setTimeout(later)); // a form can't be sent while its submit event is under way
  letGo = true;
  form.requestSubmit(button);
}

async function timeIsUp() {
  if (taken || isClosed) return;
  const before = document.querySelector("[data-timer] .num").textContent;
  while ((await ask()) !== "mine") await new Promise((wait) => setTimeout(wait, 3000));
  if (document.querySelector("[data-timer] .num").textContent !== before) return; // there is more time now
  await sending.flush();
  if (!("handsItselfIn" in form.dataset)) return location.reload();
  letGo = true;
  form.requestSubmit();
}

form.addEventListener("submit", (event) => {
  if (letGo) return;
  event.preventDefault();
  const button = event.submitter;
  if (taken) return;
  if (button?.dataset.flag) flagged.toggle(button);
  else if (button?.name === "go") {
    goTo(button.value);
    history.replaceState(null, "", `?page=${blockOf(button.value).closest("[data-page]").dataset.page}`);
    document.getElementById(`q${button.value}-title`).focus();
  } else if (!button || "save" in button.dataset) sending.now();
  else handIn(button);
});

form.addEventListener("input", (event) => {
  const place = event.target.closest("[data-slot], [data-confidence]");
  if (place) note(Number(place.dataset.slot ?? place.dataset.confidence));
});

const flagged = flags(form, token);
const showSignIn = signInAgain({ ask, back: () => sending.again() });
const talk = tabs({ attempt, epoch, opened: () => lose("tab"), kept: () => sending.flush().then(() => taken || fetchDifferences()) });
watchWaiting({ rows: () => waiting(attempt), tryNow: () => sending.again() });
watchDifferences((slot, value, confidence, choice) => {
  fill(blockOf(slot), value);
  fillSure(form, slot, confidence);
  note(slot, choice);
});

addEventListener("online", wake);
addEventListener("pageshow", (event) => event.persisted && ((letGo = false), wake()));
addEventListener("pagehide", () => sending.leave());
addEventListener("blur", () => sending.leave());
document.addEventListener("freeze", () => sending.leave());
document.addEventListener("resume", wake);
document.addEventListener("visibilitychange", () => (document.hidden ? sending.leave() : wake()));
addEventListener("beforeunload", (event) => {
  if (!letGo && waiting(attempt).some((row) => !isStored(row))) event.preventDefault();
});

// What was given before this file came. After a reload browsers fill in what an older page held, which may be overtaken.
function noteEarly() {
  const isFresh = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  if (isClosed || !isFresh) return;
  for (const block of form.querySelectorAll("[data-slot]")) if (isTouched(block)) note(Number(block.dataset.slot));
}

refresh();
noteEarly();
startTimer(timeIsUp);
restore().then(() => talk.sayOpened());
if (epoch > 1 && !isClosed) setTimeout(() => taken || ask(), LOOK_AGAIN);
