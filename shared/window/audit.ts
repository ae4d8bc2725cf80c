import { compareDecimal, type Decimal, unitsAt } from '../decimal.ts';
import type { KlineFigures } from '../events/kline.ts';
import type { Figures } from './figures.ts';
import type { Coverage } from './provenance.ts';

/** What the comparison with the exchange's kline said, from best to worst. */
export const AUDITS = ['equal', 'rounding', 'unwitnessed', 'differs'] as const;
export type Audit = (typeof AUDITS)[number];

/** The worst of some verdicts; `unwitnessed` where there are none. */
export function worstAudit(verdicts: readonly Audit[]): Audit {
  let worst = -1;
  for (const verdict of verdicts) worst = Math.max(worst, AUDITS.indexOf(verdict));
  return AUDITS[worst] ?? 'unwitnessed';
}

/** Whether a minute of this coverage is held against the kline at all. */
export function isJudged(coverage: Coverage): boolean {
  return coverage === 'complete' || coverage === 'repaired' || coverage === 'repaired-aggregate';
}

/**
 * Holds a closed minute against the exchange's kline on every field. A difference of a quote sum below
 * trade count × 10^-8 is `rounding`: the exchange may round each trade's quote value to 8 digits.
 */
export function auditMinute(ours: Figures, kline: KlineFigures): Audit {
  if (kline.tradeCount !== ours.count) return 'differs';
  if (kline.firstTradeId !== null && kline.firstTradeId !== ours.firstId) return 'differs';
  if (kline.lastTradeId !== null && kline.lastTradeId !== ours.lastId) return 'differs';
  const priceScale = ours.priceScale;
  const quantityScale = ours.quantityScale;
  const quoteScale = priceScale + quantityScale;
  const exact: readonly (readonly [Decimal, Decimal])[] = [
    [{ units: ours.open, scale: priceScale }, kline.open],
    [{ units: ours.high, scale: priceScale }, kline.high],
    [{ units: ours.low, scale: priceScale }, kline.low],
    [{ units: ours.close, scale: priceScale }, kline.close],
    [{ units: ours.volume.value(), scale: quantityScale }, kline.volume],
    [{ units: ours.takerBuyVolume.value(), scale: quantityScale }, kline.takerBuyVolume],
  ];
  if (exact.some(([mine, theirs]) => compareDecimal(mine, theirs) !== 0)) return 'differs';
  const sums: readonly (readonly [Decimal, Decimal])[] = [
    [{ units: ours.quoteVolume.value(), scale: quoteScale }, kline.quoteVolume],
    [{ units: ours.takerBuyQuoteVolume.value(), scale: quoteScale }, kline.takerBuyQuoteVolume],
  ];
  let verdict: Audit = 'equal';
  for (const [mine, theirs] of sums) {
    if (compareDecimal(mine, theirs) === 0) continue;
    if (!withinRounding(mine, theirs, ours.count)) return 'differs';
    verdict = 'rounding';
  }
  return verdict;
}

function withinRounding(a: Decimal, b: Decimal, trades: number): boolean {
  const scale = Math.max(a.scale, b.scale, 8);
  const difference = unitsAt(a, scale) - unitsAt(b, scale);
  const magnitude = difference < 0n ? -difference : difference;
  return magnitude < unitsAt({ units: trades, scale: 8 }, scale);
}
