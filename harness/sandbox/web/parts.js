// The parts of the page, made of what the sandbox tells: figures, the list of guests, a guest.
"use strict";

const number = new Intl.NumberFormat("en");
const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB");
const exactClock = (iso) => `${clock(iso)}.${iso.slice(20, 23)}`;
const isToday = (iso) => new Date(iso).toDateString() === new Date().toDateString();
const when = (iso) => (isToday(iso) ? clock(iso) : new Date(iso).toLocaleString("en-GB"));
const count = (n, one, many = `${one}s`) => `${number.format(n)} ${n === 1 ? one : many}`;
const sum = (amount) => amount.replace(/\B(?=(\d{3})+(?=\.))/g, ",");
const money = (revenue) => Object.entries(revenue).map(([currency, amount]) => `${currency} ${sum(amount)}`);
const pay = (payment) => [payment.paymentType, payment.cardType].filter(Boolean).join(" · ");
const time = (iso, text) => h("time", { datetime: iso, title: new Date(iso).toLocaleString("en-GB") }, text);
const displayName = (guest) => guest.name || guest.email || (guest.guestType === "visitor" ? "Visitor" : "Customer");

function figures(stats) {
  const tile = (title, value, sub = "", kind = "") =>
    h("div", { class: kind }, h("dt", {}, title), h("dd", {}, value), sub ? h("dd", { class: "sub" }, sub) : null);
  const events = Object.values(stats.events).reduce((a, b) => a + b, 0);
  const [first, ...others] = money(stats.revenue);
  const [left, ...more] = money(stats.abandoned.revenue);
  fill($("figures"), [
    tile("Guests", number.format(stats.guests), count(stats.browsers, "browser id")),
    tile("Open sessions", number.format(stats.sessions.open), `${number.format(stats.sessions.closed)} closed`),
    tile("Events", number.format(events), stats.waiting ? `${number.format(stats.waiting)} not yet visible` : count(Object.keys(stats.events).length, "type")),
    tile("Orders", stats.orders ? h("a", { href: "#/orders" }, number.format(stats.orders)) : "0", "placed"),
    tile("Revenue", first || "0.00", others.join(" · ") || "without refunds"),
    tile("Abandoned", left || "0.00", [count(stats.abandoned.sessions, "session"), ...more].join(" · ")),
    tile("Rejected", number.format(stats.rejected), stats.rejected ? rejectedNames(stats.rejectedPointsOfSale) : "events dropped", stats.rejected ? "warn" : ""),
  ]);
}

/** The unknown points of sale of which most events were dropped: "shop/uk 12 · shop/de 3 · 4 more". */
function rejectedNames(counts) {
  const names = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const shown = names.slice(0, 3).map(([name, times]) => h("span", {}, h("bdi", {}, name), ` ${number.format(times)}`));
  const more = names.length > 3 ? [h("span", {}, `${number.format(names.length - 3)} more`)] : [];
  return [...shown, ...more].flatMap((each, place) => place ? [" · ", each] : ["unknown point of sale: ", each]);
}

/** A fault in a few words: "errors 1%", "drop rate 0.01, only CHECKOUT". */
function faultText(name, value) {
  const plain = (each) => Array.isArray(each) ? each.map(plain).join(", ")
    : each && typeof each === "object" ? Object.entries(each).map(([key, of]) => `${key} ${plain(of)}`).join(", ") : String(each);
  const title = name.replaceAll("_", " ");
  return value === true ? title : `${title} ${plain(value)}`;
}

function faultsBar(shown) {
  const active = Object.entries(shown.faults).filter(([, value]) => value !== null && value !== false);
  const injected = Object.entries(shown.injected).map(([name, times]) => `${name.replaceAll("_", " ")} ${number.format(times)}`);
  $("faults").hidden = !active.length;
  fill($("faults"), active.length ? [
    h("strong", {}, "Faults on"),
    h("ul", {}, active.map(([name, value]) => h("li", { class: "tag warn" }, faultText(name, value)))),
    h("span", { class: "muted" }, injected.length ? `So far: ${injected.join(", ")}.` : "None has happened yet."),
    h("button", { type: "button", id: "faults-off" }, "Switch off"),
  ] : []);
}

