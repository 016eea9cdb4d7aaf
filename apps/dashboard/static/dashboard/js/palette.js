// The list under the search box: arrows choose, Enter opens, Esc closes. The box keeps the focus.

const box = (event) => event.target.closest?.("#find");
const options = () => [...document.querySelectorAll("#palette [role=option]")];
const chosen = () => document.querySelector("#palette [aria-selected=true]");

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  const field = document.querySelector("#find");
  field.setAttribute("aria-activedescendant", option.id);
}

function close() {
  const list = document.querySelector("#palette");
  if (list) list.hidden = true;
  const field = document.querySelector("#find");
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
}

function press(event) {
  if (!box(event) || document.querySelector("#palette")?.hidden !== false) return;
  const all = options();
  const now = all.indexOf(chosen());
  const step = { ArrowDown: 1, ArrowUp: now < 0 ? 0 : -1 }[event.key];
  if (step !== undefined) {
    event.preventDefault();
    choose(all.at((now + step) % all.length));
  } else if (event.key === "Enter" && now >= 0) {
    event.preventDefault();
    all[now].click();
    close();
  } else if (event.key === "Escape") {
    event.preventDefault(); // or the browser would empty the box
    event.stopPropagation();
    close();
  }
}

document.addEventListener("keydown", press, { capture: true });
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "palette") return;
  const hasLines = options().length > 0;
  document.querySelector("#find")?.setAttribute("aria-expanded", String(hasLines));
});
document.addEventListener("focusout", (event) => {
  if (box(event) && !event.relatedTarget?.closest("#palette")) setTimeout(close, 150);
});
