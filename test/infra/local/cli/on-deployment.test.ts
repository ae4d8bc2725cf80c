import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { TaskOutput } from '../../../../infra/operator/task-output.ts';
import { type FakeTask, startFakeAws } from '../../aws/operator/fake-aws.ts';
import { eventually, run, start } from './command.ts';

const CWD = tmpdir();

/** A container that says this and ends. */
function saying(work: (output: TaskOutput, command: readonly string[]) => number) {
  return (task: FakeTask): void => {
    task.status('RUNNING');
    const lines: string[] = [];
    const output = new TaskOutput((line) => lines.push(line));
    const exitCode = work(output, task.command);
    output.end(exitCode);
    task.log(...lines);
    task.end({
      exitCode,
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
  };
}

describe('dlq, rebuild and certificate with --aws', { timeout: 60_000 }, () => {
  it('keep stdout clean for a pipe, tell on stderr what goes on, and end with the task’s code', async (t) => {
    const json = JSON.stringify(
      { sound: false, symbols: Array.from({ length: 400 }, (_, at) => ({ at })) },
      null,
      2,
    );
    const fake = await startFakeAws(
      saying((output, command) => {
        output.tell(`Asked for ${command.join(' ')}.`);
        output.out(`${json}\n`);
        return 1;
      }),
    );
    t.after(() => fake.close());
    const { code, out, err } = await run(
      'certificate',
      ['--aws', '--format', 'json', '--day', '2026-11-20'],
      {
        cwd: CWD,
        env: fake.environment,
      },
    );
    assert.equal(code, 1, err);
    assert.equal(out, `${json}\n`);
    assert.match(err, /^Started task 0a1b2c\. .*\nAsked for certificate --day=2026-11-20 --format=json\.\n$/);
  });

  it('hand the rest of the arguments on, a span of time as a moment', async (t) => {
    const asked: string[] = [];
    const fake = await startFakeAws(
      saying((_, command) => {
        asked.push(...command);
        return 0;
      }),
    );
    t.after(() => fake.close());
    const options = { cwd: CWD, env: fake.environment };
    const redriven = await run('dlq', ['redrive', '--aws', '--since', '1h', '--reason', 'LATE'], options);
    assert.equal(redriven.code, 0, redriven.err);
    assert.deepEqual(asked.slice(0, 3), ['dlq', 'redrive', '--reason=LATE']);
    const since = Date.parse(asked[3]?.slice('--since='.length) ?? '');
    assert.ok(Math.abs(Date.now() - 3_600_000 - since) < 60_000, asked[3]);
    const span = ['--from', '2026-11-20T10:00', '--to', '2026-11-20T11:00'];
    const rebuilt = await run('rebuild', ['--symbol', 'ethusdt', ...span, '--aws'], options);
    assert.equal(rebuilt.code, 0, rebuilt.err);
    assert.deepEqual(asked.slice(4), [
      'rebuild',
      '--symbol=ethusdt',
      '--from=2026-11-20T10:00',
      '--to=2026-11-20T11:00',
    ]);
  });

  it('refuse here what is wrong with a call, and start nothing', async (t) => {
    const fake = await startFakeAws(() => {});
    t.after(() => fake.close());
    const wrong = [
      ['dlq', 'lst', '--aws'],
      ['dlq', 'list', '--since', 'soon', '--aws'],
      ['dlq', 'list', '--aws', '--data', 'x'],
      ['dlq', 'list', '--name', 'x'],
      ['rebuild', '--aws', '--symbol', 'BTCUSDT', '--from', '2026-11-20', '--to', '2026-11-19'],
      [
        'rebuild',
        '--aws',
        '--symbol',
        'BTCUSDT',
        '--from',
        '2026-11-19',
        '--to',
        '2026-11-20',
        '--files',
        'x',
      ],
      ['certificate', '--aws', '--format', 'xml'],
      ['certificate', '--aws', '--name', 'no name'],
    ];
    for (const [command = '', ...args] of wrong) {
      const { code, out, err } = await run(command, args, { cwd: CWD, env: fake.environment });
      assert.equal(code, 2, `${command} ${args.join(' ')}: ${err}`);
      assert.equal(out, '');
    }
    assert.deepEqual(fake.calls, []);
  });

  it('name what is missing: a region, credentials, a deployment', async (t) => {
    const fake = await startFakeAws(() => {});
    t.after(() => fake.close());
    const { AWS_REGION, AWS_ACCESS_KEY_ID, ...nobody } = fake.environment;
    const alone = {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
    const cases = [
      [{ ...nobody, ...alone, AWS_ACCESS_KEY_ID: 'test' }, /No region is chosen\. Set AWS_REGION/],
      [{ ...nobody, ...alone, AWS_REGION: 'eu-west-1' }, /AWS does not take the credentials.*aws sso login/],
      [fake.environment, /There is no deployment other in eu-west-1/],
    ] as const;
    for (const [env, said] of cases) {
      const { code, out, err } = await run('dlq', ['list', '--aws', '--name', 'other'], { cwd: CWD, env });
      assert.equal(code, 1, err);
      assert.equal(out, '');
      assert.match(err, said);
    }
  });

  it('leave the task on Ctrl-C, and say how to follow and to stop it', async (t) => {
    const fake = await startFakeAws((task) => {
      task.status('RUNNING');
      task.log('0 out| first');
    });
    t.after(() => fake.close());
    const running = start('dlq', ['redrive', '--aws'], { cwd: CWD, env: fake.environment });
    await eventually(() => running.out().includes('first') || undefined, running.err);
    running.child.kill('SIGINT');
    const { code, err } = await running.ended;
    assert.equal(code, 130);
    assert.match(
      err,
      /Task 0a1b2c goes on\.\nFollow it: aws logs tail \/market-monitor\/operator .*operator\/operator\/0a1b2c/,
    );
    assert.match(err, /Stop it: {3}aws ecs stop-task --cluster market-monitor --task 0a1b2c/);
    assert.ok(fake.calls.every(({ operation }) => operation !== 'StopTask'));
  });
});