const orderStatus = (order) => h("span", { class: order.status === "PURCHASED" ? "tag good" : "tag warn" }, order.status.toLowerCase().replaceAll("_", " "));
const orderItems = (order) => order.orderItems.items.map((line) => `${line.quantity}\u00a0×\u00a0${line.name || line.itemId}`).join(", ");
const orderPrice = (order) => `${order.currencyCode} ${sum(order.price.toFixed(2))}`;

/** The latest orders of everybody: what stands beside the guests while none is chosen. */
function latestOrders(orders) {
  const buyer = (guest) => guest ? h("a", { href: `#/guests/${guest.ref}` }, h("bdi", {}, displayName(guest))) : h("span", { class: "muted" }, "nobody’s yet");
  return h("div", { "data-key": "orders" },
    h("a", { class: "back", href: "#/" }, "← All guests"),
    h("div", { class: "who" }, h("h2", {}, orders.total > orders.items.length ? `Latest ${orders.items.length} of ${count(orders.total, "order")}` : count(orders.total, "order"))),
    h("table", { class: "table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Number"), h("th", { scope: "col" }, "Guest"), h("th", { scope: "col", class: "wide" }, "Items"),
        h("th", { scope: "col", class: "wide" }, "Ordered"), h("th", { scope: "col", class: "num" }, "Price"))),
      h("tbody", {}, orders.items.map((order) => h("tr", { "data-key": order.ref },
        h("td", { class: "key" }, h("strong", { class: "mono" }, order.referenceId),
          h("div", { class: "tags" }, orderStatus(order),
            order.sameNumber > 1 ? h("span", { class: "tag warn", title: "Orders of this number" }, order.sameNumber === 2 ? "twice" : `${order.sameNumber} times`) : null)),
        h("td", { class: "who-cell" }, buyer(order.buyer), pay(order) ? h("div", { class: "muted" }, h("bdi", {}, pay(order))) : null),
        h("td", { class: "wide items" }, orderItems(order)),
        h("td", { class: "wide" }, when(order.orderedAt)),
        h("td", { class: "num" }, orderPrice(order)))))),
    h("p", { class: "muted more" }, "Choose a guest to see sessions, timeline and cart. ", h("kbd", {}, "/"), " searches."));
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

// What every event carries, and what the library adds: nothing that an event is about.
const COMMON = ["channel", "type", "language", "currency", "page", "pos", "browser_id", "client_key"];

function pairs(object) {
  const flat = Object.entries(object).filter(([, value]) => value !== null && typeof value !== "object");
  const shown = flat.slice(0, 3).map(([name, value]) => `${name}: ${String(value).slice(0, 60)}`);
  return shown.join(", ") + (flat.length > shown.length ? " …" : "");
}

/** What an event is about, in a few words. */
function gist(event, title) {
  const product = event.product;
  if (Array.isArray(product)) return product.map((each) => (each && each.item_id) || "?").join(", ");
  if (product && typeof product === "object") {
    const price = product.price === undefined ? "" : ` at ${product.currency || event.currency || ""} ${product.price}`;
    return `${product.quantity ?? 1} × ${product.name || product.item_id || "?"}${price}`;
  }
  if (event.type === "PAYMENT") return [event.pay_type, event.card_type].filter(Boolean).join(" · ");
  if (event.order && event.order.referenceId) return String(event.order.referenceId);
  if (event.ext && typeof event.ext === "object") return pairs(event.ext);
  if (event.type === "SEARCH") return pairs(Object.fromEntries(Object.entries(event).filter(([name]) => !COMMON.includes(name)))) || event.page;
  return [event.email, event.status, title ? "" : event.page].find((each) => typeof each === "string") || "";
}

