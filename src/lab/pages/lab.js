/**
 * What makes the lab's pages move. Everything is there without it, except switching modes and clearing, which must not
 * be possible by a mere link. All HTML comes from the server, which escapes it; this file makes none.
 */
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const isInbox = document.body.classList.contains("inbox");
/** Pages whose pieces move. */
const isAssurance = document.body.classList.contains("assurance");
const isLive = isInbox || isAssurance || document.body.classList.contains("providers");

function localTimes(within = document) {
  for (const time of all("time[datetime]", within)) {
    const at = new Date(time.dateTime);
    time.textContent =
      "day" in time.dataset
        ? at.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" })
        : at.toLocaleTimeString([], { hour12: false });
    time.title = at.toLocaleString();
  }
}

/** Puts new HTML in place, and the focus back where it was. */
function replace(place, text) {
  if (place.dataset.last === text) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = text;
  place.dataset.last = text;
  localTimes(place);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

const search = find("input[name=q]");
let asking = false;
let askAgain = false;

/** Reads what is new; one question at a time, and one more if something happened meanwhile. */
async function refresh() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    const address = new URL(isAssurance ? "/lab/assurance/live" : "/lab/live", location.href);
    address.search = location.search;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const { pieces, modes, title } = await answer.json();
    for (const place of all("[data-live]")) {
      const piece = pieces[place.dataset.live];
      if (piece !== undefined) replace(place, piece);
    }
    for (const button of all("[data-mode]")) {
      const { provider } = button.closest("[data-provider]").dataset;
      button.setAttribute("aria-pressed", String(modes[provider]?.includes(button.dataset.mode)));
    }
    document.title = title;
    live("on");
  } catch {
    live("lost");
  } finally {
    asking = false;
    if (askAgain) {
      askAgain = false;
      void refresh();
    }
  }
}

const LIVE_WORDS = { on: "live", lost: "connection lost, trying again", off: "not live" };
function live(state) {
  const sign = find(".live");
  sign.dataset.state = state;
  find("[data-text=live]", sign).textContent = LIVE_WORDS[state];
}

/** Listens while the page is looked at: a hidden tab needs no connection, and browsers allow six for one host. */
let stream = null;
let polling = 0;
function listen() {
  stop();
  stream = new EventSource("/lab/events");
  stream.addEventListener("changed", refresh);
  stream.addEventListener("tick", refresh);
  stream.addEventListener("error", () => {
    live("lost");
    if (stream?.readyState === EventSource.CLOSED) polling = setInterval(refresh, 2_000);
  });
}
function stop() {
  stream?.close();
  stream = null;
  clearInterval(polling);
}

function showFault(sentence) {
  const place = find(".fault[role=alert]");
  place.textContent = sentence;
  place.hidden = sentence === "";
}

/** Sends a change; says what went wrong where it did. */
async function change(address, options) {
  try {
    const answer = await fetch(address, options);
    if (answer.ok) showFault("");
    else showFault((await answer.json()).detail ?? `The lab answered ${answer.status}.`);
  } catch {
    showFault("The lab does not answer. Is Postern still running?");
  }
  await refresh();
}

async function switchMode(button) {
  const menu = button.closest("details.modes");
  menu.open = false;
  find("summary", menu).focus();
  await change(`/lab/providers/${encodeURIComponent(menu.dataset.provider)}/mode`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(modeOf(button.dataset.mode)),
  });
}

/** `mode` or `mode/variant`. */
function modeOf(key) {
  const at = key.indexOf("/");
  return at === -1 ? { mode: key } : { mode: key.slice(0, at), variant: key.slice(at + 1) };
}

const release = (button) =>
  change(`/lab/providers/${encodeURIComponent(button.dataset.provider)}/release`, { method: "POST" });

async function clearInbox() {
  if (confirm("Throw away every message in this inbox?")) await change("/lab/api/messages", { method: "DELETE" });
}

function startLive() {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  listen();
  for (const button of all("[data-mode]")) button.addEventListener("click", () => switchMode(button));
  document.addEventListener("click", (event) => {
    for (const menu of all("details.modes[open]")) if (!menu.contains(event.target)) menu.open = false;
    // The button comes and goes with what is held.
    const button = event.target.closest?.("[data-act=release]");
    if (button) void release(button);
  });
}

function startInbox() {
  find("[data-act=clear]").addEventListener("click", clearInbox);
  let typing = 0;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      history.replaceState(null, "", search.value === "" ? "/lab" : `/lab?q=${encodeURIComponent(search.value)}`);
      void refresh();
    }, 150);
  });
}

/** `/` searches, j and k go down and up (on a message: to the older and the newer one), u goes back to the inbox. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    const menu = find("details.modes[open]");
    if (menu) {
      menu.open = false;
      find("summary", menu).focus();
    } else if (event.target === search) search.blur();
    return;
  }
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
  } else if (isInbox && (event.key === "j" || event.key === "k")) {
    const rows = all("a.message");
    const at = rows.indexOf(document.activeElement);
    const next = event.key === "j" ? at + 1 : Math.max(at - 1, 0);
    rows[Math.min(next, rows.length - 1)]?.focus();
  } else find(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});

/** An act of the insider: the form's fields as JSON; what it gave is shown, what it changed is there after a new look. */
async function insider(form) {
  const output = find("output", form);
  try {
    const answer = await fetch(form.dataset.insider, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    const given = await answer.json();
    if (!answer.ok) return void (output.textContent = given.detail ?? `The lab answered ${answer.status}.`);
    if (!given.recipients) return location.reload();
    output.textContent = given.recipients.length === 0 ? "Nobody yet." : given.recipients.join("\n");
  } catch {
    output.textContent = "The lab does not answer. Is Postern still running?";
  }
}

for (const form of all("form[data-insider]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void insider(form);
  });
}

localTimes();
if (isLive) startLive();
if (isInbox) startInbox();
