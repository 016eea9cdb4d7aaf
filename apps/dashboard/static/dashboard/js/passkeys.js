// Forms that a passkey fills in: [data-passkey=create|get] with the options in [data-options] or
// behind its address. What comes back goes into the hidden field, then the form is sent.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function readOptions(form) {
  const kept = form.querySelector("[data-options]");
  if (kept) return JSON.parse(kept.textContent);
  const answer = await fetch(form.action, { headers: { "X-Requested-With": "XMLHttpRequest" } });
  return answer.json();
}

function decode({ publicKey }) {
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const one of [...(publicKey.allowCredentials ?? []), ...(publicKey.excludeCredentials ?? [])]) {
    one.id = bytes(one.id);
  }
  return publicKey;
}

function encode(credential) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = names.filter((name) => credential.response[name]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(given.map((name) => [name, text(credential.response[name])])),
  };
}

// A passkey alone opens the account, so it must be kept by the device and unlocked by its owner.
const alone = { residentKey: "required", requireResidentKey: true, userVerification: "required" };

async function ask(form) {
  const { creation_options: creation, request_options: request } = await readOptions(form);
  if (form.dataset.passkey === "get") return navigator.credentials.get({ publicKey: decode(request) });
  const publicKey = { ...decode(creation), authenticatorSelection: alone };
  return navigator.credentials.create({ publicKey });
}

async function fill(form) {
  const trouble = form.querySelector("[data-trouble]");
  trouble.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify(encode(await ask(form)));
    form.submit();
  } catch {
    trouble.hidden = false;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-passkey]")) return;
  event.preventDefault();
  fill(event.target);
});
