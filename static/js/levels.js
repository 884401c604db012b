// The sentence of the chosen rubric level stands under its row. Without this file the list "What the levels mean" says all.

for (const row of document.querySelectorAll("[data-levels]")) {
  row.addEventListener("change", (event) => {
    const note = event.target.dataset.note;
    if (note) row.querySelector("[data-levelnote]").textContent = note;
  });
}
