/** Speaks to one Waymark as one person. Nothing is kept beyond this object. */
export class Waymark {
  #base;
  #token;

  /** @param {string} address of the site, with or without /api/v1  @param {string} token wmk_… */
  constructor(address, token) {
    this.#base = `${new URL(address).origin}/api/v1/`;
    this.#token = token;
  }

  me() { return this.#ask("GET", "me/"); }
  standing(road) { return this.#ask("GET", `enrollments/${road}/standing/`); }
  road(road) { return this.#ask("GET", `roads/${road}/`); }
  tick(road, resource) { return this.#ask("PUT", `enrollments/${road}/ticks/${resource}/`); }
  untick(road, resource) { return this.#ask("DELETE", `enrollments/${road}/ticks/${resource}/`); }

  /** All roads the person is on, page by page. */
  async enrollments() {
    const found = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.#ask("GET", `enrollments/?page_size=100&page=${page}`);
      found.push(...answer.results);
      if (!answer.next) return found;
    }
  }

  async #ask(method, path) {
    let answer;
    try {
      answer = await fetch(this.#base + path, {
        method,
        headers: { Authorization: `Bearer ${this.#token}`, Accept: "application/json" },
        credentials: "omit",
      });
    } catch {
      throw new Error(`No answer from ${this.#base}. Is the address right, and does Waymark name this page's origin, ${location.origin}, in WAYMARK_CORS_ORIGINS?`);
    }
    if (answer.status === 204) return null;
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(body.detail ?? `Waymark answered ${answer.status}.`);
    return body;
  }
}