function entry(each) {
  const isLoss = each.value || /^Order (Refunded|Cancelled)$/.test(each.title);
  const kind = isLoss ? "loss" : each.title ? "effect" : each.note ? "flaw" : "";
  const about = each.orderNumber ? "" : gist(each.attributes, each.title);
  return h("li", { "data-key": `e${each.number}`, class: kind },
    h("div", { class: "entry" },
      h("div", { class: "what" },
        h("strong", {}, each.title || each.type),
        each.orderNumber ? h("strong", { class: "mono" }, each.orderNumber) : null,
        each.value ? h("strong", {}, each.value) : null,
        each.title ? h("span", { class: "tag" }, each.type) : null,
        about ? h("bdi", { class: "about" }, about) : null),
      time(each.at, exactClock(each.at))),
    each.note ? h("p", { class: "note" }, each.note) : null,
    h("details", {}, h("summary", {}, "Attributes"),
      each.libraryVersion ? h("p", { class: "muted" }, `Library version ${each.libraryVersion}`) : null,
      h("pre", { tabindex: "0" }, JSON.stringify(each.attributes, null, 2))));
}

function session(each) {
  const isOpen = each.status === "open";
  const paid = pay(each.payment);
  const cart = isOpen ? "Cart" : each.abandoned ? "Abandoned Revenue" : "Left in the cart";
  return h("article", { class: "session", "data-key": each.ref },
    h("header", {},
      h("strong", {}, [each.channel, each.pointOfSale].filter(Boolean).join(" · ")),
      h("span", { class: isOpen ? "tag accent" : "tag" }, each.status),
      each.abandoned ? h("span", { class: "tag warn" }, "abandoned") : null,
      h("span", { class: "muted" }, `${when(each.startedAt)} – ${clock(each.lastEventAt)}`),
      paid ? h("bdi", { class: "muted" }, `Pays by ${paid}`) : null,
      h("span", { class: "mono" }, `Browser id ${each.browserId}`)),
    each.dropped ? h("p", { class: "nothing" }, `${count(each.dropped, "earlier event")} no longer kept.`) : null,
    h("ol", { class: "timeline" }, each.timeline.map(entry)),
    each.cart.length ? h("div", { class: "cart" },
      h("h4", {}, `${cart}: ${money(each.cartValue).join(" · ")}`), products(each.cart, true)) : null);
}

function detail(guest) {
  const name = displayName(guest);
  const fact = (title, value) => h("div", {}, h("dt", {}, title), h("dd", {}, value));
  const revenue = money(guest.revenue);
  const abandoned = money(guest.abandoned);
  return h("div", { "data-key": guest.ref },
    h("a", { class: "back", href: "#/" }, "← All guests"),
    h("div", { class: "who" }, h("h2", {}, h("bdi", {}, name)), h("span", { class: guest.guestType === "customer" ? "tag accent" : "tag" }, guest.guestType)),
    guest.email && guest.email !== name ? h("p", { class: "contact" }, h("bdi", {}, guest.email)) : null,
    h("dl", { class: "facts" },
      fact("First seen", when(guest.firstSeen)), fact("Last seen", when(guest.lastSeen)),
      fact("Orders", number.format(guest.orderCount)), fact("Revenue", revenue.join(" · ") || "–"),
      abandoned.length ? fact("Abandoned", abandoned.join(" · ")) : null),
    h("details", { "data-key": "profile" }, h("summary", {}, "Profile and browser ids"),
      h("pre", { tabindex: "0" }, JSON.stringify({ ref: guest.ref, ...guest.attributes, browserIds: guest.browserIds }, null, 2))),
    guest.orders.length ? h("section", { "data-key": "orders" },
      h("h3", {}, "Orders"),
      h("table", { class: "table" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Number"), h("th", { scope: "col" }, "Items"),
          h("th", { scope: "col", class: "wide" }, "Ordered"), h("th", { scope: "col", class: "num" }, "Price"))),
        h("tbody", {}, guest.orders.map((order) => h("tr", { "data-key": order.ref },
          h("td", { class: "key" }, h("strong", { class: "mono" }, order.referenceId),
            h("div", {}, orderStatus(order))),
          h("td", {}, orderItems(order),
            pay(order) ? h("div", { class: "muted" }, h("bdi", {}, pay(order))) : null),
          h("td", { class: "wide" }, when(order.orderedAt)),
          h("td", { class: "num" }, orderPrice(order))))))) : null,
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
