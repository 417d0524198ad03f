(() => {
  "use strict";
  const EVERY_MS = 2000;
  const PATIENCE_MS = 10000;
  const stale = document.getElementById("stale");
  document.documentElement.classList.toggle("framed", self !== top);

  // Makes `live` like `fresh` and touches only what differs: no flicker, no lost scroll, selection or focus.
  const mend = (live, fresh) => {
    if (live.nodeName !== fresh.nodeName || live.childNodes.length !== fresh.childNodes.length) {
      live.replaceWith(fresh);
    } else if (live.nodeType !== Node.ELEMENT_NODE) {
      if (live.data !== fresh.data) live.data = fresh.data;
    } else {
      for (const { name } of [...live.attributes]) if (!fresh.hasAttribute(name)) live.removeAttribute(name);
      for (const { name, value } of fresh.attributes) if (live.getAttribute(name) !== value) live.setAttribute(name, value);
      const children = [...fresh.childNodes];
      [...live.childNodes].forEach((child, index) => mend(child, children[index]));
    }
  };

  const tell = (text) => {
    if (stale.textContent !== text) stale.textContent = text;
    stale.hidden = !text;
  };

  let since = new Date();
  const look = async () => {
    try {
      const reply = await fetch(`${location.pathname}/now`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById("now");
      if (!fresh) {
        tell("You are signed out: load this page again.");
        return;
      }
      mend(document.getElementById("now"), document.adoptNode(fresh));
      since = new Date();
      tell("");
    } catch {
      tell(`No word from the run since ${since.toLocaleTimeString()}: it has ended, or cannot be reached.`);
    }
  };

  // One question at a time, and none while nobody looks: each costs the load generator some milliseconds.
  const again = async () => {
    if (!document.hidden) await look();
    setTimeout(again, EVERY_MS);
  };
  setTimeout(again, EVERY_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
})();
