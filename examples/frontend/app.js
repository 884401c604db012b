import { Waymark } from "./api.js";

const find = (id) => document.getElementById(id);
let waymark = null;

find("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  await trying(async () => {
    const asked = new Waymark(form.get("address"), form.get("token").trim());
    const me = await asked.me();
    waymark = asked;
    find("roads-title").textContent = `Signed in as ${me.name || me.email}`;
    await showRoads();
    find("sign-in").hidden = true;
    find("roads").hidden = false;
    find("roads-title").tabIndex = -1;
    find("roads-title").focus();
  });
});

find("leave").addEventListener("click", () => {
  waymark = null;
  find("sign-in").reset();
  find("sign-in").hidden = false;
  find("roads").hidden = true;
  find("road-list").replaceChildren();
  find("said").textContent = "";
  find("address").focus();
});

async function showRoads() {
  const roads = await waymark.enrollments();
  const shown = await Promise.all(roads.map(async ({ road }) => {
    const place = element("article", { id: `road-${road}` });
    await showRoad(place, road);
    return place;
  }));
  find("road-list").replaceChildren(...(shown.length ? shown : [element("p", {}, "You are on no road yet.")]));
}

/** Draw one road again: its stages as they stand, and the core resources of the stage under way. */
async function showRoad(place, key) {
  const [standing, road] = await Promise.all([waymark.standing(key), waymark.road(key)]);
  place.replaceChildren(
    element("h3", {}, standing.title),
    element("p", {}, `${standing.stages_passed} of ${standing.stages_total} stages passed, ${standing.core_done} of ${standing.core_total} core resources ticked.`),
    element("ol", {}, ...standing.stages.map(stageLine)),
    ...ticks(place, key, standing, road),
  );
}

function stageLine(stage) {
  const words = { passed: "passed", underway: "you are here", open: "open", locked: "locked" };
  return element("li", { className: stage.state }, stage.title, " ", element("b", {}, words[stage.state]));
}

function ticks(place, key, standing, road) {
  const current = standing.stages.find((stage) => stage.key === standing.current_stage);
  if (!current) return [];
  const core = current.requirements.find((asked) => asked.kind === "core_ticked");
  return [
    element("fieldset", {},
      element("legend", {}, `Core resources of ${current.title}`),
      ...core.facts.map((fact) => tickBox(place, key, fact, road.resources[fact.key])),
    ),
  ];
}

function tickBox(place, key, fact, resource) {
  const id = `tick-${key}-${fact.key}`;
  const box = element("input", { type: "checkbox", id, checked: fact.is_met });
  box.addEventListener("change", () => trying(async () => {
    const wanted = box.checked;
    try {
      await (wanted ? waymark.tick(key, fact.key) : waymark.untick(key, fact.key));
    } catch (trouble) {
      box.checked = !wanted;
      throw trouble;
    }
    await showRoad(place, key);
    find("said").textContent = wanted ? `Ticked: ${resource.title}.` : `Not ticked any more: ${resource.title}.`;
    find(id)?.focus();
  }));
  return element("div", { className: "tick" }, box, element("label", { htmlFor: id }, resource.title));
}

/** Do it, and say in words what went wrong if it did. */
async function trying(act) {
  const trouble = find("trouble");
  trouble.hidden = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await act();
  } catch (error) {
    trouble.textContent = error.message;
    trouble.hidden = false;
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
