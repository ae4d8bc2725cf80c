/** The names by which the operator's commands find a deployment's parts. They are those that its stacks give. */
export interface OperatorNames {
  readonly cluster: string;
  /** The service of ingest, whose network the tasks share. */
  readonly service: string;
  /** The family of the task definition. */
  readonly family: string;
  readonly container: string;
  readonly logGroup: string;
  readonly logPrefix: string;
}

/** Of the deployment with this name. */
export function operatorNames(deployment: string): OperatorNames {
  return {
    cluster: deployment,
    service: `${deployment}-ingest`,
    family: `${deployment}-operator`,
    container: 'operator',
    logGroup: `/${deployment}/operator`,
    logPrefix: 'operator',
  };
}

/**
 * The log stream of a task.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
export function operatorLogStream(names: OperatorNames, taskId: string): string {
  return `${names.logPrefix}/${names.container}/${taskId}`;
}
