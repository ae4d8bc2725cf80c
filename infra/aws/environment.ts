import { symbolsOfTheirOwn } from '../../shared/metrics/dimension-bounds.ts';
import { DEPLOYABLE_SETTINGS, type Deployable } from '../../shared/settings/deployable-settings.ts';
import { SETTINGS } from '../../shared/settings/settings.ts';
import type { MarketSymbol } from '../../shared/units.ts';

type SettingName = keyof typeof SETTINGS;

/** The variables of a deployable: all that it reads; what is not given has the setting's own default. */
export function environmentOf(
  deployable: Deployable,
  values: Readonly<Partial<Record<SettingName, string>>>,
): Readonly<Record<string, string>> {
  const names: readonly SettingName[] = DEPLOYABLE_SETTINGS[deployable];
  return Object.fromEntries(
    names.map((name) => [SETTINGS[name].name, values[name] ?? SETTINGS[name].default ?? '']),
  );
}

/** Lambda gives 4 KB to all variables together. */
const MAX_SYMBOLS_TEXT = 2_000;

/**
 * The symbols for `ALLOWED_SYMBOLS`: all of them, or `*` where so many would not fit into a function's variables.
 * Ingest writes none but its own, so that the rule then only misses a foreign producer.
 */
export function allowedSymbols(symbols: readonly MarketSymbol[]): string {
  const text = symbols.join(',');
  return Buffer.byteLength(text) <= MAX_SYMBOLS_TEXT ? text : '*';
}

/** The symbols for `METRIC_SYMBOLS`. */
export function metricSymbols(symbols: readonly MarketSymbol[]): string {
  return symbolsOfTheirOwn(symbols).join(',');
}
