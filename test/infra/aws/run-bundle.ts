import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a bundle did in a process of its own. */
export interface BundleRun {
  /** From before the import to its end, in milliseconds. */
  readonly initMs: number;
  /** From the call of the handler to its answer, in milliseconds; 0 without an event. */
  readonly callMs: number;
  readonly answer: unknown;
  /** The variables that were asked for. */
  readonly asked: readonly string[];
  /** The lines that the function logged. */
  readonly logged: readonly string[];
}

const MARK = '@@result@@';

/** Runs in the process: measures the import, watches the environment, calls the handler once. */
const RUNNER = `
const asked = new Set();
process.env = new Proxy(process.env, {
  get: (env, name) => { if (typeof name === 'string') asked.add(name); return env[name]; },
});
let input = '';
for await (const chunk of process.stdin) input += chunk;
const { file, event } = JSON.parse(input);
const from = performance.now();
const { handler } = await import(file);
const initMs = performance.now() - from;
const context = { functionName: 'bundle', invokedFunctionArn: '', awsRequestId: '', getRemainingTimeInMillis: () => 30000 };
const called = performance.now();
const answer = event === null ? null : await handler(event, context);
const callMs = event === null ? 0 : performance.now() - called;
process.stdout.write('\\n${MARK}' + JSON.stringify({ initMs, callMs, answer, asked: [...asked] }), () => process.exit(0));
`;

/** Starts a fresh Node on a bundle, with these variables and no others, and hands it one event (null: none). */
export async function runBundle(
  file: string,
  variables: Readonly<Record<string, string>>,
  event: unknown,
): Promise<BundleRun> {
  const child = spawn(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', RUNNER], {
    env: { ...variables, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  child.stdin.end(JSON.stringify({ file, event }));
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const [logged = '', result] = out.split(MARK);
  if (code !== 0 || result === undefined)
    throw new Error(`The bundle ended with ${code}.\n${err}\n${logged}`);
  return { ...JSON.parse(result), logged: logged.split('\n').filter((line) => line !== '') };
}
