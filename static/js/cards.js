// Keys on the pages of review cards: each presses the button that names it. In fields and with modifiers they type.

const FIELDS = "input, textarea, select, [contenteditable]";
const PRESSABLE = `${FIELDS}, a, button, summary, [tabindex='0']`; // Space has a use of its own there

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
  if (event.target.closest(event.key === " " ? PRESSABLE : FIELDS)) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

if (location.hash === "#answer") document.getElementById("answer")?.focus();
