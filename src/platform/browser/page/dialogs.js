// Dialogs: the browser keeps the focus inside and closes them on Escape. Forms keep what was typed.

import { post } from "./api.js";
import { block, spans } from "./blocks.js";
import { h, icon, time, toast } from "./dom.js";
import { personOf, state } from "./state.js";

/** Shows a dialog, gone from the page when it closes; the focus returns to where it was. */
export function showDialog({ class: kind, label, labelledby }, ...children) {
  const before = document.activeElement;
  const dialog = h("dialog", { class: kind, "aria-label": label, "aria-labelledby": labelledby }, ...children);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  dialog.addEventListener("mousedown", (event) => {
    if (event.target === dialog && kind === "switcher") dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const title = (text, dialog) => h("header", {}, h("h2", { id: "dialog-title" }, text),
  h("button", { type: "button", class: "tool", "aria-label": "Close", onclick: () => dialog().close() }, icon("close")));

/** The question before a press counts. */
export function askFirst(button) {
  const { title: question, text, agree } = button.confirm;
  return new Promise((answer) => {
    let agreed = false;
    const dialog = showDialog({ class: "ask", labelledby: "dialog-title" },
      title(question, () => dialog),
      h("p", {}, text),
      h("footer", {},
        h("button", { type: "button", class: "press plain", autofocus: true, onclick: () => dialog.close() }, "Cancel"),
        h("button", { type: "button", class: `press ${button.style === "danger" ? "danger" : "primary"}`, onclick: () => { agreed = true; dialog.close(); } }, agree)));
    dialog.addEventListener("close", () => answer(agreed));
  });
}

/** A secret, shown once, in this dialog alone. */
export function openSecret({ value, until, message }) {
  const shown = h("code", { tabindex: "0", "aria-label": "The secret" }, value);
  const dialog = showDialog({ class: "secret", labelledby: "dialog-title" },
    title(message?.text || "Your secret", () => dialog),
    h("p", {}, "Copy it now: it is written nowhere else in this chat.", ...(until ? [" You may look again until ", time(until), "."] : [" Nobody can look at it again."])),
    h("div", { class: "revealed" }, shown, h("button", { type: "button", class: "press plain", onclick: () => copy(value) }, icon("copy"), "Copy")),
    h("div", { class: "beside" }, (message?.blocks ?? []).map((part) => block(part, () => {}))),
    h("footer", {}, h("button", { type: "button", class: "press primary", onclick: () => dialog.close() }, "Done")));
  dialog.addEventListener("close", () => shown.replaceChildren());
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.", "good");
  } catch {
    toast("The browser did not allow it. Select the text and copy it by hand.", "warning");
  }
}

let open = null;

/** A form. Sent with mistakes it stays open, with a sentence at each; `absorb` gets any other answer. */
export function openForm(message, absorb) {
  if (open?.id === message.id && open.dialog.isConnected) return open.refill(message.form);
  const person = state.me;
  let form = message.form;
  const problems = h("div", { class: "problems", role: "alert" });
  const send = h("button", { type: "submit", class: "press primary", disabled: form.disabled }, form.submit);
  const fields = new Map(form.fields.map((field) => [field.name, fieldOf(field)]));
  const body = h("form", { novalidate: true, autocomplete: "off" },
    form.intro.length ? h("p", { class: "intro" }, spans(form.intro)) : null, problems,
    [...fields.values()].map((field) => field.element),
    h("footer", {}, h("button", { type: "button", class: "press plain", onclick: () => dialog.close() }, "Cancel"), send));
  const dialog = showDialog({ class: "form", labelledby: "dialog-title" }, title(form.title, () => dialog), body);
  const refill = (next) => {
    form = next;
    for (const field of next.fields) fields.get(field.name)?.mistake(field.error);
    problems.replaceChildren(...next.errors.map((text) => h("p", {}, text)));
    body.querySelector("[aria-invalid=true]")?.focus();
  };
  open = { id: message.id, dialog, refill };
  refill(form);
  (body.querySelector("[aria-invalid=true]") ?? body.querySelector("input, select, textarea"))?.focus();
  body.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.hasAttribute("aria-busy") || !complete(fields, body)) return;
    send.setAttribute("aria-busy", "true");
    try {
      const values = Object.fromEntries([...fields].map(([name, field]) => [name, field.input.value]));
      const answer = await post("/api/submit", { as: person, form: form.id, values });
      const again = answer.messages.find((it) => it.form);
      if (!again) dialog.close();
      await absorb(answer);
    } catch (error) {
      problems.replaceChildren(h("p", {}, error.message));
    }
    send.removeAttribute("aria-busy");
  });
}

/** What can be told without asking the server: required fields, numbers, dates. */
function complete(fields, body) {
  for (const field of fields.values()) {
    const { validity } = field.input;
    const missing = validity.valueMissing ? "This is needed." : "";
    const range = validity.rangeUnderflow || validity.rangeOverflow ? `Between ${field.input.min} and ${field.input.max}.` : "";
    field.mistake(missing || range || (validity.badInput || validity.stepMismatch ? "This does not look right." : null));
  }
  const first = body.querySelector("[aria-invalid=true]");
  first?.focus();
  return !first;
}

function fieldOf(field) {
  const id = `field-${field.name.replace(/[^a-z0-9]/gi, "")}`;
  const input = inputOf(field, id);
  const mistake = h("p", { class: "mistake", id: `${id}-mistake` });
  const hint = field.hint ? h("p", { class: "hint-below", id: `${id}-hint` }, field.hint) : null;
  input.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-mistake`);
  input.addEventListener("input", () => tell(null));
  const tell = (text) => {
    mistake.textContent = text ?? "";
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  const label = h("label", { for: id }, field.label, field.required ? null : h("span", { class: "quiet" }, "optional"));
  return { input, mistake: tell, element: h("div", { class: "field" }, label, input, hint, mistake) };
}

function inputOf(field, id) {
  const common = { id, name: field.name, required: field.required };
  switch (field.kind) {
    case "select": return select(common, field.options, field.initial, field.required);
    case "person": {
      const people = state.people.map((person) => ({ value: `browser:${person.id}`, label: `${person.name} (${person.role})` }));
      const initial = field.initial.replace(/^@/, "");
      return select(common, people, personOf(initial) ? `browser:${initial}` : initial, field.required);
    }
    case "number": return h("input", { ...common, type: "number", inputmode: "numeric", step: "1", min: field.least, max: field.most, value: field.initial });
    case "date": return h("input", { ...common, type: "date", value: field.initial });
    default: return field.lines > 1
      ? h("textarea", { ...common, rows: field.lines, maxlength: field.most, value: field.initial })
      : h("input", { ...common, type: "text", maxlength: field.most, value: field.initial, spellcheck: "false" });
  }
}

function select(common, options, initial, required) {
  const known = options.some((option) => option.value === initial);
  return h("select", common,
    known && required ? null : h("option", { value: "" }, required ? "Choose…" : "None"),
    options.map((option) => h("option", { value: option.value, selected: option.value === initial }, option.label)));
}
