// Puts a page of ours where Locust's page would show the content of our tab.
(() => {
  "use strict";
  const { title, page } = document.currentScript.dataset;
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.style.cssText = "display: block; width: 100%; min-height: 60vh; border: 0";

  // As high as the page in it: one scroll bar is enough.
  const fit = () => {
    const inner = frame.contentDocument && frame.contentDocument.body;
    if (inner) frame.style.height = `${inner.scrollHeight}px`;
  };
  frame.addEventListener("load", () => {
    const inner = frame.contentDocument && frame.contentDocument.body;
    if (inner) new frame.contentWindow.ResizeObserver(fit).observe(inner);
  });

  // Locust's page has a switch of its own between light and dark; the page in the frame follows the frame.
  const scheme = () => {
    const [red, green, blue] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
    return red * 0.3 + green * 0.6 + blue * 0.1 < 128 ? "dark" : "light";
  };

  const place = () => {
    const tab = [...document.querySelectorAll('[role="tab"][aria-selected="true"]')].find(
      (each) => each.textContent.trim() === title,
    );
    const tabs = tab && tab.closest(".MuiTabs-root");
    if (!tabs) {
      frame.remove();
      return;
    }
    if (frame.style.colorScheme !== scheme()) frame.style.colorScheme = scheme();
    const content = tabs.parentElement.parentElement;
    if (frame.parentElement !== content) {
      frame.src = page;
      content.append(frame);
    }
  };
  new MutationObserver(place).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["aria-selected"],
  });
  place();
})();
