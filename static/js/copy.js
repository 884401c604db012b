// Buttons that copy the text of a field (data-copy: the field's id). They are hidden where the browser can't copy:
// the field can be read and selected as well.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard || !field) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    document.getElementById(`${button.dataset.copy}-copied`).textContent = button.dataset.copied;
  });
}
