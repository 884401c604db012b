// What waits on this device while the server can't be reached, question by question ([data-offline]).

import { slotOf } from "./quiz-send.js";
import { clock } from "./quiz-state.js";

const section = document.querySelector("[data-offline]");
let since = null;

function row(kept) {
  const line = section.querySelector("[data-offline-row]").content.cloneNode(true);
  line.querySelector("[data-row-slot]").textContent = slotOf(kept);
  line.querySelector("time").textContent = kept.at ? clock(new Date(kept.at)) : "";
  return line;
}

export function showWaiting(rows, isOffline) {
  if (!section) return;
  since = isOffline ? (since ?? new Date()) : null;
  section.hidden = !isOffline || !rows.length;
  if (section.hidden) return;
  section.querySelector("[data-offline-since]").textContent = clock(since);
  const inOrder = [...rows].sort((one, other) => slotOf(one) - slotOf(other));
  section.querySelector("[data-offline-rows]").replaceChildren(...inOrder.map(row));
}

function saveAsFile(rows) {
  const text = rows.map((kept) => `${slotOf(kept)}\n${typeof kept.value === "string" ? kept.value : JSON.stringify(kept.value)}\n`).join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = `${section.querySelector("[data-as-file]").dataset.name}.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function watchWaiting({ rows, tryNow }) {
  section?.querySelector("[data-try-now]").addEventListener("click", tryNow);
  section?.querySelector("[data-as-file]").addEventListener("click", () => saveAsFile(rows()));
}
