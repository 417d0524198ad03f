// The purchase journey as a user of k6 writes it by hand.
import http from "k6/http";
import { check } from "k6";

const URL = "http://127.0.0.1:18080/v1.2";
const COMMON = { channel: "WEB", language: "EN", currency: "GBP", page: "home page", pos: "pastoral-witty-grill" };

function event(browser, type, attributes) {
  const message = encodeURIComponent(JSON.stringify({ ...COMMON, type, browser_id: browser, ...attributes }));
  const reply = http.get(`${URL}/event/create.json?client_key=sandbox&message=${message}`, { tags: { name: type } });
  check(reply, { created: (r) => r.status === 201 });
}

export default function () {
  const browser = http.get(`${URL}/browser/create.json?client_key=sandbox&message={}`, { tags: { name: "browser id" } }).json("ref");
  const number = `${__VU}-${__ITER}`;
  event(browser, "VIEW", {});
  event(browser, "IDENTITY", {
    email: `${number}@example.com`, firstname: "Ada", lastname: "Lovelace", city: "London", country: "GB",
    street: ["1 High Street"], identifiers: [{ provider: "bench", id: number }],
  });
  event(browser, "ADD", {
    product: {
      type: "SHOES", item_id: "EXACT_90", name: "Exact 90", quantity: 1, price: 49.9, productId: "EXACT_90",
      currency: "GBP", referenceId: number,
    },
  });
  event(browser, "CONFIRM", { product: [{ item_id: "EXACT_90" }] });
  event(browser, "CHECKOUT", { status: "PURCHASED", reference_id: number.toUpperCase() });
}
