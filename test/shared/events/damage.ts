import fc from 'fast-check';

/** A small damage of a text: at a place, some characters removed and others put in. */
export interface Damage {
  readonly place: number;
  readonly remove: number;
  readonly insert: string;
}

/** Damages that are likely to leave JSON behind: digits, signs, punctuation. */
export const damage: fc.Arbitrary<Damage> = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(2),
  insert: fc.string({ unit: fc.constantFrom(...'0123456789.-eE"{}:,nulltrue \u0000é'), maxLength: 3 }),
});

/** The text with that damage. */
export function damaged(text: string, change: Damage): string {
  const at = Math.floor(change.place * text.length);
  return text.slice(0, at) + change.insert + text.slice(at + change.remove);
}
