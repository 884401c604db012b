// What the server has not acknowledged yet, kept on this device: rows {attempt, slot, client_id, …}, of which the newest
// of an attempt and slot stays. IndexedDB takes a few round trips, in which a tab may be closed: until it holds a row,
// localStorage does, which needs none. Without both they live as long as the page: isStored says so.

const AT_ONCE = "waymark-unsent/";
const memory = new Map();
const stored = new Set(); // client_ids
let database = null;

const keyOf = (row) => `${row.attempt}/${row.slot}`;

function opened() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("waymark-answers", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: ["attempt", "slot"] });
    request.onsuccess = () => {
      request.result.onclose = () => (database = null);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return database;
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode) {
  try {
    return (await opened()).transaction("unsent", mode).objectStore("unsent");
  } catch (refused) {
    database = null; // it may be allowed the next time
    throw refused;
  }
}

function keepAtOnce(row) {
  try {
    localStorage.setItem(AT_ONCE + keyOf(row), JSON.stringify(row));
    stored.add(row.client_id);
  } catch {
    forgetAtOnce(keyOf(row)); // full or forbidden: what is kept there is older than what IndexedDB takes
  }
}

function keptAtOnce(key) {
  try {
    return JSON.parse(localStorage.getItem(AT_ONCE + key));
  } catch {
    return null;
  }
}

function allKeptAtOnce() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(AT_ONCE));
    return keys.map((key) => keptAtOnce(key.slice(AT_ONCE.length))).filter((row) => row?.client_id);
  } catch {
    return [];
  }
}

function forgetAtOnce(key) {
  try {
    localStorage.removeItem(AT_ONCE + key);
  } catch {
    // nothing was kept
  }
}

async function put(row) {
  await done((await store("readwrite")).put(row));
  stored.add(row.client_id);
  if (keptAtOnce(keyOf(row))?.client_id === row.client_id) forgetAtOnce(keyOf(row));
}

export async function keep(row) {
  memory.set(keyOf(row), row);
  keepAtOnce(row);
  try {
    await put(row);
  } catch {
    // The row stays in memory; isStored says whether it would survive the page.
  }
}

export async function keptFor(attempt) {
  await read(IDBKeyRange.bound([attempt], [attempt, []]));
  return waiting(attempt);
}

export async function keptForOthers(attempt) {
  await read(undefined);
  return [...memory.values()].filter((row) => typeof row.attempt === "number" && row.attempt !== attempt);
}

// What was kept at once is newer than what IndexedDB holds of the same place, and takes that place.
async function read(range) {
  const newest = allKeptAtOnce();
  recall(newest);
  try {
    for (const row of newest) if (keptAtOnce(keyOf(row))?.client_id === row.client_id) await put(row);
    recall(await done((await store("readonly")).getAll(range)));
  } catch {
    // as above
  }
}

function recall(rows) {
  for (const row of rows) {
    if (!memory.has(keyOf(row))) memory.set(keyOf(row), row);
    stored.add(row.client_id);
  }
}

export function waiting(attempt) {
  return [...memory.values()].filter((row) => row.attempt === attempt);
}

export const isStored = (row) => stored.has(row.client_id);

export async function forget(row) {
  if (memory.get(keyOf(row))?.client_id !== row.client_id) return; // a newer answer took its place
  memory.delete(keyOf(row));
  if (keptAtOnce(keyOf(row))?.client_id === row.client_id) forgetAtOnce(keyOf(row));
  try {
    const rows = await store("readwrite");
    const kept = await done(rows.get([row.attempt, row.slot]));
    const isOlder = kept?.client_id === row.client_id || kept?.sequence <= row.sequence; // else another page's is newer
    if (isOlder) await done(rows.delete([row.attempt, row.slot]));
  } catch {
    // as above
  }
}
