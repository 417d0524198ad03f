// The sandbox's page: asks for figures and guests every two seconds and mends the page in place.
// Whatever comes from outside becomes a text node, never markup.
"use strict";

const PERIOD_MS = 2000;
const PAGE = 50;
const $ = (id) => document.getElementById(id);
const state = { query: "", offset: 0, total: 0, about: null, guest: null, round: 0 };

// -- building and mending -------------------------------------------------------------------------

/** An element; attributes that are null, false or "" are left out. */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== false && value !== "") element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== ""));
  return element;
}

/** Makes `live` like `fresh` and touches only what differs: no flicker, no lost focus or scroll. */
function mend(live, fresh) {
  if (live.nodeType === Node.TEXT_NODE) {
    if (live.data !== fresh.data) live.data = fresh.data;
    return;
  }
  for (const { name } of [...live.attributes]) {
    // Whether details are open is the reader's business.
    if (!fresh.hasAttribute(name) && name !== "open") live.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  fill(live, [...fresh.childNodes]);
}

/** Makes `nodes` the children of `parent`, keeping those there with the same key, else the same tag. */
function fill(parent, nodes) {
  const key = (node) => (node.dataset && node.dataset.key) || "";
  const keyed = new Map([...parent.childNodes].filter(key).map((node) => [key(node), node]));
  let at = parent.firstChild;
  for (const node of nodes) {
    const name = key(node);
    const match = name ? keyed.get(name) : at && !key(at) && at.nodeName === node.nodeName ? at : null;
    if (match) {
      mend(match, node);
      if (match === at) at = at.nextSibling;
      else parent.insertBefore(match, at);
    } else {
      parent.insertBefore(node, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const number = new Intl.NumberFormat("en");
const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB");
const exactClock = (iso) => `${clock(iso)}.${iso.slice(20, 23)}`;
const isToday = (iso) => new Date(iso).toDateString() === new Date().toDateString();
const when = (iso) => (isToday(iso) ? clock(iso) : new Date(iso).toLocaleString("en-GB"));
const count = (n, one, many = `${one}s`) => `${number.format(n)} ${n === 1 ? one : many}`;
const sum = (amount) => amount.replace(/\B(?=(\d{3})+(?=\.))/g, ",");
const money = (revenue) => Object.entries(revenue).map(([currency, amount]) => `${currency} ${sum(amount)}`);
const time = (iso, text) => h("time", { datetime: iso, title: new Date(iso).toLocaleString("en-GB") }, text);
const displayName = (guest) => guest.name || guest.email || (guest.guestType === "visitor" ? "Visitor" : "Customer");

// -- the parts ------------------------------------------------------------------------------------

function figures(stats) {
  const tile = (title, value, sub = "", kind = "") =>
    h("div", { class: kind }, h("dt", {}, title), h("dd", {}, value), sub ? h("dd", { class: "sub" }, sub) : null);
  const events = Object.values(stats.events).reduce((a, b) => a + b, 0);
  const [first, ...others] = money(stats.revenue);
  fill($("figures"), [
    tile("Guests", number.format(stats.guests), count(stats.browsers, "browser id")),
    tile("Open sessions", number.format(stats.sessions.open), `${number.format(stats.sessions.closed)} closed`),
    tile("Events", number.format(events), count(Object.keys(stats.events).length, "type")),
    tile("Orders", number.format(stats.orders), "purchased"),
    tile("Revenue", first || "0.00", others.join(" · ") || "of all orders"),
    tile("Rejected", number.format(stats.rejected), stats.rejected ? "unknown point of sale" : "events dropped", stats.rejected ? "warn" : ""),
  ]);
}

function guestRow(guest) {
  const current = location.hash === `#/guests/${guest.ref}`;
  return h("li", { "data-key": guest.ref },
    h("a", { href: `#/guests/${guest.ref}`, "aria-current": current ? "true" : null },
      h("bdi", { class: "name" }, displayName(guest)),
      h("span", { class: "right" }, time(guest.lastSeen, when(guest.lastSeen))),
      h("bdi", { class: guest.email ? "email" : "email mono" }, guest.email || guest.browserId),
      h("span", { class: "right" }, guest.orderCount
        ? h("span", { class: "tag good" }, count(guest.orderCount, "order"))
        : h("span", { class: "tag" }, guest.guestType))));
}

function guests(list) {
  state.total = list.total;
  $("count").textContent = state.query ? count(list.total, "match", "matches") : number.format(list.total);
  fill($("guests"), list.items.length ? list.items.map(guestRow) : [h("li", { class: "nothing", "data-key": "none" },
    state.query ? `No guest matches “${state.query}”.` : "No guests yet.")]);
  $("pager").hidden = list.total <= PAGE;
  $("range").textContent = `${number.format(list.offset + 1)}–${number.format(list.offset + list.items.length)} of ${number.format(list.total)}`;
  $("newer").disabled = list.offset === 0;
  $("older").disabled = list.offset + PAGE >= list.total;
}

function products(items, isCart) {
  return h("table", { class: "table" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Item"), h("th", { scope: "col", class: "num" }, "Quantity"),
      h("th", { scope: "col", class: "num" }, "Price"))),
    h("tbody", {}, items.map((line) => h("tr", {},
      h("td", {}, h("strong", {}, line.name || line.itemId), line.name ? h("span", { class: "muted" }, ` ${line.itemId}`) : "",
        isCart && line.confirmed ? h("span", { class: "tag good" }, "confirmed") : ""),
      h("td", { class: "num" }, String(line.quantity)),
      h("td", { class: "num" }, `${line.currencyCode} ${line.price.toFixed(2)}`)))));
}

/** What an event is about, in a few words. */
function gist(event) {
  const product = event.product;
  if (Array.isArray(product)) return product.map((each) => (each && each.item_id) || "?").join(", ");
  if (product && typeof product === "object") {
    const price = product.price === undefined ? "" : ` at ${product.currency || event.currency || ""} ${product.price}`;
    return `${product.quantity ?? 1} × ${product.name || product.item_id || "?"}${price}`;
  }
  return [event.email, event.status, event.page].find((each) => typeof each === "string") || "";
}

function entry(each) {
  const kind = each.title ? "effect" : each.note ? "flaw" : "";
  const about = each.orderNumber ? "" : gist(each.attributes);
  return h("li", { "data-key": `e${each.number}`, class: kind },
    h("div", { class: "entry" },
      h("div", { class: "what" },
        h("strong", {}, each.title || each.type),
        each.orderNumber ? h("strong", { class: "mono" }, each.orderNumber) : null,
        each.title ? h("span", { class: "tag" }, each.type) : null,
        about ? h("bdi", { class: "about" }, about) : null),
      time(each.at, exactClock(each.at))),
    each.note ? h("p", { class: "note" }, each.note) : null,
    h("details", {}, h("summary", {}, "Attributes"), h("pre", { tabindex: "0" }, JSON.stringify(each.attributes, null, 2))));
}

function session(each) {
  const isOpen = each.status === "open";
  return h("article", { class: "session", "data-key": each.ref },
    h("header", {},
      h("strong", {}, [each.channel, each.pointOfSale].filter(Boolean).join(" · ")),
      h("span", { class: isOpen ? "tag accent" : "tag" }, each.status),
      h("span", { class: "muted" }, `${when(each.startedAt)} – ${clock(each.lastEventAt)}`),
      h("span", { class: "mono" }, `Browser id ${each.browserId}`)),
    each.dropped ? h("p", { class: "nothing" }, `${count(each.dropped, "earlier event")} no longer kept.`) : null,
    h("ol", { class: "timeline" }, each.timeline.map(entry)),
    each.cart.length ? h("div", { class: "cart" },
      h("h4", {}, `${isOpen ? "Cart" : "Abandoned cart"}: ${each.cart[0].currencyCode} ${sum(each.cartTotal)}`), products(each.cart, true)) : null);
}

function detail(guest) {
  const name = displayName(guest);
  const fact = (title, value) => h("div", {}, h("dt", {}, title), h("dd", {}, value));
  const revenue = money(guest.revenue);
  return h("div", { "data-key": guest.ref },
    h("a", { class: "back", href: "#/" }, "← All guests"),
    h("div", { class: "who" }, h("h2", {}, h("bdi", {}, name)), h("span", { class: guest.guestType === "customer" ? "tag accent" : "tag" }, guest.guestType)),
    guest.email && guest.email !== name ? h("p", { class: "contact" }, h("bdi", {}, guest.email)) : null,
    h("dl", { class: "facts" },
      fact("First seen", when(guest.firstSeen)), fact("Last seen", when(guest.lastSeen)),
      fact("Orders", number.format(guest.orderCount)), fact("Revenue", revenue.join(" · ") || "–")),
    h("details", { "data-key": "profile" }, h("summary", {}, "Profile and browser ids"),
      h("pre", { tabindex: "0" }, JSON.stringify({ ref: guest.ref, ...guest.attributes, browserIds: guest.browserIds }, null, 2))),
    guest.orders.length ? h("section", { "data-key": "orders" },
      h("h3", {}, "Orders"),
      h("table", { class: "table" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Number"), h("th", { scope: "col" }, "Items"),
          h("th", { scope: "col", class: "wide" }, "Ordered"), h("th", { scope: "col", class: "num" }, "Price"))),
        h("tbody", {}, guest.orders.map((order) => h("tr", { "data-key": order.ref },
          h("td", { class: "key" }, h("strong", { class: "mono" }, order.referenceId)),
          h("td", {}, order.orderItems.items.map((line) => `${line.quantity}\u00a0×\u00a0${line.name || line.itemId}`).join(", ")),
          h("td", { class: "wide" }, when(order.orderedAt)),
          h("td", { class: "num" }, `${order.currencyCode} ${sum(order.price.toFixed(2))}`)))))) : null,
    h("section", { "data-key": "sessions" },
      h("h3", {}, guest.sessionCount > guest.sessions.length ? `Latest ${guest.sessions.length} of ${count(guest.sessionCount, "session")}` : count(guest.sessionCount, "session")),
      guest.sessions.map(session)));
}

function empty() {
  const command = state.about ? state.about.firstEvent : "";
  return h("div", { class: "empty", "data-key": "empty" },
    h("h2", {}, "Nothing has arrived yet"),
    h("p", {}, "Point your integration at this address, or send a first event from a shell. The guest shows up here within two seconds."),
    h("pre", { tabindex: "0", id: "command" }, command),
    h("button", { type: "button", id: "copy" }, "Copy command"));
}

// -- the loop -------------------------------------------------------------------------------------

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
    const [about, stats, list, guest] = await Promise.all([
      state.about || get("about"), get("stats"), get(`guests?${search}`), ref ? get(`guests/${encodeURIComponent(ref)}`) : null,
    ]);
    // An answer to an older question must not overwrite a newer one.
    if (round !== state.round) return;
    state.about = about;
    if (list.total && state.offset >= list.total) {
      state.offset = Math.floor((list.total - 1) / PAGE) * PAGE;
      refresh();
      return;
    }
    show(stats, list, ref, guest);
    live("on", "Live");
  } catch (error) {
    if (round === state.round) live("off", "Not reachable");
  }
}

function show(stats, list, ref, guest) {
  const isBare = !stats.guests && !ref && !state.query;
  figures(stats);
  guests(list);
  $("panes").classList.toggle("bare", isBare);
  $("panes").classList.toggle("one", Boolean(ref));
  document.body.classList.toggle("with-guest", Boolean(ref));
  const gone = () => h("div", { class: "hint", "data-key": "gone" }, "This guest is no longer here: merged with another, or reset. ", h("a", { href: "#/" }, "All guests"));
  const choose = () => h("p", { class: "hint", "data-key": "hint" }, "Choose a guest to see sessions, timeline, cart and orders. ", h("kbd", {}, "/"), " searches.");
  fill($("detail"), [guest ? detail(guest) : isBare ? empty() : ref ? gone() : choose()]);
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
  if (location.hash.startsWith("#/guests/")) {
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
