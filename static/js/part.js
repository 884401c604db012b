// Parts of a page that take longer than the page (data-part: their address) are fetched after it.
// Without this file a link stands in their place.

for (const box of document.querySelectorAll("[data-part]")) {
  fetch(box.dataset.part)
    .then(async (answer) => {
      if (answer.ok && !answer.redirected) box.innerHTML = await answer.text();
    })
    .catch(() => {}); // the link stays
}
