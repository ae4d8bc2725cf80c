import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';

/** What the service answers to its first question, the discovery of its endpoint. */
export type StubAnswer =
  | { readonly kind: 'databases'; readonly names: readonly string[] }
  | { readonly kind: 'refusal'; readonly type: string; readonly message: string }
  | { readonly kind: 'unreachable'; readonly code: string };

/** The SDK's own client, its middleware and all, over a handler that answers without a network. */
export function stubTimestream(answer: StubAnswer): TimestreamWriteClient {
  const body = (value: unknown) => Buffer.from(JSON.stringify(value));
  const handle = async ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => {
    switch (answer.kind) {
      case 'unreachable':
        throw Object.assign(new Error(`getaddrinfo ${answer.code} ingest.timestream`), { code: answer.code });
      case 'refusal':
        return {
          response: {
            statusCode: 400,
            headers: { 'content-type': 'application/x-amz-json-1.0' },
            body: body({
              __type: `com.amazonaws.timestream.v20181101#${answer.type}`,
              message: answer.message,
            }),
          },
        };
      case 'databases': {
        const isDiscovery = headers['x-amz-target']?.endsWith('DescribeEndpoints') === true;
        const value = isDiscovery
          ? { Endpoints: [{ Address: 'ingest-cell1.timestream.example', CachePeriodInMinutes: 1440 }] }
          : { Databases: answer.names.map((DatabaseName) => ({ DatabaseName })) };
        return { response: { statusCode: 200, headers: {}, body: body(value) } };
      }
    }
  };
  return new TimestreamWriteClient({
    region: 'eu-west-1',
    maxAttempts: 1,
    credentials: { accessKeyId: `test-${answer.kind}-${Math.random()}`, secretAccessKey: 'test' },
    requestHandler: { handle },
  });
}
