// The save line: one of [data-save-state] is shown. Aloud ([data-save-said]) is said only what changes something for the
// learner: trouble, and that it is over; not every save.

const QUIET = new Set(["saving", "saved", "idle"]);
let shown = "";
let wasTroubled = false;

export const clock = (moment = new Date()) => moment.toLocaleTimeString(document.documentElement.lang, { hourCycle: "h23" });

export function say(words) {
  const place = document.querySelector("[data-save-said]");
  if (place.textContent !== words) place.textContent = words;
}

export function show(state, detail = "") {
  const time = document.querySelector("[data-save-state='saved'] time");
  if (state === "saved" && (shown !== "saved" || !time.textContent)) time.textContent = clock();
  const words = document.querySelector("[data-refused]");
  if (words.textContent !== detail) words.textContent = detail;
  if (state === shown) return;
  shown = state;
  for (const each of document.querySelectorAll("[data-save-state]")) each.hidden = each.dataset.saveState !== state;
  const isTrouble = !QUIET.has(state);
  if (isTrouble || (state === "saved" && wasTroubled)) say(document.querySelector(`[data-save-state="${state}"]`)?.textContent ?? "");
  if (isTrouble || state === "saved") wasTroubled = isTrouble;
}

export function savedNow() {
  const time = document.querySelector("[data-save-state='saved'] time");
  time.textContent = clock();
}
