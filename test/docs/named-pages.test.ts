import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ownFiles } from './own-files.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('every page of docs that a text or a message names is there', () => {
  const missing: string[] = [];
  for (const file of ownFiles(/\.(?:ts|md|yaml|example)$/)) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, page] of text.matchAll(/(?<![\w/-])(docs\/[a-z0-9/-]+\.md)\b/g)) {
      if (page !== undefined && !existsSync(join(ROOT, page))) missing.push(`${file}: ${page}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('every link from a page to a file of the project leads somewhere', () => {
  const missing: string[] = [];
  for (const file of ownFiles(/\.md$/)) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)) {
      if (target !== undefined && !existsSync(join(ROOT, dirname(file), target))) {
        missing.push(`${file}: ${target}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});
