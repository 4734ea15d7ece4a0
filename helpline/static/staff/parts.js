// @ts-check
// How many parts a text will take, while it is typed. The server counts by the same rule
// (chat/segments.py); one letter outside the phones' alphabet makes every part less than half as long.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("^{}\\[~]|€\f");

/**
 * @param {string} text
 * @returns {{parts: number, outside: string | undefined}}
 */
export function count(text) {
  const letters = [...text];
  const outside = letters.find((letter) => !BASIC.has(letter) && !EXTENSION.has(letter));
  if (outside === undefined) return { parts: fill(letters.map((letter) => (EXTENSION.has(letter) ? 2 : 1)), 160, 153), outside };
  return { parts: fill(letters.map((letter) => letter.length), 70, 67), outside };
}

/**
 * @param {number[]} units
 * @param {number} alone room in a text of one part
 * @param {number} joined room in a part of several
 */
function fill(units, alone, joined) {
  const all = units.reduce((sum, each) => sum + each, 0);
  if (all <= alone) return all ? 1 : 0;
  let parts = 1;
  let room = joined;
  for (const each of units) {
    if (each > room) {
      parts += 1;
      room = joined;
    }
    room -= each;
  }
  return parts;
}

/** @param {string} text */
export function draw(text) {
  const place = document.querySelector("#parts");
  if (!place) return;
  const counted = count(text);
  const letter = counted.outside === undefined ? "" : ` The sign “${counted.outside}” makes it longer.`;
  place.textContent = counted.parts ? `${counted.parts} ${counted.parts === 1 ? "part" : "parts"}.${letter}` : "";
}
