import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Does what the Dockerfile says, in clean folders and without a container: each COPY and each RUN. With `packages`
 * `of this checkout` these stand in for those that its RUN of npm would install, which takes half a minute.
 */
export function followDockerfile(folder: string, packages: 'installed anew' | 'of this checkout'): string {
  const text = readFileSync(join(ROOT, 'infra/aws/Dockerfile'), 'utf8');
  const src = join(folder, 'src');
  const app = join(folder, 'app');
  let stage = '';
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.split(' ');
    if (word === 'FROM') stage = stage === '' ? src : app;
    if (word === 'COPY') {
      const isFromBuild = rest[0]?.startsWith('--from=');
      const paths = rest.filter((path) => !path.startsWith('--'));
      const to = paths.at(-1) ?? '';
      for (const path of paths.slice(0, -1)) {
        const from = isFromBuild ? join(folder, path) : join(ROOT, path);
        const isWhole = isFromBuild || to === path;
        cpSync(from, isWhole ? join(stage, to) : join(stage, to, basename(path)), { recursive: true });
      }
    }
    if (word === 'WORKDIR') mkdirSync(stage, { recursive: true });
    if (word === 'RUN' && rest[0] === 'npm') {
      if (packages === 'installed anew') run('sh', ['-c', rest.join(' ')], src);
      else symlinkSync(join(ROOT, 'node_modules'), join(src, 'node_modules'));
    }
    if (word === 'RUN' && rest[0] === 'node') {
      const args = rest.slice(1).map((arg) => (arg.startsWith('/') ? join(folder, arg) : arg));
      run(process.execPath, args, src);
    }
  }
  assert.match(text, /^USER node$/m);
  assert.match(text, /^CMD \["node", "index\.mjs"\]$/m);
  return app;
}

function run(command: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 240_000 });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stderr}`);
}
