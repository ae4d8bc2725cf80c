import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Audit } from '../../../shared/window/audit.ts';
import type { Coverage } from '../../../shared/window/provenance.ts';

const COVERAGE_COLORS: Readonly<Record<Coverage, string>> = {
  complete: 'green',
  repaired: 'semi-dark-green',
  'repaired-aggregate': 'yellow',
  partial: 'blue',
  gap: 'red',
};

const AUDIT_COLORS: Readonly<Record<Audit, string>> = {
  equal: 'green',
  rounding: 'semi-dark-green',
  unwitnessed: 'text',
  differs: 'red',
};

const SEVERITY_COLORS: Readonly<Record<string, string>> = {
  info: 'blue',
  warning: 'orange',
  critical: 'red',
};

/** The colours of coverage, audit and severity, the same on every panel. */
export const WORDS: readonly ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries({ ...COVERAGE_COLORS, ...AUDIT_COLORS, ...SEVERITY_COLORS }).map(
        ([word, color], index) => [word, { text: word, color, index }],
      ),
    ),
  },
];

/** A colour for each word, as overrides by series name. */
export const WORD_COLORS: Readonly<Record<string, string>> = {
  ...COVERAGE_COLORS,
  ...AUDIT_COLORS,
  ...SEVERITY_COLORS,
};
