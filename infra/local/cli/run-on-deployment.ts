import { readContextArguments } from '../../aws/context-arguments.ts';
import { DEPLOY_COMMANDS } from '../../aws/deploy-command.ts';
import { runTask } from '../../aws/operator/run-task.ts';
import { taskAdvice } from '../../aws/operator/task-advice.ts';
import type { CommandTarget } from '../../operator/command-arguments.ts';
import { systemClock } from '../system-clock.ts';
import { processOutput } from './process-output.ts';
import { onStopSignals } from './stop-signals.ts';

/**
 * Runs a command in a task of the deployment and follows it. Gives its exit code, or that of the signal that ended
 * the following; fails as {@link runTask} says.
 */
export async function runOnDeployment(
  target: Extract<CommandTarget, { readonly kind: 'deployment' }>,
  command: readonly string[],
): Promise<number> {
  const name = target.name ?? readContextArguments([], DEPLOY_COMMANDS.deploy).deployment.name;
  const stop = new AbortController();
  let stoppedWith = 1;
  onStopSignals(
    (code) => {
      stoppedWith = code;
      stop.abort();
    },
    () => {},
  );
  // Only here: the commands on a data folder need not wait for these clients to load.
  const { AwsTasks } = await import('../../aws/operator/aws-tasks.ts');
  const exitCode = await runTask(command, {
    tasks: new AwsTasks(name),
    clock: systemClock,
    output: processOutput,
    stop: stop.signal,
    advice: (taskId) => taskAdvice(name, taskId),
  });
  return exitCode ?? stoppedWith;
}
