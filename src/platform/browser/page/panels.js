// What lies on the bench: clock, mail, Console, audit trail, faults. Each panel draws itself into its place.

import { get, post } from "./api.js";
import { copy } from "./dialogs.js";
import { h, icon, time, toast } from "./dom.js";
import { heardNow, emit, personOf, sandboxNow, state } from "./state.js";

/** Does `work` with the button busy; a failure becomes a notice. */
async function busy(button, work) {
  if (button.hasAttribute("aria-busy")) return null;
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (error) {
    toast(error.missing ? "This sandbox does not have this part yet." : error.message, "bad");
    return null;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// Clock

let ticking = 0;

function drawClock(place, whole) {
  if (!whole && place.querySelector(".clock")) return tick(place);
  const steps = [["1h", "An hour"], ["1d", "A day"], ["7d", "A week"], ["30d", "A month"]];
  const progress = h("progress", { "aria-label": "The time is being pushed", hidden: true });
  const ran = h("p", { class: "quiet", role: "status" });
  const push = async (advance, label, button) => {
    if (!progress.hidden) return;
    progress.hidden = false;
    ran.textContent = `${label} goes by…`;
    const told = await busy(button, () => post("/api/clock", { advance }));
    progress.hidden = true;
    if (told?.now) heardNow(told.now);
    ran.textContent = told ? what(told.ran) : "";
    tick(place);
    emit("mail");
    emit("audit");
  };
  place.replaceChildren(
    h("div", { class: "clock" }, h("p", { class: "hour" }), h("p", { class: "date" }), h("p", { class: "quiet utc" })),
    h("p", {}, "Push the time. Whatever falls due on the way happens in order: reminders, expiries, usage, jobs."),
    h("div", { class: "steps" }, steps.map(([advance, label]) => h("button", { type: "button", class: "press plain", onclick: (event) => push(advance, label, event.currentTarget) }, label))),
    progress, ran);
  tick(place);
  clearInterval(ticking);
  ticking = setInterval(() => (place.querySelector(".clock") ? tick(place) : clearInterval(ticking)), 1000);
}

function what(ran) {
  const count = Array.isArray(ran) ? ran.length : Number(ran ?? 0);
  return count === 1 ? "One thing fell due and was done." : count ? `${count} things fell due and were done.` : "Nothing fell due.";
}

function tick(place) {
  const now = sandboxNow();
  const set = (kind, text) => { const line = place.querySelector(kind); if (line && line.textContent !== text) line.textContent = text; };
  set(".hour", now.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" }));
  set(".date", now.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" }));
  set(".utc", `${now.toISOString().slice(0, 16).replace("T", " ")} UTC`);
}

// Mail

async function drawMail(place) {
  const told = await get("/api/mail");
  const mails = [...(Array.isArray(told) ? told : told?.mails ?? [])];
  mails.sort((one, other) => String(other.sent_at ?? "").localeCompare(String(one.sent_at ?? "")));
  if (!mails.length) return place.replaceChildren(empty("No mail yet", "Invitations that Anthropic would send by mail arrive here, for you to accept."));
  place.replaceChildren(h("ul", { class: "mails" }, mails.map(mail)));
}

function mail(it) {
  const status = it.state ?? it.status ?? "pending";
  const accept = (event) => busy(event.currentTarget, async () => {
    await post(`/api/mail/${encodeURIComponent(it.id)}/accept`);
    toast(`${it.to} accepted the invitation.`, "good");
    emit("mail");
    emit("console");
  });
  return h("li", {},
    h("p", { class: "from" }, h("b", {}, it.to), it.sent_at ? time(it.sent_at) : null),
    h("p", { class: "subject" }, it.subject ?? "Invitation"),
    it.text ? h("p", { class: "quiet" }, it.text) : null,
    status === "pending"
      ? h("button", { type: "button", class: "press primary", "aria-label": `Accept the invitation to ${it.to}`, onclick: accept }, "Accept the invitation")
      : h("span", { class: `badge tone-${status === "accepted" ? "good" : "neutral"}` }, status));
}

// Console

const KINDS = [["workspace", "Workspace"], ["personal", "Personal"], ["service_account", "Service account"]];

async function drawConsole(place, whole) {
  const told = await get("/api/console");
  const secretShown = place.querySelector(".made");
  if (!whole && (secretShown || place.contains(document.activeElement))) return drawKeys(place, told);
  const made = h("div", { "aria-live": "polite" });
  const makers = told.members.filter((member) => ["admin", "developer"].includes(member.role));
  const mine = makers.find((member) => member.email?.split("@")[0] === state.me);
  const name = h("input", { id: "key-name", required: true, maxlength: "500", placeholder: "nightly evals", spellcheck: "false" });
  const as = h("select", { id: "key-as" }, makers.map((it) => h("option", { value: it.id, selected: it === mine }, it.name ?? it.email)));
  const workspace = h("select", { id: "key-workspace" }, told.workspaces.filter((it) => !it.archived && !it.archived_at).map((it) => h("option", { value: it.id }, it.name)));
  const kind = h("select", { id: "key-kind" }, KINDS.map(([value, label]) => h("option", { value }, label)));
  const make = h("button", { type: "submit", class: "press primary" }, "Make the key");
  const form = h("form", { class: "make", autocomplete: "off" }, labelled("Name", name),
    h("div", { class: "two" }, labelled("Workspace", workspace), labelled("Kind", kind)), labelled("Made by", as), make);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(make, async () => {
      const key = await post("/api/console/key", { as: as.value, workspace: workspace.value, name: name.value, kind: kind.value });
      name.value = "";
      made.replaceChildren(secretOnce(key, made));
      drawKeys(place, await get("/api/console"));
    });
  });
  place.replaceChildren(
    h("p", {}, "Keys are made by people, in the Console: no API call makes one. ", h("a", { href: "/console", target: "_blank", rel: "noopener" }, "Open it as a page")),
    h("details", {}, h("summary", {}, "Make a key"), form), made,
    h("details", {}, h("summary", {}, "Try the API yourself"), access()),
    h("h3", {}, "Keys"), h("ul", { class: "keys-list" }));
  drawKeys(place, told);
}

function access() {
  const row = (label, value) => h("div", { class: "copyable" }, h("span", { class: "quiet" }, label), h("code", {}, value),
    h("button", { type: "button", class: "tool", "aria-label": `Copy: ${label}`, onclick: () => copy(value) }, icon("copy")));
  return h("div", {}, row("Base URL", state.baseUrl), row("Admin key of the simulated organization", state.adminKey));
}

function secretOnce(key, place) {
  const hide = () => place.replaceChildren();
  return h("div", { class: "made" }, h("p", {}, h("b", {}, "Copy it now."), " It is not shown again."),
    h("code", { tabindex: "0" }, key.secret),
    h("div", { class: "buttons" }, h("button", { type: "button", class: "press plain", onclick: () => copy(key.secret) }, "Copy"),
      h("button", { type: "button", class: "press plain", onclick: hide }, "Hide")));
}

function drawKeys(place, told) {
  const kind = Object.fromEntries(KINDS);
  place.querySelector(".keys-list")?.replaceChildren(...told.keys.slice(0, 100).map((key) => h("li", {},
    h("p", {}, h("b", {}, key.name), h("span", { class: `badge tone-${key.status === "active" ? "good" : "neutral"}` }, key.status)),
    h("p", { class: "quiet" }, [key.workspace, kind[key.kind], key.made_by ? `by ${key.made_by}` : null].filter(Boolean).join(" · ")),
    key.partial_key_hint ? h("code", {}, key.partial_key_hint) : null)));
}

const labelled = (text, input) => h("div", { class: "field" }, h("label", { for: input.id }, text), input);

// Audit

let entries = [], verified = null;

async function drawAudit(place) {
  const told = await get("/api/audit", { after: entries.at(-1)?.seq ?? 0 });
  const fresh = told.entries ?? [];
  const first = entries.length === 0;
  entries = [...entries, ...fresh].slice(-500);
  verified = told.verified ?? verified;
  const ok = verified?.ok;
  place.replaceChildren(
    h("div", { class: `verified tone-${ok ? "good" : "bad"}` }, icon(ok ? "check" : "close"),
      h("div", {}, h("b", {}, ok ? "The trail verifies" : "The trail does not verify"),
        h("p", { class: "quiet" }, `${verified?.entries ?? entries.length} entries`, verified?.head ? h("code", { title: verified.head }, String(verified.head).slice(0, 12)) : null))),
    entries.length ? h("ol", { class: "trail" }, [...entries].reverse().map((entry) => trail(entry, !first && fresh.includes(entry))))
      : empty("Nothing yet", "Every request, decision and change is written here, chained to what came before."));
}

function trail(entry, fresh) {
  const actor = String(entry.actor ?? "");
  const detail = entry.detail && typeof entry.detail === "object" ? JSON.stringify(entry.detail) : entry.detail;
  return h("li", { class: fresh ? "arrived" : null },
    h("span", { class: "seq" }, String(entry.seq)),
    h("div", {}, h("p", {}, h("b", {}, String(entry.action ?? "")), " ", h("span", {}, personOf(actor.replace(/^browser:/, ""))?.name ?? actor)),
      entry.about ? h("p", { class: "about" }, String(entry.about)) : null,
      detail ? h("p", { class: "quiet" }, String(detail)) : null,
      h("p", { class: "quiet" }, time(entry.at))));
}

// Faults

const FAULTS = [
  ["429", "429, with retry-after"], ["429-bare", "429, without a word on when"], ["500-before", "500, nothing was done"],
  ["500-after", "500, but it was done"], ["529", "529, overloaded"], ["delay:5000", "Answers 5 seconds late"],
  ["cut-before", "Connection cut, nothing was done"], ["cut-after", "Connection cut, but it was done"], ["empty", "200 with an empty body"],
  ["malformed", "Half of the JSON"], ["redirect", "Redirect to a foreign host"], ["html", "The page of a proxy"], ["wrong-org", "Another organization answers"],
];
const PATHS = ["/v1/organizations", "/v1/organizations/invites", "POST /v1/organizations/invites", "/v1/organizations/users", "/v1/organizations/workspaces", "/v1/organizations/api_keys"];
const planned = [];

function drawFaults(place, whole) {
  if (!whole && place.querySelector("form")) return;
  const path = h("input", { id: "fault-path", list: "fault-paths", value: "POST /v1/organizations/invites", required: true, spellcheck: "false" });
  const fault = h("select", { id: "fault-kind" }, FAULTS.map(([value, label]) => h("option", { value }, label)));
  const times = h("input", { id: "fault-times", type: "number", min: "0", max: "1000", value: "1", required: true });
  const list = h("ul", { class: "planned" }, planned.map((text) => h("li", {}, text)));
  const plan = h("button", { type: "submit", class: "press danger" }, "Misbehave");
  const form = h("form", { class: "make", autocomplete: "off" }, labelled("Requests that begin with", path),
    h("datalist", { id: "fault-paths" }, PATHS.map((value) => h("option", { value }))),
    labelled("Fault", fault), labelled("How many times (0 ends it)", times), plan);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(plan, async () => {
      await post("/api/misbehave", { path: path.value.trim(), fault: fault.value, times: Number(times.value) });
      planned.unshift(`${path.value.trim()}: ${fault.selectedOptions[0].textContent}, ${times.value}×`);
      planned.splice(8);
      list.replaceChildren(...planned.map((text) => h("li", {}, text)));
      toast("The simulated API will misbehave.", "warning");
    });
  });
  place.replaceChildren(h("p", {}, "Let the simulated Admin API fail, and see what Steward makes of it."), form, list);
}

function empty(title, text) {
  return h("div", { class: "empty" }, h("b", {}, title), h("p", {}, text));
}

export const PANELS = [
  { id: "clock", name: "Clock", draw: drawClock },
  { id: "mail", name: "Mail", draw: drawMail },
  { id: "console", name: "Console", draw: drawConsole },
  { id: "audit", name: "Audit", draw: drawAudit },
  { id: "faults", name: "Faults", draw: drawFaults },
];
