import type { Severity } from '../../../shared/events/signal.ts';
import type { Micros } from '../../../shared/units.ts';
import type { ActiveAlarm } from '../alerting/active-alarms.ts';
import { elapsed } from './figures.ts';
import { type Line, span, type Tone } from './span.ts';

const ALARMS_MOST = 4;

const TONES: Readonly<Record<Severity, Tone>> = { critical: 'bad', warning: 'warn', info: 'plain' };

/** The alarms that are on, a line each, the loudest first; what has no room is counted. */
export function alarmLines(alarms: readonly ActiveAlarm[], nowUs: Micros): readonly Line[] {
  const shown = alarms.length > ALARMS_MOST ? alarms.slice(0, ALARMS_MOST - 1) : alarms;
  const lines = shown.map(({ title, instance, severity, sinceMs }): Line => {
    const what = instance === null ? title : `${title}: ${instance}`;
    const since = elapsed(Math.max(0, nowUs / 1_000 - sinceMs));
    return [span(`▲ ${what}`, TONES[severity]), span(`  ${severity}, for ${since}`, 'dim')];
  });
  const more = alarms.length - shown.length;
  return more === 0 ? lines : [...lines, [span(`▲ and ${more} alarms more`, 'warn')]];
}
