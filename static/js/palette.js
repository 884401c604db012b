// Go to anything: Ctrl+K (or Cmd+K) and / open a dialog that lists pages and what is found while one types.
// The field keeps the focus; the arrows move the chosen option (aria-activedescendant). Without this file there is the
// search page.

const dialog = document.getElementById("palette");
const field = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
const status = dialog?.querySelector("[role=status]");
const FIELDS =
  "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
const PAUSE = 120; // ms without a key before the server is asked

let waiting = 0;
let isStale = true; // typed since the list was drawn
let asked = null;
let opener = null;

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) {
    field.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = options();
  if (!all.length) return;
  const at = all.indexOf(chosen());
  choose(all[(at + by + all.length) % all.length]);
}

function show(html) {
  list.innerHTML = html;
  isStale = false;
  const count = options().length;
  field.setAttribute("aria-expanded", String(count > 0));
  choose(options()[0]);
  status.textContent = count === 1 ? status.dataset.one : status.dataset.many.replace("{n}", count);
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const address = `${dialog.dataset.palette}?q=${encodeURIComponent(field.value.slice(0, 200))}`;
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (!signal.aborted) show(html);
  } catch (trouble) {
    if (trouble.name === "AbortError") return;
    show("");
    status.textContent = status.dataset.failed;
  }
}

function askSoon() {
  isStale = true;
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
}

function open() {
  if (dialog.open) return;
  opener = document.activeElement;
  field.value = "";
  show("");
  status.textContent = "";
  dialog.showModal();
  field.focus();
  ask();
}

function isTyping(target) {
  return target instanceof Element && Boolean(target.closest(FIELDS));
}

function keys(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isSlash && (isTyping(event.target) || document.querySelector("dialog[open]"))) return;
  if (isK && isTyping(event.target) && !dialog.contains(event.target)) return;
  if (isK && dialog.open) {
    event.preventDefault();
    dialog.close();
  } else if (isSlash || isK) {
    event.preventDefault();
    const own = document.querySelector("[data-search-field]");
    if (isSlash && own) own.focus();
    else open();
  }
}

function keysInField(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && chosen() && !isStale) {
    event.preventDefault();
    clearTimeout(waiting);
    chosen().click();
  }
}

if (dialog) {
  document.addEventListener("keydown", keys);
  field.addEventListener("keydown", keysInField);
  field.addEventListener("input", askSoon);
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-palette-close]")) dialog.close();
    // An address within this page opens nothing new: the dialog must make way for it.
    if (event.target.closest("a[href]")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    clearTimeout(waiting);
    asked?.abort();
    opener?.focus?.();
  });
  for (const link of document.querySelectorAll("[data-palette-open]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open();
    });
  }
}
