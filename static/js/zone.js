// Fills an empty time zone field, <select data-zone>, with the browser's zone.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("[data-zone]")) {
  if (!field.value || field.value === "UTC") field.value = zone;
}
