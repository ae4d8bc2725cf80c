import { operatorLogStream, operatorNames } from './operator-names.ts';

/** How to follow and to stop a task by the AWS CLI. */
export function taskAdvice(deployment: string, taskId: string): string {
  const names = operatorNames(deployment);
  return [
    `Follow it: aws logs tail ${names.logGroup} --follow --log-stream-names ${operatorLogStream(names, taskId)}`,
    `Stop it:   aws ecs stop-task --cluster ${names.cluster} --task ${taskId}`,
  ].join('\n');
}
