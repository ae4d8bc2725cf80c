import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateAlarm, evaluationRange } from '../../../../infra/local/cloudwatch/evaluate-alarm.ts';
import type { AlarmRule, MissingData } from '../../../../shared/alarms/alarm-family.ts';

const TREATMENTS: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

function rule(datapointsToAlarm: number, evaluationPeriods: number, missingData: MissingData): AlarmRule {
  return {
    statistic: 'Sum',
    periodSeconds: 300,
    datapointsToAlarm,
    evaluationPeriods,
    comparison: 'GreaterThanThreshold',
    threshold: 1,
    missingData,
  };
}

/** `0` within the threshold, `X` breaching, `-` missing; the newest stands right, as in the documentation. */
function points(text: string): (number | undefined)[] {
  const values: Readonly<Record<string, number | undefined>> = { '0': 0, X: 2, '-': undefined };
  return text
    .split(' ')
    .map((mark) => values[mark])
    .reverse();
}

/** Points, then what `missing`, `ignore`, `breaching` and `notBreaching` make of them. */
type Row = readonly [string, ...(readonly string[])];
const A = 'ALARM';
const O = 'OK';
const I = 'INSUFFICIENT_DATA';
const R = 'retain';

/** The tables of "Configuring how CloudWatch alarms treat missing data". */
const THREE_OF_THREE: readonly Row[] = [
  ['0 - X - X', O, O, O, O],
  ['0 - - - -', O, O, O, O],
  ['- - - - -', I, R, A, O],
  ['0 X X - X', A, A, A, A],
  ['- - X - -', A, R, A, O],
];
const TWO_OF_THREE: readonly Row[] = [
  ['0 - X - X', A, A, A, A],
  ['0 0 X 0 X', A, A, A, A],
  ['0 - X - -', O, O, A, O],
  ['- - - - 0', O, O, A, O],
  ['- - - X -', A, R, A, O],
];
/** The text below the tables, and the last row of the earlier edition's tables. */
const THREE_OF_THREE_TEXT: readonly Row[] = [
  ['- - - - X', I, R, A, O],
  ['- - - X -', I, R, A, O],
  ['- - - X 0', O, O, O, O],
  ['- - X - 0', O, O, O, O],
];
const TWO_OF_THREE_TEXT: readonly Row[] = [['- - - - X', I, R, A, O]];

describe('an alarm is evaluated as CloudWatch documents it', () => {
  for (const [needed, rows] of [
    [3, THREE_OF_THREE],
    [3, THREE_OF_THREE_TEXT],
    [2, TWO_OF_THREE],
    [2, TWO_OF_THREE_TEXT],
  ] as const) {
    for (const [text, ...states] of rows) {
      it(`${needed} out of 3 with ${text}`, () => {
        const found = TREATMENTS.map(
          (treatment) => evaluateAlarm(points(text), rule(needed, 3, treatment)).state,
        );

        assert.deepEqual(found, states);
      });
    }
  }

  it('looks at only as many real points as there are evaluation periods', () => {
    const { evaluated, filled } = evaluateAlarm(points('X X 0 0 0'), rule(1, 3, 'missing'));

    assert.deepEqual([evaluated, filled], [[0, 1, 2], 0]);
    assert.equal(evaluationRange({ evaluationPeriods: 3 }), 5);
  });

  it('knows the four comparisons', () => {
    const at = (comparison: AlarmRule['comparison'], value: number) =>
      evaluateAlarm([value], { ...rule(1, 1, 'missing'), comparison }).state;

    assert.deepEqual(
      [0, 1, 2].map((value) => at('GreaterThanThreshold', value)),
      [O, O, A],
    );
    assert.deepEqual(
      [0, 1, 2].map((value) => at('GreaterThanOrEqualToThreshold', value)),
      [O, A, A],
    );
    assert.deepEqual(
      [0, 1, 2].map((value) => at('LessThanThreshold', value)),
      [A, O, O],
    );
    assert.deepEqual(
      [0, 1, 2].map((value) => at('LessThanOrEqualToThreshold', value)),
      [A, A, O],
    );
  });
});
