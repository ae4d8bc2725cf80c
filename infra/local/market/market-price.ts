import type { Micros } from '../../../shared/units.ts';
import { hash32, unit, ValueNoise } from './noise.ts';
import type { SymbolProfile } from './symbol-profile.ts';

/** Period in milliseconds and height: from the drift of days to the flicker of a second. */
const OCTAVES: readonly (readonly [periodMs: number, height: number])[] = [
  [86_400_000 * 5, 0.06],
  [86_400_000, 0.025],
  [14_400_000, 0.01],
  [3_600_000, 0.005],
  [900_000, 0.0025],
  [180_000, 0.0012],
  [40_000, 0.0006],
  [8_000, 0.0002],
  [1_300, 0.00008],
];

const SHOCK_EVERY_MS = 1_200_000;
const SHOCK_MS = 45_000;
const WIDE_MS = 30_000;

/** The best prices at a time, in ticks. */
export interface BestPrices {
  readonly bidTicks: number;
  readonly askTicks: number;
}

/**
 * The path of a symbol's price: noise over octaves, a shock now and then, a spread that widens at times. What it
 * says of a time does not depend on what it was asked before.
 */
export class PricePath {
  readonly #profile: SymbolProfile;
  readonly #key: number;
  readonly #octaves: readonly (readonly [height: number, noise: ValueNoise])[];

  /** @param key seed and symbol as one number */
  constructor(profile: SymbolProfile, key: number) {
    this.#profile = profile;
    this.#key = key;
    this.#octaves = OCTAVES.map(([periodMs, height], index) => [
      height,
      new ValueNoise(periodMs, key, 10, index),
    ]);
  }

  /** Best bid and ask at a time. */
  best(timeUs: Micros): BestPrices {
    const timeMs = timeUs / 1000;
    let move = shock(this.#key, timeMs);
    for (const [height, noise] of this.#octaves) move += height * noise.at(timeMs);
    const bidTicks = Math.max(10, Math.floor(this.#profile.priceTicks * (1 + move)));
    return { bidTicks, askTicks: bidTicks + spreadTicks(this.#profile, this.#key, timeMs) };
  }
}

/** One sudden move in twenty minutes, up at once and gone after three quarters of a minute. */
function shock(key: number, timeMs: number): number {
  const block = Math.floor(timeMs / SHOCK_EVERY_MS);
  const beginMs = block * SHOCK_EVERY_MS + (hash32(key, 11, block) % (SHOCK_EVERY_MS - SHOCK_MS));
  const sinceMs = timeMs - beginMs;
  if (sinceMs < 0 || sinceMs >= SHOCK_MS) return 0;
  const height = (unit(key, 12, block) - 0.5) * 0.012;
  return sinceMs < 2_000 ? (height * sinceMs) / 2_000 : (height * (SHOCK_MS - sinceMs)) / (SHOCK_MS - 2_000);
}

function spreadTicks(profile: SymbolProfile, key: number, timeMs: number): number {
  const usual = Math.max(
    1,
    Math.round((profile.priceTicks * 40) / (1_000_000 + profile.aggTradesPer1000Minutes)),
  );
  const flicker = hash32(key, 13, Math.floor(timeMs / 250)) % 16;
  const wide = hash32(key, 14, Math.floor(timeMs / WIDE_MS)) % 40 === 0 ? 6 : 1;
  const liquid = profile.aggTradesPer1000Minutes > 100_000;
  if (liquid) return wide === 1 ? (flicker < 13 ? 1 : flicker - 11) : 4 + flicker;
  return usual * wide + Math.floor((usual * flicker) / 8);
}
