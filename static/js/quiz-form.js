// What the blocks of the player say. A block is <fieldset data-slot="7"> with radios, checkboxes, one text field, or
// several fields with data-part="name"; [data-confidence="7"] beside it holds the radios of how sure she is.
// A value is a string, a list of strings (checkboxes), the texts of several fields by their names, or null.

export function valueOf(block) {
  const parts = [...block.querySelectorAll("[data-part]")];
  if (parts.length) return Object.fromEntries(parts.map((field) => [field.dataset.part, field.value]));
  const boxes = [...block.querySelectorAll("input[type=checkbox]")];
  if (boxes.length) return boxes.filter((box) => box.checked).map((box) => box.value);
  if (block.querySelector("input[type=radio]")) return block.querySelector("input:checked")?.value ?? null;
  return block.querySelector("input:not([type=hidden]), textarea, select").value;
}

// Whether something was chosen or typed in the block that the server had not written there.
export function isTouched(block) {
  return [...block.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => (["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));
}

// The block hears "quiz:filled" when it is filled anew.
export function fill(block, value) {
  for (const box of block.querySelectorAll("input[type=checkbox], input[type=radio]")) {
    box.checked = Array.isArray(value) ? value.includes(box.value) : box.value === value;
  }
  if (value && typeof value === "object" && !Array.isArray(value)) {
    for (const field of block.querySelectorAll("[data-part]")) field.value = value[field.dataset.part] ?? "";
  }
  const field = block.querySelector("input:not([type=hidden], [type=checkbox], [type=radio], [data-part]), textarea, select:not([data-part])");
  if (field && !field.dataset.part && typeof value !== "object") field.value = value ?? "";
  block.dispatchEvent(new CustomEvent("quiz:filled"));
}

export function isGiven(value) {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return Object.values(value).some((text) => text.trim());
  if (typeof value === "string") return value.trim().length > 0;
  return value !== null && value.length > 0;
}

export function sureOf(form, slot) {
  const chosen = form.querySelector(`[data-confidence="${slot}"] input:checked`);
  return chosen ? Number(chosen.value) : null;
}

export function fillSure(form, slot, level) {
  for (const radio of form.querySelectorAll(`[data-confidence="${slot}"] input`)) radio.checked = Number(radio.value) === level;
}
