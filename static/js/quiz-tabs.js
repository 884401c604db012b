// Pages of one attempt in one browser talk: a page that is opened says so, the older ones send what they still hold,
// become read-only and say what the server kept. Other devices learn the same from the server (409).

import { clock } from "./quiz-state.js";

export function tabs({ attempt, epoch, opened, kept }) {
  const channel = new BroadcastChannel(`waymark-quiz-${attempt}`);
  channel.addEventListener("message", ({ data }) => {
    if (data.opened > epoch) opened();
    if (data.kept < epoch) kept();
  });
  return {
    sayOpened: () => channel.postMessage({ opened: epoch }),
    sayKept: () => channel.postMessage({ kept: epoch }),
  };
}

// From here on this page can only be read. where: "tab" | "elsewhere".
export function takeAway(form, where) {
  const notice = document.querySelector("[data-taken-over]");
  if (!notice || !notice.hidden) return;
  for (const block of form.querySelectorAll("[data-slot], [data-confidence]")) block.disabled = true;
  document.querySelector("[data-differences-here]")?.replaceChildren(); // the other page asks which counts
  for (const button of form.querySelectorAll("[data-flag], [data-hand-in], [data-save]")) button.disabled = true;
  for (const words of notice.querySelectorAll("[data-taken-where]")) words.hidden = words.dataset.takenWhere !== where;
  notice.querySelector("time").textContent = clock();
  notice.hidden = false;
  notice.focus();
}
