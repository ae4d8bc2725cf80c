import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { mutesOfFolder } from '../../../../infra/local/alerting/open-mutes.ts';
import { announceInstance } from '../../../../infra/local/data-folder/instance-file.ts';
import { startDynamoDB } from '../../../../infra/local/dynamodb/start-dynamodb.ts';

const CLI = join(import.meta.dirname, '../../../../infra/local/cli/mute.ts');

function mute(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const env = { ...process.env, STATE_TABLE: undefined, DATA_DIR: undefined };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

describe('mute', { timeout: 60_000 }, () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mute-cli-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('keeps mutes in the folder, and changes those of an instance that runs', async () => {
    const { out, err } = await mute('--symbol', 'btcusdt', '--kind', 'whale', '--for', '2h', '--data', dir);
    assert.match(out, /^whale of BTCUSDT until 2\d{3}-/, err);

    const state = await startDynamoDB(join(dir, 'state'));
    const entry = { pid: process.pid, feed: 'test', timestreamEndpoint: 'x', healthUrl: null, startedAt: '' };
    await announceInstance(dir, { ...entry, stateEndpoint: state.endpoint });
    assert.match((await mute('--for', '30m', '--note', 'listing', '--data', dir)).out, /listing\n$/);
    const mutes = await mutesOfFolder(dir);
    assert.equal((await mutes.store.readMutes()).length, 2);
    await mutes.close();
    assert.equal((await mute('--clear', '--data', dir)).out, 'Nothing is muted.\n');
    await state.close();

    assert.equal((await mute('--list', '--data', dir)).out, 'Nothing is muted.\n', 'its address is gone');
  });

  it('names what is wrong with a call', async () => {
    assert.equal((await mute('--data', dir)).code, 2);
    assert.equal((await mute('--for', '2h', '--kind', 'whales', '--data', dir)).code, 2);
    assert.equal((await mute('--silly')).code, 2);
    assert.match((await mute('--help')).out, /--kind/);
  });
});
