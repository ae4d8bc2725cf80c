import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'compose.yaml'), 'utf8');

test('every image of compose.yaml is pinned to a version, and every service has a healthcheck', () => {
  const images = [...text.matchAll(/^ {4}image: (.+)$/gm)].map(([, image]) => String(image));
  assert.deepEqual(
    images.map((image) => image.replace(/:.*$/, '')),
    ['apache/kafka', 'ghcr.io/kafbat/kafka-ui', 'localstack/localstack', 'grafana/grafana'],
  );
  for (const image of images) assert.match(image, /:v?\d+\.\d+\.\d+$/);
  assert.equal([...text.matchAll(/^ {4}healthcheck:$/gm)].length, images.length);
});

test('compose.yaml opens no port to the network', () => {
  const ports = [...text.matchAll(/^ {6}- "([\d.:]+:\d+)"$/gm)].map(([, port]) => String(port));
  assert.equal(ports.length, 4);
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
});

const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;

test('docker compose takes compose.yaml without a complaint', {
  skip: hasCompose ? false : 'docker compose is not installed',
}, () => {
  const { status, stderr } = spawnSync('docker', ['compose', 'config', '--quiet'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});
