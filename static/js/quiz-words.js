// How many words a text has so far, counted as one types; without this file the page says what was counted when it was
// drawn. <div data-words> holds the textarea and [data-words-said data-one="…" data-many="… COUNT …"].

for (const box of document.querySelectorAll("[data-words]")) {
  const field = box.querySelector("textarea");
  const said = box.querySelector("[data-words-said]");
  const count = () => {
    const words = field.value.split(/\s+/u).filter(Boolean).length;
    said.textContent = words === 1 ? said.dataset.one : said.dataset.many.replace("COUNT", words);
  };
  field.addEventListener("input", count);
  box.closest("[data-slot]")?.addEventListener("quiz:filled", count);
  count();
}
