// What an earlier visit left unsent of attempts that are over or stand on another page: it is sent to where it belongs,
// where it is kept beside what counts. What the server does not take as this person's stays on the device.

import { acknowledge, post } from "./quiz-send.js";
import { keptForOthers } from "./unsent.js";

// Of all attempts but this one (null: of all); the ids of those of which something was taken.
export async function sendLeftovers(attempt, token) {
  const taken = new Set();
  for (const row of await keptForOthers(attempt)) {
    if (!row.url) continue;
    const answer = await post(row.url, token, [row]).catch(() => null);
    if (!answer || ![200, 409, 410].includes(answer.status)) continue;
    if (await acknowledge(await answer.json().catch(() => ({})), [row])) taken.add(row.attempt);
  }
  return taken;
}
