// @ts-check
// A button that is replaced between press and release never hears the click, and a busy night
// replaces much. What would change under a finger or a mouse button waits until it is lifted.

let isHeld = false;
/** @type {Map<string, () => void>} */
const waiting = new Map();

for (const name of ["pointerdown", "mousedown"]) addEventListener(name, () => (isHeld = true), true);
for (const name of ["pointerup", "pointercancel", "mouseup"]) addEventListener(name, released, true);
// Elements lose the focus in the middle of a press; only a window that loses it ends one.
addEventListener("blur", (event) => event.target === window && released());

function released() {
  isHeld = false;
  // The click itself comes after this event, and before a timer.
  setTimeout(() => {
    if (isHeld) return;
    const due = [...waiting.values()];
    waiting.clear();
    for (const change of due) change();
  });
}

/** Whether something is being pressed at this moment. */
export function isPressing() {
  return isHeld;
}

/**
 * Make a change to the page now, or when nothing is pressed any more. Of several with one name the
 * newest counts.
 * @param {string} name
 * @param {() => void} change
 */
export function afterPress(name, change) {
  if (isHeld) waiting.set(name, change);
  else change();
}
