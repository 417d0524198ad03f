// The sandbox's page: asks for figures and guests every two seconds and mends the page in place.
"use strict";

const PERIOD_MS = 2000;
const PAGE = 50;
const $ = (id) => document.getElementById(id);
const state = { query: "", offset: 0, total: 0, about: null, guest: null, round: 0 };

async function get(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

async function refresh() {
  const round = ++state.round;
  const ref = location.hash.startsWith("#/guests/") ? location.hash.slice(9) : "";
  try {
    const search = new URLSearchParams({ query: state.query, offset: state.offset, limit: PAGE });
    const [about, stats, list, guest, faults, orders] = await Promise.all([
      state.about || get("about"), get("stats"), get(`guests?${search}`), ref ? get(`guests/${encodeURIComponent(ref)}`) : null,
      get("faults"), ref ? null : get(`orders?limit=${PAGE}`),
    ]);
    // An answer to an older question must not overwrite a newer one.
    if (round !== state.round) return;
    state.about = about;
    if (list.total && state.offset >= list.total) {
      state.offset = Math.floor((list.total - 1) / PAGE) * PAGE;
      refresh();
      return;
    }
    faultsBar(faults);
    show({ ...stats, waiting: faults.waiting }, list, ref, guest, orders);
    live("on", "Live");
  } catch (error) {
    if (round === state.round) live("off", "Not reachable");
  }
}

function show(stats, list, ref, guest, orders) {
  const isBare = !stats.guests && !stats.orders && !ref && !state.query;
  const isOrders = location.hash === "#/orders" && orders && orders.total > 0;
  figures(stats);
  guests(list);
  $("panes").classList.toggle("bare", isBare);
  $("panes").classList.toggle("one", Boolean(ref) || isOrders);
  document.body.classList.toggle("with-guest", Boolean(ref) || isOrders);
  const gone = () => h("div", { class: "hint", "data-key": "gone" }, "This guest is no longer here: merged with another, or reset. ", h("a", { href: "#/" }, "All guests"));
  const choose = () => h("p", { class: "hint", "data-key": "hint" }, "Choose a guest to see sessions, timeline, cart and orders. ", h("kbd", {}, "/"), " searches.");
  fill($("detail"), [guest ? detail(guest) : isBare ? empty() : ref ? gone() : orders.total ? latestOrders(orders) : choose()]);
  document.title = guest ? `${displayName(guest)} – CDP sandbox` : "CDP sandbox";
}

function live(kind, text) {
  $("live").className = `live ${kind}`;
  if ($("live").textContent !== text) $("live").textContent = text;
}

function turn(offset) {
  state.offset = Math.max(0, offset);
  $("guests").scrollTop = 0;
  refresh();
}

let typing = 0;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    state.query = $("search").value.trim();
    turn(0);
  }, 150);
});
$("newer").addEventListener("click", () => turn(state.offset - PAGE));
$("older").addEventListener("click", () => turn(state.offset + PAGE));
$("reset").addEventListener("click", async () => {
  if (!confirm("Forget all guests, sessions and orders?")) return;
  try {
    await fetch("reset", { method: "POST" });
    location.hash = "#/";
  } finally {
    turn(0);
  }
});
$("faults").addEventListener("click", async (event) => {
  if (event.target.id !== "faults-off") return;
  await fetch("faults", { method: "DELETE" });
  refresh();
});
$("detail").addEventListener("click", async (event) => {
  if (event.target.id !== "copy") return;
  try {
    await navigator.clipboard.writeText($("command").textContent);
    event.target.textContent = "Copied";
  } catch (error) {
    getSelection().selectAllChildren($("command"));
  }
});
document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    $("search").focus();
  }
});
addEventListener("hashchange", async () => {
  await refresh();
  if (location.hash.startsWith("#/guests/") || location.hash === "#/orders") {
    $("detail").scrollTop = 0;
    if (matchMedia("(max-width: 720px)").matches) scrollTo(0, 0);
    $("detail").focus({ preventScroll: true });
  }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});

$("address").textContent = location.host;
(async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, PERIOD_MS);
})();
