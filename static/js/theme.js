// Light and dark: switch at once, tell the server behind. Without this file the button is an ordinary form.

const root = document.documentElement;

function shown() {
  return root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function tell(form, theme) {
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual" });
}

for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    root.dataset.theme = shown() === "dark" ? "light" : "dark";
    tell(form, root.dataset.theme);
  });
}
