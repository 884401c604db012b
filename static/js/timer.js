// The clock of a quiz: <span role="timer" data-timer data-attempt data-seconds data-total><span class="num"></span></span>.
// Seconds come from the server, so this device's clock may be wrong; each answer of the server sets it anew. It can be hidden
// ([data-timer-toggle], remembered). At half, a tenth, five minutes and one minute it speaks once ([data-timer-said]).

const clock = document.querySelector("[data-timer]");
const said = document.querySelector("[data-timer-said]");
const toggle = document.querySelector("[data-timer-toggle]");
const HIDDEN = "quiz-timer-hidden";
const MORE = 5000; // ms; less is the way an answer took
let end = 0;
let isUp = false;
let whenUp = () => {};

function words(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function marks() {
  const total = Number(clock.dataset.total);
  return [["half", total / 2], ["tenth", total / 10], ["five", 300], ["one", 60]].filter(([, at]) => at < total).sort((one, other) => one[1] - other[1]);
}

// Of what is due the latest; what came before it would no longer be true.
function speak(left) {
  const due = marks().find(([, at]) => left <= at);
  const key = `quiz-timer-${clock.dataset.attempt}`;
  if (!due || recall(sessionStorage, key) === due[0]) return;
  remember(sessionStorage, key, due[0]);
  said.textContent = said.dataset[due[0]];
}

function secondsLeft() {
  return Math.max(0, Math.round((end - Date.now()) / 1000));
}

function tick() {
  const left = secondsLeft();
  clock.querySelector(".num").textContent = words(left);
  clock.classList.toggle("timer--low", left <= 300);
  if (left > 0) speak(left);
  if (left > 0 || isUp) return;
  isUp = true;
  whenUp();
}

function hide(isHidden) {
  clock.classList.toggle("is-hidden", isHidden);
  toggle.querySelector("[data-timer-hide]").hidden = isHidden;
  toggle.querySelector("[data-timer-show]").hidden = !isHidden;
}

function recall(storage, key) {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

function remember(storage, key, value) {
  try {
    storage.setItem(key, value);
  } catch {
    // it is asked again the next time
  }
}

// What the server said of the time: moments as it writes them. More than before is an extension, which is said.
export function sync({ deadline_at, server_now }) {
  if (!clock || !deadline_at) return;
  const before = end;
  end = Date.now() + Date.parse(deadline_at) - Date.parse(server_now);
  const isMore = before && end > before + MORE;
  if (secondsLeft() > 0) isUp = false; // a moment too early by this device's clock: it comes to zero once more
  tick();
  if (isMore) said.textContent = said.dataset.more;
}

export function startTimer(up) {
  if (!clock) return;
  whenUp = up;
  end = Date.now() + Number(clock.dataset.seconds) * 1000;
  toggle.hidden = false;
  hide(recall(localStorage, HIDDEN) === "1");
  toggle.addEventListener("click", () => {
    const isHidden = !clock.classList.contains("is-hidden");
    hide(isHidden);
    remember(localStorage, HIDDEN, isHidden ? "1" : "0");
  });
  setInterval(tick, 1000);
  tick();
}
