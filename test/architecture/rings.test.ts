import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const RINGS = ['shared', 'functions', 'infra'] as const;
/** A static import or re-export, then its name; `type` where it is gone at run time. */
const STATIC = /^(?:import|export)\b(\s+type\b)?(?:[^'"`;]*?\bfrom)?\s*(['"])([^'"]+)\2/gm;
const DYNAMIC = /\b(?:import|require)\s*\(\s*(['"])([^'"]+)\1/g;

interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package or builtin. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly isType: boolean;
}

function importsOf(from: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const named = [
    ...[...code.matchAll(STATIC)].map(([, type, , name = '']) => ({ name, isType: type !== undefined })),
    ...[...code.matchAll(DYNAMIC)].map(([, , name = '']) => ({ name, isType: false })),
  ];
  return named.map(({ name, isType }) =>
    name.startsWith('.')
      ? {
          from,
          to: normalize(join(dirname(from), name))
            .split(sep)
            .join('/'),
          isPackage: false,
          isType,
        }
      : { from, to: name, isPackage: true, isType },
  );
}

/** Why an import breaks the arrows of the rings; undefined where it keeps them. */
function fault({ from, to, isPackage }: Import): string | undefined {
  const [ring, room] = from.split('/');
  if (isPackage) {
    const isAllowed = ring !== 'shared' || to === 'node:buffer';
    return isAllowed ? undefined : `${from} imports ${to}: shared/ is pure`;
  }
  const [targetRing, targetRoom] = to.split('/');
  if (targetRing === 'shared') return undefined;
  if (ring === 'shared') return `${from} imports ${to}: shared/ imports nothing outward`;
  if (ring === 'infra' && room === 'operator' && targetRing === 'infra') {
    return targetRoom === room ? undefined : `${from} imports ${to}: its image has no other room of infra/`;
  }
  if (ring === 'infra') {
    return targetRing === 'infra' || targetRing === 'functions' ? undefined : `${from} imports ${to}`;
  }
  if (targetRing !== 'functions') return `${from} imports ${to}: functions/ import shared/ alone`;
  const isAllowed = targetRoom === room || targetRoom === 'adapters';
  return isAllowed ? undefined : `${from} imports ${to}: a function never imports another`;
}

const sources = RINGS.flatMap((ring) => globSync(`${ring}/**/*.ts`, { cwd: ROOT }))
  .map((file) => file.split(sep).join('/'))
  .filter((file) => !file.includes('node_modules'));
const imports = sources.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));

test('every import keeps to the arrows of the rings', () => {
  assert.ok(imports.length > 50, `only ${imports.length} imports were found`);
  assert.deepEqual(
    imports.map(fault).filter((found) => found !== undefined),
    [],
  );
});

test('every relative import names a file that exists', () => {
  const missing = imports.filter(({ to, isPackage }) => !isPackage && !existsSync(join(ROOT, to)));
  assert.deepEqual(missing, []);
});

test('no module imports itself by way of others, types aside', () => {
  const targets = Map.groupBy(
    imports.filter(({ isPackage, isType }) => !isPackage && !isType),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) assert.fail(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(' > ')}`);
    if (done.has(file)) return;
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});

test('nothing in shared/ asks the process, the clock or chance', () => {
  const FORBIDDEN =
    /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|(?:await|return|=) fetch\(|\bperformance\./;
  const found = sources.filter((file) => {
    if (!file.startsWith('shared/')) return false;
    const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    return FORBIDDEN.test(code);
  });
  assert.deepEqual(found, []);
});

test('the rule itself tells faults', () => {
  const faults = [
    ['shared/a.ts', "import { b } from '../functions/validate/b.ts';"],
    ['shared/a.ts', "import { readFileSync } from 'node:fs';"],
    ['shared/a.ts', "export type { B } from 'kafkajs';"],
    ['shared/a.ts', "import {\n  type B,\n  c,\n} from '../infra/b.ts';"],
    ['functions/validate/a.ts', "const b = await import('../aggregate/b.ts');"],
    ['functions/validate/a.ts', "import '../../infra/local/b.ts';"],
    ['infra/local/a.ts', "import { b } from '../../test/b.ts';"],
    ['infra/operator/a.ts', "import { b } from '../local/b.ts';"],
  ] as const;
  for (const [file, text] of faults) assert.ok(importsOf(file, text).map(fault)[0], text);
  const kept = [
    ['shared/a.ts', "import { Buffer } from 'node:buffer';"],
    ['functions/validate/a.ts', "import { b } from '../adapters/kafka/b.ts';"],
    ['infra/local/a.ts', "import { b } from '../../functions/validate/b.ts';"],
    ['infra/local/a.ts', "import { b } from '../operator/dlq/b.ts';"],
  ] as const;
  for (const [file, text] of kept) assert.equal(importsOf(file, text).map(fault)[0], undefined, text);
});
