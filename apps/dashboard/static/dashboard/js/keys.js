// The keyboard: / ? G+letter J K O Esc, and Ctrl-K. Single letters are dead inside fields.

const off = "memoryhub.keys";
const fields = "input, select, textarea, [contenteditable]";
let waitsForRoom = false;

const areOn = () => localStorage.getItem(off) !== "off";
const visible = (element) => element?.checkVisibility();

function focusSearch() {
  const boxes = [...document.querySelectorAll("[data-search]"), document.querySelector("#find")];
  const box = boxes.find(visible);
  box?.focus();
  box?.select();
}

function goTo(letter) {
  document.querySelector(`.nav [data-key="${letter.toUpperCase()}"]`)?.click();
}

const rows = () => [...document.querySelectorAll("main tbody tr")].filter(visible);
const linkOf = (row) => row?.querySelector("th a, td a");

function walk(step) {
  const all = rows();
  const now = all.findIndex((row) => row.classList.contains("chosen"));
  const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
  if (!next) return;
  all[now]?.classList.remove("chosen");
  next.classList.add("chosen");
  linkOf(next)?.focus();
  if (document.querySelector("#peek > *")) linkOf(next)?.click();
}

// A row opens beside the list where there is room for both; else, or without script, its page does.
function openBeside(event) {
  const link = event.target.closest("a[data-peeks]");
  const aside = document.querySelector("#peek");
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
  if (!link || !aside || !isPlain || matchMedia("(width < 640px)").matches) return;
  event.preventDefault();
  event.stopPropagation();
  for (const row of rows()) row.classList.toggle("chosen", row.contains(link));
  htmx.ajax("GET", link.href, { target: aside, swap: "innerHTML" });
}

document.addEventListener("click", openBeside, { capture: true });

function closePeek() {
  const peek = document.querySelector("#peek");
  if (!peek?.firstElementChild) return;
  peek.replaceChildren();
  linkOf(document.querySelector("tr.chosen"))?.focus();
}

const actions = {
  "/": focusSearch,
  "?": () => document.querySelector("#keys")?.showModal(),
  g: () => {
    waitsForRoom = true;
    setTimeout(() => (waitsForRoom = false), 1500);
  },
  j: () => walk(1),
  k: () => walk(-1),
  o: () => document.querySelector("#peek [data-key=O]")?.click(),
};

function press(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    const box = document.querySelector("#find");
    if (visible(box)) box.focus();
    else document.querySelector(".find-button")?.click();
    return;
  }
  if (event.key === "Escape") closePeek();
  if (event.ctrlKey || event.metaKey || event.altKey || !areOn()) return;
  if (event.target.closest(fields) || document.querySelector("dialog[open]:modal")) return;
  if (waitsForRoom) {
    waitsForRoom = false;
    goTo(event.key);
  } else if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
}

document.addEventListener("keydown", press);

document.addEventListener("click", ({ target }) => {
  const walker = target.closest("[data-walks]");
  if (walker) walk(Number(walker.dataset.walks));
});

// Arrows inside an open menu.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest(".menu:popover-open");
  if (!menu) return;
  const items = [...menu.querySelectorAll("a, button")].filter(visible);
  const now = items.indexOf(document.activeElement);
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
});

const keySwitch = document.querySelector("#keys-on");
if (keySwitch) {
  keySwitch.checked = areOn();
  keySwitch.addEventListener("change", () =>
    localStorage.setItem(off, keySwitch.checked ? "on" : "off"),
  );
}
