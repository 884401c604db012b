// The result of an attempt: what this device still holds of it is sent, and said ([data-leftovers="id of the attempt"]).

import { sendLeftovers } from "./quiz-leftovers.js";

const said = document.querySelector("[data-leftovers]");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;

const taken = await sendLeftovers(null, token);
said.hidden = !taken.has(Number(said.dataset.leftovers));
