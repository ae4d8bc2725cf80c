import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  type Failure,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import { CodedError } from '../../../shared/coded-error.ts';
import { awsFault } from './aws-fault.ts';
import { type OperatorNames, operatorLogStream, operatorNames } from './operator-names.ts';
import type { TaskMessages, TaskNetwork, TaskPort, TaskState } from './task-port.ts';

/** What ECS says of a family that it does not know, or of which nothing is left. */
const NO_DEFINITION = /unable to describe task ?definition|task ?definition (not found|is inactive)/i;

/** The tasks of a deployment in the account and region that the SDK finds in its environment. */
export class AwsTasks implements TaskPort {
  readonly #ecs: ECSClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #deployment: string;
  readonly #names: OperatorNames;

  constructor(
    deployment: string,
    clients: { readonly ecs: ECSClient; readonly logs: CloudWatchLogsClient } = {
      ecs: new ECSClient({}),
      logs: new CloudWatchLogsClient({}),
    },
  ) {
    this.#ecs = clients.ecs;
    this.#logs = clients.logs;
    this.#deployment = deployment;
    this.#names = operatorNames(deployment);
  }

  async network(): Promise<TaskNetwork> {
    const { cluster, service } = this.#names;
    try {
      const { services } = await this.#ecs.send(
        new DescribeServicesCommand({ cluster, services: [service] }),
      );
      const found = services?.find(({ status }) => status === 'ACTIVE');
      const network = found?.networkConfiguration?.awsvpcConfiguration;
      if (network === undefined) throw await this.#missing();
      return {
        subnets: network.subnets ?? [],
        securityGroups: network.securityGroups ?? [],
        assignPublicIp: network.assignPublicIp ?? 'DISABLED',
      };
    } catch (error) {
      if (named(error, 'ClusterNotFoundException')) throw await this.#missing(error);
      throw awsFault(error, `describe the service ${service}`);
    }
  }

  async start(network: TaskNetwork, command: readonly string[]): Promise<string> {
    const { cluster, family, container } = this.#names;
    try {
      const { tasks, failures } = await this.#ecs.send(
        new RunTaskCommand({
          cluster,
          taskDefinition: family,
          launchType: 'FARGATE',
          count: 1,
          startedBy: `operator/${command[0]}`,
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: [...network.subnets],
              securityGroups: [...network.securityGroups],
              assignPublicIp: network.assignPublicIp,
            },
          },
          overrides: { containerOverrides: [{ name: container, command: [...command] }] },
        }),
      );
      const id = tasks?.[0]?.taskArn?.split('/').at(-1);
      if (id === undefined) throw notPlaced(failures ?? []);
      return id;
    } catch (error) {
      if (NO_DEFINITION.test(error instanceof Error ? error.message : '')) {
        throw new CodedError(
          'OPERATOR_MISSING',
          `The deployment ${this.#deployment} has no task definition ${family}: it is older than these commands. Run npm run deploy.`,
          { cause: error },
        );
      }
      throw awsFault(error, `run a task of ${family}`);
    }
  }

  async state(taskId: string): Promise<TaskState | undefined> {
    const { cluster, container } = this.#names;
    try {
      const { tasks } = await this.#ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskId] }));
      const [task] = tasks ?? [];
      if (task === undefined) return undefined;
      const ours = task.containers?.find(({ name }) => name === container);
      return {
        status: task.lastStatus ?? 'PROVISIONING',
        stopCode: task.stopCode ?? null,
        stoppedReason: task.stoppedReason ?? null,
        exitCode: ours?.exitCode ?? null,
        containerReason: ours?.reason ?? null,
      };
    } catch (error) {
      throw awsFault(error, `describe the task ${taskId}`);
    }
  }

  async messages(taskId: string, token: string | undefined): Promise<TaskMessages> {
    const { logGroup } = this.#names;
    try {
      const { events, nextForwardToken } = await this.#logs.send(
        new GetLogEventsCommand({
          logGroupName: logGroup,
          logStreamName: operatorLogStream(this.#names, taskId),
          startFromHead: true,
          ...(token !== undefined && { nextToken: token }),
        }),
      );
      return { messages: (events ?? []).map(({ message }) => message ?? ''), token: nextForwardToken };
    } catch (error) {
      // The stream is made with the first line.
      if (named(error, 'ResourceNotFoundException')) return { messages: [], token };
      throw awsFault(error, `read the log ${logGroup}`);
    }
  }

  async #missing(cause?: unknown): Promise<CodedError> {
    const region = await this.#ecs.config.region();
    return new CodedError(
      'DEPLOYMENT_MISSING',
      `There is no deployment ${this.#deployment} in ${region}: no service ${this.#names.service} runs there. Name it with --name, its region with AWS_REGION and its account with AWS_PROFILE.`,
      { cause, data: { deployment: this.#deployment, region } },
    );
  }
}

function notPlaced(failures: readonly Failure[]): CodedError {
  const reasons = failures.map(({ reason, detail }) => [reason, detail].filter((text) => text).join(': '));
  return new CodedError(
    'TASK_NOT_PLACED',
    `ECS has no place for the task: ${reasons.join('; ') || 'it gave no reason'}. Try again in a minute.`,
    { data: { reasons }, canRetry: true },
  );
}

function named(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
