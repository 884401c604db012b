// Signing in again without leaving the quiz ([data-sign-in]): in a window of its own, whatever way in that takes (second
// factor, code by mail). This page asks every few seconds who is signed in, and goes on by itself. Its fields stay
// open meanwhile, and the focus stays where it is: somebody may be typing.

const PATIENCE = 3000;
const panel = document.querySelector("[data-sign-in]");
let beat = 0;

function words(kind) {
  for (const each of panel.querySelectorAll("[data-sign-in-words]")) each.hidden = each.dataset.signInWords !== kind;
}

// ask: who is signed in, "mine" | "out" | "other" | ""; back: called once it is the person whose answers these are.
export function signInAgain({ ask, back }) {
  async function look() {
    if (!panel || panel.hidden) return;
    const who = await ask();
    if (who === "out" || who === "other") words(who);
    if (who !== "mine" || panel.hidden) return;
    panel.hidden = true;
    clearInterval(beat);
    back();
  }

  panel?.querySelector("[data-sign-in-back]").addEventListener("click", look);
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  new BroadcastChannel("waymark-signed-in").addEventListener("message", look);

  return function show(kind) {
    if (!panel) return;
    words(kind);
    if (!panel.hidden) return;
    panel.hidden = false;
    clearInterval(beat);
    beat = setInterval(look, PATIENCE);
  };
}
