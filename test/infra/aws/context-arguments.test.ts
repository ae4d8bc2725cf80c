import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { contextArguments } from '../../../infra/aws/context-arguments.ts';
import { DEPLOY_COMMANDS } from '../../../infra/aws/deploy-command.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

function read(...args: string[]) {
  const given = contextArguments(args, DEPLOY_COMMANDS.deploy, { size: 'dev', '@aws-cdk/core:x': true });
  if (given === 'help') throw new Error('help');
  return given;
}

/** A command without account, credentials or terminal. */
function run(file: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(ROOT, 'infra', 'aws', file), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DOCKER: 'false',
      ...environment,
    },
  });
}

describe('the arguments of a command', () => {
  test('are settings over those of cdk.json, a profile and the flags of the command', () => {
    const { deployment, context, profile, words } = read(
      '-c',
      'size=standard',
      '--context=symbols=BTCUSDT',
      '--profile',
      'prod',
      '--yes',
    );
    assert.equal(deployment.size.name, 'standard');
    assert.deepEqual(deployment.symbols, ['BTCUSDT']);
    assert.deepEqual(context, ['-c', 'size=standard', '-c', 'symbols=BTCUSDT']);
    assert.equal(profile, 'prod');
    assert.deepEqual(words, ['--yes']);
  });

  test("take a name of the CDK's own as it is", () => {
    assert.deepEqual(read('-c', '@aws-cdk/core:y=true').context, ['-c', '@aws-cdk/core:y=true']);
  });

  for (const [args, said] of [
    [['--size', 'standard', '--profile', 'prod'], /^--size is a setting: give it as -c size=…/],
    [['-c', 'sise=standard'], /sise is no setting of a deployment; there are name, symbols/],
    [['--context=size=huge'], /size is "huge"; allowed: dev, standard, express/],
    [['-c'], /argument missing/],
    [['-c', 'size'], /"size" is no setting: give it as name=value/],
    [['standard'], /"standard" is no flag/],
    [['--data'], /Unknown option '--data'/],
    [['-c', 'constructor=x'], /constructor is no setting/],
  ] as const) {
    test(`that are not understood are refused: ${args.join(' ')}`, () => {
      assert.throws(() => read(...args), { code: 'USAGE', message: said });
    });
  }
});

describe('the commands', () => {
  for (const [file, script] of [
    ['deploy.ts', 'deploy'],
    ['destroy.ts', 'destroy'],
    ['deploy-local.ts', 'deploy:local'],
    ['cost/cli.ts', 'cost'],
  ] as const) {
    test(`npm run ${script} -- --help prints its flags and settings and does nothing`, () => {
      const { status, stdout } = run(file, ['--help'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
      assert.equal(status, 0);
      assert.ok(stdout.includes(`npm run ${script} -- [-c NAME=VALUE]`), stdout);
      assert.match(stdout, /keepEvents/);
    });

    test(`npm run ${script} ends with 2 on a word that it does not know`, () => {
      const { status, stderr } = run(file, ['--size', 'standard'], {
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      });
      assert.equal(status, 2);
      assert.match(stderr, /-c size=/);
    });
  }

  test('destroy removes nothing where nobody can be asked', () => {
    const { status, stderr } = run('destroy.ts', []);
    assert.equal(status, 2);
    assert.match(stderr, /npm run destroy -- --yes/);
  });

  for (const [file, args] of [
    ['deploy.ts', []],
    ['destroy.ts', ['--yes']],
  ] as const) {
    test(`${file} without credentials says so before anything is made or removed`, () => {
      const { status, stdout, stderr } = run(file, args, { AWS_REGION: 'eu-west-1' });
      assert.equal(status, 1);
      assert.match(stdout + stderr, /AWS does not take the credentials \(CredentialsProviderError: /);
      assert.doesNotMatch(stdout, /2\/4/);
    });
  }

  test('deploy takes the region of the profile', (t) => {
    const home = mkdtempSync(join(tmpdir(), 'market-profile-'));
    t.after(() => rmSync(home, { recursive: true, force: true }));
    const config = join(home, 'config');
    writeFileSync(config, '[profile prod]\nregion = ap-northeast-1\n');
    const { stdout } = run('deploy.ts', ['--profile', 'prod'], { AWS_CONFIG_FILE: config });
    assert.match(stdout, /^1\/4 preflight: market-monitor, size dev, 3 symbols, ap-northeast-1$/m);
    const without = run('deploy.ts', []);
    assert.match(without.stdout, /STOP NO_REGION/);
  });
});
