import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { at } from '../json-path.ts';

/** A task of the fake: its side of the container. */
export interface FakeTask {
  readonly command: readonly string[];
  status(name: string): void;
  /** A line of the container, as an event of its log stream. */
  log(...lines: readonly string[]): void;
  /** Ends it; fields as ECS has them. */
  end(fields: {
    readonly exitCode?: number;
    readonly stopCode?: string;
    readonly stoppedReason?: string;
    readonly reason?: string;
  }): void;
}

/** ECS and CloudWatch Logs on loopback, as far as an operator's command asks them. */
export interface FakeAws {
  /** The variables that lead the SDK here. */
  readonly environment: Readonly<Record<string, string>>;
  /** What was asked: the operation and its input. */
  readonly calls: readonly { readonly operation: string; readonly input: unknown }[];
  close(): Promise<void>;
}

const SERVICE = {
  serviceName: 'market-monitor-ingest',
  status: 'ACTIVE',
  networkConfiguration: {
    awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'], assignPublicIp: 'ENABLED' },
  },
};
/** Events of a page, so that a longer output takes several. */
const PAGE = 50;

/** An exception of AWS, by its name. */
export class FakeFault extends Error {}

export async function startFakeAws(
  run: (task: FakeTask) => void,
  answers: Readonly<Record<string, () => unknown>> = {},
): Promise<FakeAws> {
  const calls: { operation: string; input: unknown }[] = [];
  let events: string[] = [];
  let task: Record<string, unknown> = {};
  const operations: Record<string, (input: unknown) => unknown> = {
    DescribeServices: (input) => ({
      services: [SERVICE].filter(({ serviceName }) => at(input, 'services', '0') === serviceName),
      failures: [],
    }),
    RunTask: (input) => {
      // Every task has a stream of its own; there is one task at a time.
      events = [];
      const taskArn = 'arn:aws:ecs:eu-west-1:123456789012:task/market-monitor/0a1b2c';
      task = { taskArn, lastStatus: 'PROVISIONING', containers: [{ name: 'operator' }] };
      const command = at(input, 'overrides', 'containerOverrides', '0', 'command');
      run({
        command: Array.isArray(command) ? command.map(String) : [],
        status: (lastStatus) => {
          task = { ...task, lastStatus };
        },
        log: (...lines) => void events.push(...lines),
        end: ({ exitCode, reason, ...fields }) => {
          const container = {
            name: 'operator',
            ...(exitCode !== undefined && { exitCode }),
            ...(reason && { reason }),
          };
          task = { ...task, ...fields, lastStatus: 'STOPPED', containers: [container] };
        },
      });
      return { tasks: [task], failures: [] };
    },
    DescribeTasks: () => ({ tasks: [task], failures: [] }),
    GetLogEvents: (input) => {
      if (events.length === 0) throw new FakeFault('ResourceNotFoundException');
      const token = at(input, 'nextToken');
      const from = typeof token === 'string' ? Number(token.slice(2)) : 0;
      const page = events.slice(from, from + PAGE).map((message) => ({ message, timestamp: 0 }));
      return { events: page, nextForwardToken: `f/${from + page.length}` };
    },
  };
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const input: unknown = JSON.parse(await text(request));
    calls.push({ operation, input });
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      const answer = answers[operation] ?? operations[operation];
      response.end(JSON.stringify(answer === undefined ? {} : answer(input)));
    } catch (error) {
      const name = error instanceof Error ? error.message : 'ServerException';
      response.writeHead(400);
      response.end(JSON.stringify({ __type: name.split(':')[0], message: name }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: {
      AWS_ENDPOINT_URL_ECS: url,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    calls,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
