// The clock of a quiz: <span role="timer" data-timer data-seconds="1574"><span class="num"></span></span>.
// Seconds come from the server, so this device's clock may be wrong. Under five minutes it is said once; at zero the form goes.

const clock = document.querySelector("[data-timer]");
const end = Date.now() + Number(clock.dataset.seconds) * 1000;

function words(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

function tick() {
  const left = Math.max(0, Math.round((end - Date.now()) / 1000));
  clock.querySelector(".num").textContent = words(left);
  if (left <= 300 && !clock.classList.contains("timer--low")) {
    clock.classList.add("timer--low");
    document.querySelector("[data-timer-low]")?.removeAttribute("hidden");
  }
  if (left > 0) return;
  clearInterval(beat);
  document.querySelector("form[data-player]").requestSubmit();
}

const beat = setInterval(tick, 1000);
tick();
