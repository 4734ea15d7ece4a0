// @ts-check
// The link's secret stands in the fragment, which a browser sends to no server. It is moved into the
// form, and out of the address, so that neither history nor a glance at the screen keeps it.

const secret = document.querySelector("#secret");
const field = document.querySelector("#secret-field");
const fragment = location.hash.slice(1);

if (secret instanceof HTMLInputElement && field instanceof HTMLElement) {
  if (fragment && fragment !== "main") {
    secret.value = fragment;
    history.replaceState(null, "", location.pathname);
  }
  // After a refusal the page has it already.
  field.hidden = secret.value !== "";
}
