// Answers that an overtaken page said otherwise: the table is fetched when the server has one, and the choice is a save
// like any other that bears the name under which the server knows that she chose.

import { say } from "./quiz-state.js";

const place = document.querySelector("[data-differences-here]");

const shown = () => [...place.querySelectorAll("[data-difference]")].map((row) => row.dataset.difference).join();

export async function fetchDifferences() {
  if (!place) return;
  const answer = await fetch(place.dataset.url, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = shown();
  const table = page.querySelector("[data-differences]");
  place.replaceChildren(...(table ? [document.importNode(table, true)] : []));
  if (table && shown() !== before) say(table.querySelector("#differences-title").textContent);
}

// choose(slot, value, confidence, client_id)
export function watchDifferences(choose) {
  place?.addEventListener("submit", (event) => {
    event.preventDefault();
    const { choice, value, confidence } = event.target.dataset;
    const row = event.target.closest("[data-difference]");
    choose(Number(row.dataset.difference), JSON.parse(value), confidence ? Number(confidence) : null, choice);
    row.remove();
    if (!shown()) place.replaceChildren();
    document.getElementById(`q${row.dataset.difference}-title`)?.focus();
  });
}
