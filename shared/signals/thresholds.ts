import { CodedError } from '../coded-error.ts';
import type { MarketSymbol } from '../units.ts';
import settingsFile from './thresholds.json' with { type: 'json' };

/** The thresholds that hold for one symbol. A rule that is turned off has an infinite one. */
export interface Thresholds {
  /** Sample deviation of the price over a minute, in quote units. */
  readonly volatilityStddev: number;
  /** The same in basis points of the minute's mean price. */
  readonly volatilityBps: number;
  /** Base units in a 10 s pane. */
  readonly volumeSpike: number;
  /** Deviations of the baseline that a pane's volume must lie above its mean. */
  readonly volumeBaselineDeviations: number;
  /** And how many times that mean it must be at least. */
  readonly volumeBaselineRatio: number;
  /** Panes after which a pane's weight in the baseline is half. */
  readonly volumeBaselineHalfLifePanes: number;
  /** Panes that the baseline must have seen before it judges. */
  readonly volumeBaselineMinPanes: number;
  /** Deviations of the last 2-minute window that a price must lie off its mean. */
  readonly priceSpikeDeviations: number;
  /** And basis points of that mean that it must lie off at least. */
  readonly priceSpikeMinBps: number;
  /** Trades that the 2-minute window must hold before it judges. */
  readonly priceSpikeMinTrades: number;
  /** Quote value of one trade. */
  readonly whaleQuote: number;
  /** |taker buy − taker sell| / (buy + sell) over a minute, 0 to 1. */
  readonly imbalance: number;
  /** Trades that the minute must hold before it judges. */
  readonly imbalanceMinTrades: number;
  /** Largest over smallest spread of a 30 s window. */
  readonly spreadRatio: number;
  /** Largest spread of a 30 s window in basis points of the mid. */
  readonly spreadBps: number;
  /** An episode clears at or below this part of the threshold that opened it, 0 to 1. */
  readonly clearRatio: number;
  /** A value this many times the threshold is told one severity louder. */
  readonly severeRatio: number;
}

/** The settings file: a full set of defaults, what differs by quote asset, what differs by symbol. */
export interface ThresholdSettings {
  readonly default: Thresholds;
  readonly quoteAssets: Readonly<Record<string, Partial<Thresholds>>>;
  readonly symbols: Readonly<Record<MarketSymbol, Partial<Thresholds>>>;
}

/** Every name, and whether `null` may turn the rule off. */
const NAMES: Readonly<Record<keyof Thresholds, 'rule' | 'shape' | 'ratio'>> = {
  volatilityStddev: 'rule',
  volatilityBps: 'rule',
  volumeSpike: 'rule',
  volumeBaselineDeviations: 'rule',
  volumeBaselineRatio: 'shape',
  volumeBaselineHalfLifePanes: 'shape',
  volumeBaselineMinPanes: 'shape',
  priceSpikeDeviations: 'rule',
  priceSpikeMinBps: 'shape',
  priceSpikeMinTrades: 'shape',
  whaleQuote: 'rule',
  imbalance: 'rule',
  imbalanceMinTrades: 'shape',
  spreadRatio: 'rule',
  spreadBps: 'rule',
  clearRatio: 'ratio',
  severeRatio: 'shape',
};

const KEYS = Object.keys(NAMES) as readonly (keyof Thresholds)[];

/**
 * Checks a settings file's content.
 * @throws CodedError `THRESHOLDS_INVALID` with every fault, each with its place.
 */
export function parseThresholds(value: unknown): ThresholdSettings {
  const faults: string[] = [];
  const root = section(value, 'the file', faults);
  for (const name of Object.keys(root)) {
    if (!['default', 'quoteAssets', 'symbols'].includes(name)) faults.push(`${name}: unknown section`);
  }
  const settings = {
    default: thresholdsOf(root.default, 'default', faults),
    quoteAssets: groupOf(root.quoteAssets, 'quoteAssets', faults),
    symbols: groupOf(root.symbols, 'symbols', faults),
  };
  for (const name of KEYS) {
    if (settings.default[name] === undefined) faults.push(`default.${name}: missing`);
  }
  if (faults.length > 0) {
    throw new CodedError(
      'THRESHOLDS_INVALID',
      `The threshold settings are not usable: ${faults.join('; ')}`,
      {
        data: { faults },
      },
    );
  }
  return Object.freeze({ ...settings, default: complete(settings.default, settings.default) });
}

/** The thresholds of a symbol: its own before its quote asset's before the default. */
export function thresholdsFor(symbol: MarketSymbol, settings: ThresholdSettings = DEFAULTS): Thresholds {
  const asset = Object.keys(settings.quoteAssets)
    .filter((name) => symbol.endsWith(name) && symbol.length > name.length)
    .sort((a, b) => b.length - a.length)[0];
  const byAsset = asset === undefined ? {} : settings.quoteAssets[asset];
  return Object.freeze({ ...settings.default, ...byAsset, ...settings.symbols[symbol] });
}

function groupOf(value: unknown, place: string, faults: string[]): Record<string, Partial<Thresholds>> {
  const group: Record<string, Partial<Thresholds>> = {};
  for (const [name, entry] of Object.entries(section(value ?? {}, place, faults))) {
    if (!/^[\p{L}\p{N}._-]{1,32}$/u.test(name) || name !== name.toUpperCase()) {
      faults.push(`${place}.${name}: names are in upper case, letters and digits`);
    }
    group[name] = thresholdsOf(entry, `${place}.${name}`, faults);
  }
  return group;
}

function thresholdsOf(value: unknown, place: string, faults: string[]): Partial<Thresholds> {
  const found: Partial<Record<keyof Thresholds, number>> = {};
  for (const [name, entry] of Object.entries(section(value, place, faults))) {
    const key = KEYS.find((known) => known === name);
    if (key === undefined) {
      faults.push(`${place}.${name}: unknown threshold`);
    } else if (entry === null && NAMES[key] === 'rule') {
      found[key] = Number.POSITIVE_INFINITY;
    } else if (typeof entry !== 'number' || !Number.isFinite(entry) || entry <= 0) {
      faults.push(
        `${place}.${name}: must be a number above 0${NAMES[key] === 'rule' ? ', or null for off' : ''}`,
      );
    } else if (NAMES[key] === 'ratio' && entry > 1) {
      faults.push(`${place}.${name}: must not be above 1`);
    } else {
      found[key] = entry;
    }
  }
  return found;
}

function section(value: unknown, place: string, faults: string[]): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  faults.push(`${place}: must be an object`);
  return {};
}

function complete(values: Partial<Thresholds>, fallback: Partial<Thresholds>): Thresholds {
  const all = { ...fallback, ...values };
  for (const name of KEYS) if (all[name] === undefined) throw new CodedError('THRESHOLDS_INVALID', name);
  return all as Thresholds;
}

/** The settings of `thresholds.json`. */
export const DEFAULTS: ThresholdSettings = parseThresholds(settingsFile);
