// Sends what unsent.js keeps for an attempt until the server has acknowledged it: 1 s after a change, at most every 5 s;
// after trouble again and again, 1 to 30 s apart, as long as the page is open.
//
// POST {attempt, epoch, items: [{slot, sequence, client_id, value, confidence?}]}. Only what an answer names is forgotten:
// 200 {saved: {slot: sequence}}, 409 {reason: "taken_over", kept: [slots]}, 410 {reason: "finished", kept}. An answer that
// does not read so (a wireless network's own page, a proxy) acknowledges nothing. `attempt` keeps what one person typed
// from becoming the answer of another who signed in here since: the server then says 404.

import { forget, waiting } from "./unsent.js";

const SETTLE = 1000;
const PACE = 5000;
const LONGEST = 30_000;
const BODY = 60_000; // bytes; a page that is left may send 64 KiB
const ITEMS = 200;

const size = (value) => new TextEncoder().encode(JSON.stringify(value)).length;
export const slotOf = (row) => row.asked ?? row.slot;

function itemOf(row) {
  const { sequence, client_id, value, confidence } = row;
  return { slot: slotOf(row), sequence, client_id, value, ...(confidence === undefined ? {} : { confidence }) };
}

// Rows of one epoch, few enough for one request; older epochs first.
function* parcels(rows) {
  const epochs = [...new Set(rows.map((row) => row.epoch))].sort((one, other) => one - other);
  for (const epoch of epochs) {
    let parcel = [];
    let bytes = 0;
    for (const row of rows.filter((each) => each.epoch === epoch)) {
      const more = size(itemOf(row));
      if (parcel.length && (bytes + more > BODY || parcel.length === ITEMS)) {
        yield parcel;
        parcel = [];
        bytes = 0;
      }
      parcel.push(row);
      bytes += more;
    }
    yield parcel;
  }
}

// One request. `keepalive` outlives the page, which a large body may not.
export function post(url, token, rows, keepalive = false) {
  const body = JSON.stringify({ attempt: rows[0].attempt, epoch: rows[0].epoch, items: rows.map(itemOf) });
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body,
    redirect: "manual",
    keepalive: keepalive && size(body) < BODY + 3000,
  });
}

// Forget what the answer names; whether it named all.
export async function acknowledge(said, rows) {
  const named = (row) => (said.saved ? said.saved[slotOf(row)] >= row.sequence : said.kept?.includes(slotOf(row)));
  const known = rows.filter(named);
  for (const row of known) await forget(row);
  return known.length === rows.length;
}

const json = (answer) => answer.json().catch(() => ({}));

// hear: {state(trouble), saved(said), taken(), kept(), ended(), away(answer)}; away asks who is signed in: "mine" | "out" | "other" | "".
export function sender({ attempt, epoch, url, token, hear }) {
  let timer = 0;
  let sentAt = 0;
  let misses = 0;
  let running = null;
  let isOver = false;
  let trouble = ""; // "" | offline | late | out | other
  const refused = new Map(); // client_id of what the server can't take, by slot

  const open = () => waiting(attempt).filter((row) => refused.get(slotOf(row)) !== row.client_id);

  function fail(kind, after) {
    trouble = kind;
    const wait = after ?? Math.min(LONGEST, 1000 * 2 ** misses) * (0.5 + Math.random() / 2);
    misses = Math.min(misses + 1, 5);
    hear.state();
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(wait, 1000));
    return false;
  }

  function works() {
    misses = 0;
    trouble = "";
    sentAt = Date.now();
  }

  async function hold(answer) {
    const who = await hear.away(answer);
    if (who === "mine" && misses < 2) {
      misses += 1;
      return null; // the token is new: once more
    }
    if (who === "out" || who === "other") {
      trouble = who;
      hear.state();
      return false;
    }
    return fail("late");
  }

  async function settle(answer, rows) {
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) return hold(answer);
    if (answer.status === 429) return fail("late", 1000 * Number(answer.headers.get("Retry-After")) || undefined);
    if (answer.status === 413 || answer.status === 422) return refuse(rows);
    const said = await json(answer);
    if (answer.ok && said.saved) {
      works();
      await acknowledge(said, rows);
      hear.saved(said);
      return true;
    }
    if ((answer.status === 409 || answer.status === 410) && said.kept) {
      works();
      await acknowledge(said, rows);
      if (answer.status === 410) {
        isOver = true;
        hear.ended();
      } else if (rows[0].epoch === epoch) hear.taken();
      else hear.kept();
      return true;
    }
    return fail(answer.status >= 500 ? "late" : "offline");
  }

  // One answer that can't be taken must not hold up the others.
  async function refuse(rows) {
    if (rows.length === 1) {
      refused.set(slotOf(rows[0]), rows[0].client_id);
      hear.state();
      return true;
    }
    for (const row of rows) if ((await deliver([row])) === false) return false;
    return true;
  }

  async function deliver(rows) {
    for (;;) {
      let answer;
      try {
        answer = await post(url, token(), rows);
      } catch {
        return fail("offline");
      }
      const done = await settle(answer, rows);
      if (done !== null) return done;
    }
  }

  async function round() {
    sentAt = Date.now();
    hear.state();
    for (const rows of parcels(open())) if (!(await deliver(rows))) return false;
    return true;
  }

  function send() {
    clearTimeout(timer);
    if (running || isOver || trouble === "other" || !open().length) return running ?? Promise.resolve(!open().length);
    running = round().finally(() => {
      running = null;
      hear.state();
      if (!trouble && open().length) plan();
    });
    return running;
  }

  function plan() {
    if (trouble) return; // the next try is planned, or waits for somebody to sign in
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(SETTLE, sentAt + PACE - Date.now()));
  }

  return {
    plan,
    now() {
      if (trouble !== "other") trouble = "";
      return send();
    },
    again() {
      trouble = "";
      misses = 0;
      return send();
    },
    // Whether nothing is left to send. Waits for what is under way.
    async flush() {
      while (open().length) if (!(await (running ?? this.now()))) return false;
      return true;
    },
    // The page may be gone in a moment.
    leave() {
      if (isOver || trouble === "out" || trouble === "other") return;
      for (const rows of parcels(open())) if (rows.length) post(url, token(), rows, true).then((answer) => settle(answer, rows), () => {});
    },
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
    get trouble() {
      return trouble;
    },
    get isSending() {
      return running !== null;
    },
    refused: () => waiting(attempt).filter((row) => refused.get(slotOf(row)) === row.client_id).map(slotOf),
    open,
  };
}
