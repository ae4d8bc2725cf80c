import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const ROW = /^\|\s*(?<what>[^|]+?)\s*\|\s*`(?<file>[^`]+)`\s*\|\s*(?<name>[^|]+?)\s*\|$/;

/** A guarantee as its table names it. */
interface Guarantee {
  readonly what: string;
  readonly file: string;
  /** `…` stands for what the test fills in. */
  readonly name: string;
}

function guarantees(): readonly Guarantee[] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  return text.split('\n').flatMap((line) => {
    const { what, file, name } = ROW.exec(line)?.groups ?? {};
    return what === undefined || file === undefined || name === undefined ? [] : [{ what, file, name }];
  });
}

/** Whether a file has a test of this name. */
function hasTest(file: string, name: string): boolean {
  const path = join(root, file);
  if (!existsSync(path)) return false;
  const source = readFileSync(path, 'utf8').replace(/\$\{[^}]*\}/g, '…');
  return [...source.matchAll(/\b(?:test|it)\(\s*(['"`])(.+?)\1/g)].some(([, , found]) => found === name);
}

test('every guarantee is held by a test that exists', () => {
  const all = guarantees();
  assert.ok(all.length > 30);
  const unheld = all.filter(({ file, name }) => !hasTest(file, name));
  assert.deepEqual(unheld, []);
});

test('every promise of the design has guarantees, and a name that no test has is found', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const headings = [...text.matchAll(/^### (\d)\. /gm)].map(([, number]) => Number(number));
  assert.deepEqual(headings, [1, 2, 3, 4, 5]);
  assert.equal(hasTest('test/docs/guarantees.test.ts', 'every guarantee is held by nothing'), false);
  assert.equal(hasTest('test/docs/no-such.test.ts', 'every guarantee is held by a test that exists'), false);
});
