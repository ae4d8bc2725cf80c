import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Does what the Dockerfile says, in clean folders and without a container: each COPY and each RUN of Node. The
 * packages are those of this checkout, because installing them anew takes half a minute and a network.
 */
export function followDockerfile(folder: string): string {
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
      assert.equal(rest.slice(0, 3).join(' '), 'npm ci --ignore-scripts');
      symlinkSync(join(ROOT, 'node_modules'), join(src, 'node_modules'));
    }
    if (word === 'RUN' && rest[0] === 'node') {
      const args = rest.slice(1).map((arg) => (arg.startsWith('/') ? join(folder, arg) : arg));
      const built = spawnSync(process.execPath, args, { cwd: src, encoding: 'utf8', timeout: 60_000 });
      assert.equal(built.status, 0, built.stderr);
    }
  }
  assert.match(text, /^USER node$/m);
  assert.match(text, /^CMD \["node", "index\.mjs"\]$/m);
  return app;
}
