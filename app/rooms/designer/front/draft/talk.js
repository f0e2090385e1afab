// Requests to the draft: every answer is data; an error is what the server says of it, or that it was not reached.
const TOKEN = document.querySelector("meta[name=csrf-token]")?.content ?? "";

/** The server said no: `status`, and its problem details as `body`. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? String(status));
    Object.assign(this, { status, body });
  }
}

/** The server was not reached. */
export class Unreached extends Error {}

export async function ask(address, body, { keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": TOKEN });
  let answer;
  try {
    answer = await fetch(address, { method: body === undefined ? "GET" : "POST", headers, body: body === undefined ? undefined : JSON.stringify(body), keepalive, signal: keepalive ? undefined : AbortSignal.timeout(20000) });
  } catch (error) {
    throw new Unreached(String(error));
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok && !answer.redirected) return said;
  if ([502, 503, 504].includes(answer.status)) throw new Unreached(String(answer.status));
  throw new Refused(answer.redirected ? 401 : answer.status, said);
}
