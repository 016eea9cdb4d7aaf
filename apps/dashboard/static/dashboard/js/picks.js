// Checks of a table: the one in its head answers for the page, and how many are set is said.

const boxes = (name) => [...document.querySelectorAll(`input[name="${name}"][type=checkbox]`)];

function follow(name) {
  const all = boxes(name);
  const set = all.filter((box) => box.checked).length;
  const head = document.querySelector(`[data-checks="${name}"]`);
  if (head) {
    head.checked = set > 0 && set === all.length;
    head.indeterminate = set > 0 && set < all.length;
  }
  const said = document.querySelector(`[data-counts="${name}"]`);
  if (said) said.textContent = set ? `${set} on this page selected` : "";
}

document.addEventListener("change", ({ target }) => {
  const name = target.dataset?.checks;
  if (name) for (const box of boxes(name)) box.checked = target.checked;
  if (name || target.name) follow(name || target.name);
});
