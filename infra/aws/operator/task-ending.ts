import { CodedError } from '../../../shared/coded-error.ts';
import type { TaskState } from './task-port.ts';

/**
 * Why a stopped task has no exit code of its command's own; undefined where it has. `TASK_IMAGE_MISSING` where the
 * image could not be pulled, `TASK_NOT_STARTED` where anything else kept it from starting, `TASK_KILLED` where the
 * container was ended from outside, for want of memory or by a person.
 */
export function taskEnding(state: TaskState, taskId: string): CodedError | undefined {
  const { exitCode, stopCode } = state;
  const why = [state.stoppedReason, state.containerReason].filter((text) => text !== null).join(' ');
  const data = { taskId, stopCode, why };
  if (/CannotPull|pull image/i.test(why)) {
    return new CodedError(
      'TASK_IMAGE_MISSING',
      `The task ${taskId} could not pull its image: ${why} Run npm run deploy, or look at the network of ingest.`,
      { data },
    );
  }
  if (exitCode === null) {
    return new CodedError(
      'TASK_NOT_STARTED',
      `The task ${taskId} did not start: ${why || stopCode || 'ECS gave no reason'}`,
      {
        data,
      },
    );
  }
  // 128 and the number of a signal.
  if (exitCode > 128) {
    return new CodedError(
      'TASK_KILLED',
      `The task ${taskId} was ended from outside (exit code ${exitCode}): ${why || 'ECS gave no reason'} The command can be given again.`,
      { data, canRetry: true },
    );
  }
  return undefined;
}
