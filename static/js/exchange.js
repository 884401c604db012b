// What htmx does not decide by itself: an exchange that fails says so beside its control,
// and one that was sent to another page (signed out, say) opens that page whole.

function sayBeside(control, words) {
  const box = control.closest("form, li, section") ?? control;
  let notice = box.querySelector(":scope > [data-failed]");
  if (!notice) {
    notice = document.createElement("p");
    notice.className = "err";
    notice.dataset.failed = "";
    notice.setAttribute("role", "alert");
    box.append(notice);
  }
  notice.textContent = words;
}

function failed(event) {
  const control = event.detail?.ctx?.sourceElement ?? event.target;
  if (event.detail?.ctx?.response?.status === 422) return;
  sayBeside(control, document.body.dataset.failed);
}

document.addEventListener("htmx:response:error", failed);
document.addEventListener("htmx:error", failed);

document.addEventListener("htmx:before:response", (event) => {
  const answer = event.detail.ctx.response.raw;
  if (!answer?.redirected) return;
  event.preventDefault();
  location.assign(answer.url);
});
