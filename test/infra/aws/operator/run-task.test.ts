import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runTask } from '../../../../infra/aws/operator/run-task.ts';
import type { TaskPort, TaskState } from '../../../../infra/aws/operator/task-port.ts';
import type { Clock } from '../../../../shared/clock.ts';
import { CodedError } from '../../../../shared/coded-error.ts';

/** Time passes as fast as it is waited for. */
function hastyClock(): Clock {
  let nowUs = 0;
  return {
    nowUs: () => nowUs,
    after: (delayMs, task) => {
      const timer = setImmediate(() => {
        nowUs += delayMs * 1_000;
        task();
      });
      return { cancel: () => clearImmediate(timer) };
    },
  };
}

const STATE: TaskState = {
  status: 'RUNNING',
  stopCode: null,
  stoppedReason: null,
  exitCode: null,
  containerReason: null,
};
const stopped = (more: Partial<TaskState>): TaskState => ({ ...STATE, status: 'STOPPED', ...more });

/** One look at the task: its state, and what it has said since the last. */
type Look = readonly [state: TaskState | undefined | Error, ...messages: readonly string[]];

/** Runs a command in a task that goes through these looks; the last one stays. */
async function runThrough(looks: readonly Look[], onLook: (at: number, stop: () => void) => void = () => {}) {
  const said: string[] = [];
  const stop = new AbortController();
  let at = -1;
  const tasks: TaskPort = {
    network: async () => ({ subnets: ['s'], securityGroups: ['g'], assignPublicIp: 'ENABLED' }),
    start: async () => 't1',
    state: async () => {
      at += 1;
      onLook(at, () => stop.abort());
      const state = looks[Math.min(at, looks.length - 1)]?.[0];
      if (state instanceof Error) throw state;
      return state;
    },
    messages: async (_, token) => {
      const seen = looks.slice(0, at + 1).flatMap(([, ...messages]) => messages);
      const from = Number(token ?? 0);
      return { messages: seen.slice(from), token: seen.length === 0 ? token : String(seen.length) };
    },
  };
  const code = await runTask(['dlq', 'list'], {
    tasks,
    clock: hastyClock(),
    output: { out: (text) => void said.push(`out ${text}`), tell: (line) => void said.push(`err ${line}`) },
    stop: stop.signal,
    advice: (id) => `advice for ${id}`,
  }).catch((error: unknown) => {
    if (error instanceof CodedError) return error;
    throw error;
  });
  return { code, said };
}

describe('a command in a task', () => {
  it('tells how the task begins, says its output as it comes, and ends with its exit code', async () => {
    const { code, said } = await runThrough([
      [undefined],
      [{ ...STATE, status: 'PENDING' }],
      [STATE, '0 err| Reading.', '1 out| a'],
      [STATE, '2 out| b'],
      [stopped({ exitCode: 1 }), '3 end| 1'],
    ]);
    assert.equal(code, 1);
    assert.deepEqual(said, [
      'err Started task t1. It costs by the minute until it ends.',
      'err Starting: its image is pulled.',
      'err Running.',
      'err Reading.',
      'out a\n',
      'out b\n',
    ]);
  });

  it('waits for the end of the output when the task has stopped before it came', async () => {
    const ended = stopped({ exitCode: 0 });
    const { code, said } = await runThrough([[ended], [ended], [ended, '0 out| a'], [ended, '1 end| 0']]);
    assert.equal(code, 0);
    assert.equal(said.at(-1), 'out a\n');
  });

  it('fails where the task ended well and its output did not come whole', async () => {
    for (const messages of [['0 out| a'], ['0 out| a', '2 end| 0']]) {
      const { code } = await runThrough([[stopped({ exitCode: 0 }), ...messages]]);
      assert.ok(code instanceof CodedError);
      assert.equal(code.code, 'TASK_OUTPUT_INCOMPLETE');
    }
  });

  it('ends with the code of a command that broke down without a last line, and shows what Node said', async () => {
    const { code, said } = await runThrough([[stopped({ exitCode: 1 }), 'SyntaxError: x']]);
    assert.equal(code, 1);
    assert.equal(said.at(-1), 'err SyntaxError: x');
  });

  it('names why a task did not start or was ended', async () => {
    const cases = [
      [
        { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: i/o timeout' },
        'TASK_IMAGE_MISSING',
      ],
      [
        { stopCode: 'TaskFailedToStart', stoppedReason: 'ResourceInitializationError: x' },
        'TASK_NOT_STARTED',
      ],
      [{ exitCode: 137, containerReason: 'OutOfMemoryError: Container killed' }, 'TASK_KILLED'],
      [{ exitCode: 143, stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' }, 'TASK_KILLED'],
    ] as const;
    for (const [fields, expected] of cases) {
      const { code } = await runThrough([[{ ...STATE, status: 'PENDING' }], [stopped(fields)]]);
      assert.ok(code instanceof CodedError);
      assert.equal(code.code, expected);
      assert.ok(code.message.includes(Object.values(fields).at(-1)?.toString() ?? ''), code.message);
    }
  });

  it('gives up a task that does not start, and one that cannot be asked for, and says how to see to it', async () => {
    const slow = await runThrough([[{ ...STATE, status: 'PENDING' }]]);
    assert.ok(slow.code instanceof CodedError);
    assert.equal(slow.code.code, 'TASK_START_TIMEOUT');
    assert.match(slow.code.message, /advice for t1/);
    const lost = await runThrough([[STATE], [new CodedError('AWS_UNREACHABLE', 'AWS cannot be reached.')]]);
    assert.ok(lost.code instanceof CodedError);
    assert.equal(lost.code.code, 'TASK_LOST');
    assert.match(lost.code.message, /cannot be reached.*advice for t1/s);
  });

  it('stops following where it is told to, and leaves the task', async () => {
    const { code, said } = await runThrough([[STATE, '0 out| a']], (at, stop) => {
      if (at === 2) stop();
    });
    assert.equal(code, undefined);
    assert.deepEqual(said.slice(-2), ['out a\n', 'err Task t1 goes on.\nadvice for t1']);
  });
});
