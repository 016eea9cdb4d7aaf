// What htmx swaps: where focus goes, which drawer closes, what a failure says.

const page = "page";

function focusOn(element) {
  if (!element) return;
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

function closePopovers() {
  for (const open of document.querySelectorAll(":popover-open")) open.hidePopover();
}

// A new page starts at its heading, a part at what asks for focus; otherwise the control keeps it.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const asks = detail.elt.querySelector?.("[data-takes-focus]");
  if (asks) focusOn(asks);
  else if (detail.elt.id === page) {
    focusOn(document.querySelector("#main h1"));
    scrollTo(0, 0);
  }
  if (detail.elt.id === page) followPage(detail.elt);
});

// What stands around the page is not sent again: the nav follows, toasts move to their region.
function followPage({ dataset }) {
  for (const link of document.querySelectorAll(".nav a")) {
    if (link.dataset.room === dataset.room) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const sent of document.querySelectorAll("template[data-toasts]")) {
    document.querySelector("#toasts").append(sent.content);
    sent.remove();
  }
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  // Pages that say "not found" or "look at the form" are answers like any other.
  const status = detail.xhr.status;
  if (status >= 400 && status < 500 && detail.serverResponse) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
  closePopovers();
});

function say(words) {
  const shape = document.querySelector("#toast-failed");
  const toast = shape.content.cloneNode(true);
  toast.querySelector("[data-words]").textContent = words;
  document.querySelector("#toasts").append(toast);
}

document.addEventListener("htmx:sendError", () => say("The server did not answer. Try again."));
document.addEventListener("htmx:responseError", ({ detail }) => {
  const id = detail.xhr.getResponseHeader("X-Request-ID");
  say(`The server failed${id ? `, request id ${id}` : ""}. Try again.`);
});

// The server wrote the cookie; the page that stands follows.
document.addEventListener("theme", ({ detail }) => {
  document.documentElement.dataset.theme = detail.value;
  for (const button of document.querySelectorAll("button[name=theme]")) {
    button.toggleAttribute("aria-current", button.value === detail.value);
  }
  closePopovers();
});

// A second press while the first is under way is not sent. A form that waits for its answer shows it.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.getAttribute("aria-busy") === "true") event.preventDefault();
  else if ("waits" in event.target.dataset) button?.setAttribute("aria-busy", "true");
});
