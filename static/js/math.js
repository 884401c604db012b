// Formulas: what the server sent as TeX is typeset by KaTeX, which is fetched only by pages that have one.
// Without this file, or before it arrives, the TeX itself is read.

const UNSET = ".math:not([data-set])";
const LIMITS = { throwOnError: false, strict: "ignore", trust: false, maxExpand: 500, maxSize: 20, errorColor: "currentColor" };
let typesetter;

function stylesheet() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = document.querySelector("meta[name=formulas]").content;
  document.head.append(link);
  return new Promise((done) => (link.onload = link.onerror = done));
}

async function fetched() {
  await Promise.all([stylesheet(), import("../vendor/katex-0.19.1/katex.min.js")]);
  return self.katex;
}

// Our policy refuses style attributes, which KaTeX sets on what it draws as SVG and MathML; the same rules given as
// properties are allowed.
function withoutStyleAttributes(act) {
  const stock = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else stock.call(this, name, value);
  };
  try {
    act();
  } finally {
    Element.prototype.setAttribute = stock;
  }
}

function set(katex, formula) {
  const tex = formula.textContent.trim();
  formula.dataset.set = "";
  const options = { ...LIMITS, displayMode: formula.classList.contains("block") };
  withoutStyleAttributes(() => katex.render(tex, formula, options));
}

/** Typesets every formula below `part` that isn't yet. */
export async function typeset(part = document) {
  const formulas = part.querySelectorAll(UNSET);
  if (!formulas.length) return;
  typesetter ??= fetched();
  const katex = await typesetter;
  for (const formula of formulas) if (!("set" in formula.dataset)) set(katex, formula);
}

typeset();
new MutationObserver(() => typeset()).observe(document.body, { childList: true, subtree: true });
