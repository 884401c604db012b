// Answers that the server has not acknowledged yet, kept on this device. One row per attempt and slot: the newest.
// Without IndexedDB (some private windows) they live as long as the page.

const memory = new Map();

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("waymark-answers", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: ["attempt", "slot"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode) {
  const database = await opened();
  return database.transaction("unsent", mode).objectStore("unsent");
}

export async function keep(row) {
  memory.set(`${row.attempt}/${row.slot}`, row);
  try {
    await done((await store("readwrite")).put(row));
  } catch {
    // The row stays in memory; the page says "kept on this device" only while it is open.
  }
}

export async function keptFor(attempt) {
  try {
    const rows = await done((await store("readonly")).getAll(IDBKeyRange.bound([attempt], [attempt, []])));
    for (const row of rows) memory.set(`${row.attempt}/${row.slot}`, row);
  } catch {
    // as above
  }
  return waiting(attempt);
}

export function waiting(attempt) {
  return [...memory.values()].filter((row) => row.attempt === attempt);
}

export async function forget(row) {
  const key = `${row.attempt}/${row.slot}`;
  if (memory.get(key)?.client_id !== row.client_id) return; // a newer answer took its place
  memory.delete(key);
  try {
    await done((await store("readwrite")).delete([row.attempt, row.slot]));
  } catch {
    // as above
  }
}
