import { SECOND_US } from '../units.ts';

/** The pane: the 10-second tumbling window that every other trade window merges. */
export const PANE_US = 10 * SECOND_US;

/** Panes of an archive block: 15 minutes. */
export const BLOCK_PANES = 90;

/** A kind of trade window, in panes: tumbling where `stepPanes` is `sizePanes`, else sliding. */
export interface Resolution {
  /** The value of the dimension `resolution`: `1m`, or `2m/10s` for a sliding one. */
  readonly name: string;
  readonly sizePanes: number;
  readonly stepPanes: number;
  /** Least time between two writes of an open row; null writes it only when it closes. */
  readonly writeEveryUs: number | null;
}

/** The windows over trades of DESIGN section 5. */
export const DEFAULT_RESOLUTIONS: readonly Resolution[] = [
  tumbling('10s', 1, SECOND_US),
  tumbling('1m', 6, SECOND_US),
  tumbling('5m', 30, 10 * SECOND_US),
  tumbling('15m', 90, 10 * SECOND_US),
  { name: '2m/10s', sizePanes: 12, stepPanes: 1, writeEveryUs: null },
];

/** Panes of the minute, which is what the exchange's klines witness. */
export const MINUTE_PANES = 6;

function tumbling(name: string, sizePanes: number, writeEveryUs: number): Resolution {
  return { name, sizePanes, stepPanes: sizePanes, writeEveryUs };
}
