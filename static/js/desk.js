// The desk: what admin's own scripts draw without a name gets one.

const nameOf = (control) =>
  control.getAttribute("aria-label") || (control.labels && control.labels[0] && control.labels[0].textContent.trim()) || control.name;

// select2 names its combobox by the chosen text alone; say which field it is as well.
function nameSuggestions(root) {
  for (const select of root.querySelectorAll("select.admin-autocomplete.select2-hidden-accessible")) {
    const box = select.nextElementSibling && select.nextElementSibling.querySelector(".select2-selection");
    if (!box) continue;
    box.removeAttribute("aria-labelledby");
    const chosen = select.selectedOptions[0];
    box.setAttribute("aria-label", chosen && chosen.value ? `${nameOf(select)}: ${chosen.textContent}` : nameOf(select));
    const text = box.querySelector(".select2-selection__rendered");
    text.removeAttribute("role");
    text.removeAttribute("aria-readonly");
    text.removeAttribute("title");
  }
}

// The list that select2 opens stands outside the page's landmarks and names neither itself nor its search.
function nameOpened(select) {
  const box = select.nextElementSibling.querySelector(".select2-selection");
  const opened = document.querySelector("body > .select2-container--open");
  if (!opened) return;
  opened.setAttribute("role", "dialog");
  opened.setAttribute("aria-label", nameOf(select));
  opened.querySelector(".select2-search__field").setAttribute("aria-label", nameOf(select));
  box.setAttribute("aria-controls", opened.querySelector(".select2-results__options").id);
}

// A row that inlines.js adds carries the label of the empty row it was copied from.
function numberRow(row) {
  const body = row.closest("tbody");
  if (!body) return;
  const number = [...body.querySelectorAll("tr.form-row")].indexOf(row) + 1;
  for (const control of row.querySelectorAll("[aria-label]")) {
    control.setAttribute("aria-label", control.getAttribute("aria-label").replace(/\d+$/, number));
  }
}

const settle = () => requestAnimationFrame(() => nameSuggestions(document));

document.addEventListener("formset:added", (event) => {
  numberRow(event.target);
  settle();
});
window.addEventListener("load", () => nameSuggestions(document));
// select2 may come to a field after the page is loaded, and draws its box anew when it likes.
new MutationObserver(settle).observe(document.body, { childList: true, subtree: true });
if (window.django && window.django.jQuery) {
  window.django
    .jQuery(document)
    .on("select2:select select2:close", settle)
    .on("select2:open", (event) => requestAnimationFrame(() => nameOpened(event.target)));
}
