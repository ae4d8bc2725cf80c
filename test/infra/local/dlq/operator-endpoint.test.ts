import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LetterFilter } from '../../../../functions/dead-letter/letter-book.ts';
import {
  askRedrive,
  REDRIVE_PATH,
  startOperatorEndpoint,
} from '../../../../infra/local/dlq/operator-endpoint.ts';

const REPORT = { letters: 1, records: 1, rows: 0, left: {} };

async function started(redrive: (filter: LetterFilter) => Promise<typeof REPORT>) {
  const asked: LetterFilter[] = [];
  const endpoint = await startOperatorEndpoint({
    redrive: (filter) => {
      asked.push(filter);
      return redrive(filter);
    },
  });
  return { endpoint, asked };
}

test('a command is done by the running instance, one after the other', async () => {
  let running = 0;
  const { endpoint, asked } = await started(async () => {
    running += 1;
    assert.equal(running, 1);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return REPORT;
  });
  const filter = { reason: 'NOT_JSON', sinceMs: 5 };
  const answers = await Promise.all([askRedrive(endpoint.url, filter), askRedrive(endpoint.url, filter)]);
  assert.deepEqual(answers, [REPORT, REPORT]);
  assert.deepEqual(asked, [filter, filter]);
  await endpoint.close();
  assert.equal(await askRedrive(endpoint.url, filter), undefined, 'nobody answers any more');
});

test('a page in a browser, another method and a wrong filter are refused', async () => {
  const { endpoint, asked } = await started(async () => REPORT);
  const post = async (headers: Record<string, string>, body: string): Promise<number> =>
    (await fetch(`${endpoint.url}${REDRIVE_PATH}`, { method: 'POST', headers, body })).status;
  const json = { 'content-type': 'application/json' };
  const filter = '{"reason":null,"sinceMs":null}';
  assert.equal(await post({ 'content-type': 'text/plain' }, filter), 403);
  assert.equal(await post({ ...json, origin: 'http://evil.example' }, filter), 403);
  assert.equal(await post(json, '{"reason":3,"sinceMs":null}'), 400);
  assert.equal(await post(json, ' '.repeat(20_000)), 400);
  assert.equal((await fetch(`${endpoint.url}${REDRIVE_PATH}`)).status, 405);
  assert.equal((await fetch(endpoint.url)).status, 404);
  assert.deepEqual(asked, []);
  await endpoint.close();
});

test('what the instance could not do is told with its reason', async () => {
  const { endpoint } = await started(() => Promise.reject(new Error('the log is full')));
  await assert.rejects(askRedrive(endpoint.url, { reason: null, sinceMs: null }), /the log is full/);
  await endpoint.close();
});
