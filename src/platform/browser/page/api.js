// Talks to the server. A path that is missing is told apart, so that a panel can say so.

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
    this.missing = status === 404 || status === 405;
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError("The sandbox does not answer. Is it still running?", 0);
  }
  const text = await response.text();
  let value = null;
  try { value = text ? JSON.parse(text) : null; } catch { /* not ours */ }
  if (response.ok) return value;
  const told = typeof value?.error === "string" ? value.error : value?.error?.message;
  throw new ApiError(told ?? `The sandbox answered ${response.status}.`, response.status);
}

export function get(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return ask(search ? `${path}?${search}` : path, { headers: { accept: "application/json" } });
}

export function post(path, body = {}) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

/** Follows what moves; `told` gets each event, `connected` true or false. Answers a function that ends it. */
export function follow(person, told, connected) {
  const source = new EventSource(`/api/events?${new URLSearchParams({ as: person })}`);
  source.onmessage = (event) => {
    try { told(JSON.parse(event.data)); } catch { /* an event of a newer server */ }
  };
  source.onopen = () => connected(true);
  source.onerror = () => connected(false);
  return () => source.close();
}
