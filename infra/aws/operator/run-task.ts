import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Millis } from '../../../shared/units.ts';
import type { CommandOutput } from '../../operator/command-output.ts';
import { FollowedOutput } from './followed-output.ts';
import { taskEnding } from './task-ending.ts';
import type { TaskPort, TaskState } from './task-port.ts';

const LOOK_MS: Millis = 1_000;
/** Pulling the image takes half a minute; what takes ten times that does not come. */
const START_MS: Millis = 300_000;
/** The log of a task that has stopped is there within seconds. */
const DRAIN_MS: Millis = 30_000;

/** What a task is followed with. */
export interface RunTaskDeps {
  readonly tasks: TaskPort;
  readonly clock: Clock;
  readonly output: CommandOutput;
  /** Ends the following, not the task. */
  readonly stop: AbortSignal;
  /** How to see and stop a task from elsewhere, as lines for a person. */
  readonly advice: (taskId: string) => string;
}

/**
 * Starts a one-off task and follows it to its end; gives the exit code of its command, or undefined where the
 * following was stopped. Fails as {@link TaskPort} and {@link taskEnding} say, with `TASK_START_TIMEOUT` where it
 * does not start within five minutes, `TASK_LOST` where it cannot be followed, `TASK_OUTPUT_INCOMPLETE` where it
 * ended and not all of its output came.
 */
export async function runTask(command: readonly string[], deps: RunTaskDeps): Promise<number | undefined> {
  const { tasks, output } = deps;
  const taskId = await tasks.start(await tasks.network(), command);
  output.tell(`Started task ${taskId}. It costs by the minute until it ends.`);
  try {
    return await follow(taskId, deps);
  } catch (error) {
    if (error instanceof CodedError && error.code.startsWith('TASK_')) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new CodedError(
      'TASK_LOST',
      `Task ${taskId} can be followed no more; it goes on. ${said}\n${deps.advice(taskId)}`,
      {
        cause: error,
        data: { taskId },
      },
    );
  }
}

async function follow(taskId: string, deps: RunTaskDeps): Promise<number | undefined> {
  const { tasks, clock, output, stop } = deps;
  const followed = new FollowedOutput(output);
  const startedUs = clock.nowUs();
  let token: string | undefined;
  let told = '';
  let isSeen = false;
  let stoppedUs: number | undefined;
  const read = async (): Promise<void> => {
    for (;;) {
      const found = await tasks.messages(taskId, token);
      for (const message of found.messages) followed.take(message);
      if (found.token === token) return;
      token = found.token;
    }
  };
  for (;;) {
    if (stop.aborted) {
      followed.finish();
      output.tell(`Task ${taskId} goes on.\n${deps.advice(taskId)}`);
      return undefined;
    }
    const state = await tasks.state(taskId);
    isSeen ||= state !== undefined;
    if (state !== undefined && state.status !== told) {
      told = state.status;
      const word = STATUS_WORDS[told];
      if (word !== undefined) output.tell(word);
    }
    await read();
    const nowUs = clock.nowUs();
    if (followed.exitCode !== undefined && state?.status === 'STOPPED') return ended(taskId, state, followed);
    // ECS forgets a task an hour after its end at the least: one that was seen and is no more has stopped.
    if (state === undefined ? isSeen : state.status === 'STOPPED') {
      stoppedUs ??= nowUs;
      const isStarted = state === undefined || state.exitCode !== null;
      if (!isStarted || nowUs - stoppedUs >= DRAIN_MS * 1_000) return ended(taskId, state, followed);
    } else if (!hasStarted(state) && nowUs - startedUs >= START_MS * 1_000) {
      throw new CodedError(
        'TASK_START_TIMEOUT',
        `Task ${taskId} has not started in ${START_MS / 60_000} minutes (${state?.status ?? 'unknown to ECS'}), and may yet.\n${deps.advice(taskId)}`,
        { data: { taskId, status: state?.status ?? null } },
      );
    }
    await pause(clock, stop);
  }
}

/** What a person is told of the states of a task. */
const STATUS_WORDS: Readonly<Record<string, string>> = {
  PROVISIONING: 'Starting: a place is made for it.',
  PENDING: 'Starting: its image is pulled.',
  RUNNING: 'Running.',
};

function hasStarted(state: TaskState | undefined): boolean {
  return state !== undefined && !/^(PROVISIONING|PENDING|ACTIVATING)$/.test(state.status);
}

function ended(taskId: string, state: TaskState | undefined, followed: FollowedOutput): number {
  followed.finish();
  const ending = state === undefined ? undefined : taskEnding(state, taskId);
  if (ending !== undefined) throw ending;
  const exitCode = state?.exitCode ?? followed.exitCode;
  if (exitCode === undefined) {
    throw new CodedError('TASK_LOST', `ECS knows task ${taskId} no more, and it did not say how it ended.`);
  }
  // A command that ended badly may have had no time for its last line; one that ended well has said all.
  if (followed.missing > 0 || (exitCode === 0 && followed.exitCode === undefined)) {
    throw new CodedError(
      'TASK_OUTPUT_INCOMPLETE',
      `Task ${taskId} ended with ${exitCode}, and not all of its output came (${followed.missing} lines known to be missing).`,
      { data: { taskId, exitCode } },
    );
  }
  return exitCode;
}

function pause(clock: Clock, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(LOOK_MS, done);
    function done(): void {
      timer.cancel();
      stop.removeEventListener('abort', done);
      resolve();
    }
    stop.addEventListener('abort', done);
    if (stop.aborted) done();
  });
}
