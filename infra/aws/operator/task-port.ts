/** Where the tasks of a deployment stand: the network of its ingest service. */
export interface TaskNetwork {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: 'ENABLED' | 'DISABLED';
}

/** What ECS says of a task. */
export interface TaskState {
  /** `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, …, `STOPPED`. */
  readonly status: string;
  /** Such as `TaskFailedToStart`, `EssentialContainerExited`; null while it runs. */
  readonly stopCode: string | null;
  readonly stoppedReason: string | null;
  /** Of the container; null where it never ran, or still does. */
  readonly exitCode: number | null;
  /** What ECS says of the container, such as `OutOfMemoryError: …`. */
  readonly containerReason: string | null;
}

/** A stretch of a task's log stream. */
export interface TaskMessages {
  readonly messages: readonly string[];
  /** Where to go on; the same as was given at the end of what there is. */
  readonly token: string | undefined;
}

/** ECS and CloudWatch Logs as far as a one-off task needs them. Every failure is a `CodedError`. */
export interface TaskPort {
  /** The network of the ingest service. Fails with `DEPLOYMENT_MISSING`. */
  network(): Promise<TaskNetwork>;
  /**
   * Starts a task with these arguments and gives its id. Fails with `OPERATOR_MISSING` where the deployment has no
   * task definition for it, `TASK_NOT_PLACED` where there is no place for it.
   */
  start(network: TaskNetwork, command: readonly string[]): Promise<string>;
  /** Undefined where ECS does not know the task yet, or no more. */
  state(taskId: string): Promise<TaskState | undefined>;
  /** What the task said since; nothing where it has not said anything. */
  messages(taskId: string, token: string | undefined): Promise<TaskMessages>;
}
