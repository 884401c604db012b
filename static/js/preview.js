// Markdown fields: what learners will see follows what one types, drawn by the same code on the server.
// Without this file the preview is that of the last save.

const PATIENCE = 300; // ms after the last key

async function draw(box, field) {
  const out = box.querySelector(".mdedit__out");
  const body = new FormData();
  body.set("text", field.value);
  box.asking?.abort();
  box.asking = new AbortController();
  try {
    const token = field.form.elements.csrfmiddlewaretoken.value;
    const answer = await fetch(box.dataset.preview, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token },
      signal: box.asking.signal,
    });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    out.innerHTML = await answer.text(); // cleaned by the server, as on every page
  } catch (error) {
    if (error.name !== "AbortError") out.textContent = box.dataset.failed;
  }
}

document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-preview]");
  if (!box || !event.target.matches("textarea")) return;
  clearTimeout(box.waiting);
  box.waiting = setTimeout(() => draw(box, event.target), PATIENCE);
});

// ---- Buttons: they put the signs round what is chosen, and a second press takes them away

function around(field, sign) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const is = value.slice(start - sign.length, start) === sign && value.slice(end, end + sign.length) === sign;
  const [from, to] = is ? [start - sign.length, end + sign.length] : [start, end];
  const words = is ? value.slice(start, end) : `${sign}${value.slice(start, end)}${sign}`;
  put(field, from, to, words);
  const at = is ? from : from + sign.length;
  field.setSelectionRange(at, at + end - start);
}

function link(field) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  put(field, start, end, `[${value.slice(start, end)}](https://)`);
  field.setSelectionRange(start + 1, end + 1);
}

/** As if it had been typed, so that the browser's own undo takes it back. */
function put(field, from, to, words) {
  field.focus();
  field.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, words)) {
    field.setRangeText(words, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-md]");
  const field = button?.closest("[data-preview]")?.querySelector("textarea");
  if (!field) return;
  if (button.dataset.md === "link") link(field);
  else around(field, button.dataset.md);
});

for (const bar of document.querySelectorAll("[data-preview] > .mdedit__bar")) bar.hidden = false;
