import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runOperator } from '../../../infra/operator/run-operator.ts';
import { deployableVariables, variablesElsewhere } from '../../../shared/settings/deployable-settings.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

async function said(args: readonly string[], environment: Readonly<Record<string, string | undefined>> = {}) {
  let out = '';
  let err = '';
  const code = await runOperator(args, {
    environment,
    clock: new VirtualClock(0),
    output: {
      out: (text) => {
        out += text;
      },
      tell: (line) => {
        err += `${line}\n`;
      },
    },
  });
  return { code, out, err };
}

describe('the program of the operator’s tasks', () => {
  it('has the help texts of the commands, and asks for nothing to show them', async () => {
    for (const [args, expected] of [
      [['--help'], /dlq, rebuild, certificate/],
      [['dlq', '--help'], /redrive/],
      [['rebuild', '--help'], /--symbol/],
      [['certificate', '--help'], /--format/],
    ] as const) {
      const { code, out, err } = await said(args);
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, expected);
    }
  });

  it('ends with 2 on a wrong call, and with 1 where it is not told its brokers', async () => {
    for (const args of [[], ['start'], ['dlq', 'lst'], ['rebuild'], ['certificate', '--day', 'x']]) {
      const { code, out, err } = await said(args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.ok(err.length > 0);
    }
    const unset = await said(['dlq', 'list']);
    assert.deepEqual([unset.code, unset.err.includes('MSK_CLUSTER_ARN')], [1, true]);
  });

  it('asks the environment for what the infrastructure sets, and for nothing else of ours', async () => {
    const asked = new Set<string>();
    const environment = new Proxy<Record<string, string | undefined>>(
      {},
      {
        get: (_, name) => {
          asked.add(String(name));
          return undefined;
        },
      },
    );
    await said(['dlq', 'list'], environment);
    assert.deepEqual(
      [...asked].sort(),
      [...deployableVariables('operator'), ...variablesElsewhere('operator')].sort(),
    );
  });
});
