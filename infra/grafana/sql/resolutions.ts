import { CodedError } from '../../../shared/coded-error.ts';
import { DEFAULT_RESOLUTIONS, PANE_US, type Resolution } from '../../../shared/window/resolution.ts';
import { VARIABLES } from './filters.ts';

const PANE_MS = PANE_US / 1000;

/** The tumbling windows over trades, from short to long, with their length. */
export const TUMBLING: readonly { readonly name: string; readonly sizeMs: number }[] =
  DEFAULT_RESOLUTIONS.filter(isTumbling)
    .map(({ name, sizePanes }) => ({ name, sizeMs: sizePanes * PANE_MS }))
    .sort((a, b) => a.sizeMs - b.sizeMs);

/** The shortest windows: what happens at once shows in them. */
export const PANE = named(PANE_MS);
/** The windows that are held against the exchange's klines. */
export const MINUTE = named(60_000);

/** The sliding window that the moving average and the z-scores come from. */
export const SLIDING: { readonly name: string; readonly sizeMs: number; readonly stepMs: number } = slidingOf(
  DEFAULT_RESOLUTIONS.find((resolution) => !isTumbling(resolution)),
);

/** The value of the variable `resolution` that takes what suits the range. */
export const AUTO = 'auto';

/** Length of the coarsest windows that still give a point for every `$__interval`: fewer rows to read. */
const SUITING_MS = firstThat(($) => `WHEN $__interval_raw_ms <= ${$.sizeMs} THEN ${$.sizeMs}`);
const CHOSEN_MS = `CASE \${${VARIABLES.resolution}:sqlstring} ${TUMBLING.map(
  ({ name, sizeMs }) => `WHEN '${name}' THEN ${sizeMs}`,
).join(' ')} ELSE ${SUITING_MS} END`;

/** The resolution that suits the range, in SQL. */
export const SUITING_RESOLUTION: string = firstThat(
  ($) => `WHEN $__interval_raw_ms <= ${$.sizeMs} THEN '${$.name}'`,
  ($) => `'${$.name}'`,
);

/** The resolution that the variable chooses, in SQL. */
export const CHOSEN_RESOLUTION = `CASE WHEN \${${VARIABLES.resolution}:sqlstring} <> '${AUTO}' THEN \${${VARIABLES.resolution}:sqlstring} ELSE ${SUITING_RESOLUTION} END`;

/**
 * A subquery that adds to rows with a time `t` in milliseconds the bar that each falls into, `bar`, and the
 * bars' length, `bar_ms`: the least multiple of the chosen windows' length that is no shorter than
 * `$__interval`. So every bar holds as many windows as the next, whatever Grafana takes as interval.
 */
export function withBars(rows: string): string {
  return `(
    SELECT t - t % bar_ms AS bar, *
    FROM (
      SELECT size_ms * (($__interval_raw_ms + size_ms - 1) / size_ms) AS bar_ms, *
      FROM (SELECT ${CHOSEN_MS} AS size_ms, * FROM (${rows}))
    )
  )`;
}

function firstThat(
  when: (resolution: (typeof TUMBLING)[number]) => string,
  last: (resolution: (typeof TUMBLING)[number]) => string = ({ sizeMs }) => String(sizeMs),
): string {
  const longest = TUMBLING.at(-1) ?? { name: '', sizeMs: 1 };
  return `CASE ${TUMBLING.slice(0, -1).map(when).join(' ')} ELSE ${last(longest)} END`;
}

function named(sizeMs: number): string {
  const found = TUMBLING.find((resolution) => resolution.sizeMs === sizeMs);
  if (found === undefined)
    throw new CodedError('GRAFANA_NO_RESOLUTION', `There are no windows of ${sizeMs} ms.`);
  return found.name;
}

function isTumbling({ sizePanes, stepPanes }: Resolution): boolean {
  return sizePanes === stepPanes;
}

function slidingOf(resolution: Resolution | undefined): typeof SLIDING {
  const { name, sizePanes, stepPanes } = resolution ?? { name: '2m/10s', sizePanes: 12, stepPanes: 1 };
  return { name, sizeMs: sizePanes * PANE_MS, stepMs: stepPanes * PANE_MS };
}
