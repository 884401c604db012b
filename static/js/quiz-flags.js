// Flags on questions to look at again: each on its own path, beside the answers. One that did not get through goes again.

const unsent = new Map();

function draw(form, slot, isFlagged) {
  const button = form.querySelector(`[data-flag="${slot}"]`);
  button.setAttribute("aria-pressed", isFlagged);
  button.name = isFlagged ? "unflag" : "flag";
  const link = form.querySelector(`[data-slot-link="${slot}"]`);
  link.classList.toggle("is-flag", isFlagged);
  link.querySelector("[data-mark=flag]").hidden = !isFlagged;
}

export function flags(form, token) {
  async function send() {
    for (const [slot, isFlagged] of unsent) {
      const body = new URLSearchParams({ [isFlagged ? "flag" : "unflag"]: slot });
      const answer = await fetch(form.dataset.flagUrl, { method: "POST", headers: { "X-CSRFToken": token() }, body, redirect: "manual" }).catch(() => null);
      if (!answer?.ok) return;
      if (unsent.get(slot) === isFlagged) unsent.delete(slot);
    }
  }
  return {
    send,
    toggle(button) {
      const isFlagged = button.getAttribute("aria-pressed") !== "true";
      draw(form, button.dataset.flag, isFlagged);
      unsent.set(button.dataset.flag, isFlagged);
      return send();
    },
  };
}
