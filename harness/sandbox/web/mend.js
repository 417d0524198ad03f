// Building elements, and mending those in place that differ from fresh ones.
// Whatever comes from outside becomes a text node, never markup.
"use strict";

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
