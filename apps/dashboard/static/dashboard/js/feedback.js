// Toasts that go, things that close, text that is copied, dialogs that open.

const stay = 6000;

function letGo(toast) {
  let timer;
  const start = () => (timer = setTimeout(() => toast.remove(), stay));
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  start();
}

const region = document.querySelector("#toasts");
if (region) {
  for (const toast of region.querySelectorAll("[data-goes]")) letGo(toast);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.matches?.("[data-goes]")) letGo(node);
    }
  }).observe(region, { childList: true });
}

async function copy(button) {
  const label = button.lastChild;
  const words = label.textContent;
  await navigator.clipboard.writeText(button.dataset.copy);
  label.textContent = "Copied";
  setTimeout(() => (label.textContent = words), 2000);
}

document.addEventListener("click", ({ target }) => {
  const copier = target.closest("[data-copy]");
  if (copier) copy(copier);
  const closer = target.closest("[data-closes]");
  if (closer) (closer.closest(closer.dataset.closes) ?? document.querySelector(closer.dataset.closes))?.remove();
  const opener = target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") region?.querySelector(".toast:last-child")?.remove();
});

// After a failed form the summary is read first.
document.querySelector("[data-takes-focus]")?.focus();
