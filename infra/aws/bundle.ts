import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

/** What is bundled: the functions, and ingest and the operator's commands for their image. Each is one file beside its source map. */
export const BUNDLES = {
  validate: 'functions/validate/lambda.ts',
  aggregate: 'functions/aggregate/lambda.ts',
  'dead-letter': 'functions/dead-letter/lambda.ts',
  notify: 'functions/notify/lambda.ts',
  ingest: 'functions/ingest/main.ts',
  operator: 'infra/operator/main.ts',
} as const;

export type BundleName = keyof typeof BUNDLES;

/** A bundle on disk. */
export interface Bundle {
  readonly name: BundleName;
  /** The folder that is shipped. */
  readonly dir: string;
  /** `index.mjs` in it: a function's export `handler`, or a program. */
  readonly file: string;
  /** Of `index.mjs`, without the source map. */
  readonly sizeBytes: number;
}

/** What Lambda and the image run: Node 24, ES modules. CPU-neutral: nothing compiled is in it. */
const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  // kafkajs names its errors by their class, and they are told apart by that name.
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  mainFields: ['module', 'main'],
  // Optional natives of ws; it works without them.
  external: ['bufferutil', 'utf-8-validate', 'lz4-napi'],
  // kafkajs is CommonJS and asks for Node's builtins by require.
  banner: {
    js: "import{createRequire as __require}from'node:module';const require=__require(import.meta.url);",
  },
  logLevel: 'error',
} as const satisfies BuildOptions;

/** Bundles one entry into a folder of its own under `outDir`. */
export function bundle(name: BundleName, outDir: string): Bundle {
  const dir = join(outDir, name);
  const file = join(dir, 'index.mjs');
  mkdirSync(dir, { recursive: true });
  const result = buildSync({
    ...OPTIONS,
    absWorkingDir: ROOT,
    entryPoints: [BUNDLES[name]],
    outfile: file,
    metafile: true,
    write: false,
  });
  let sizeBytes = 0;
  for (const { path, contents } of result.outputFiles) {
    writeFileSync(path, contents);
    if (path === file) sizeBytes = contents.length;
  }
  return { name, dir, file, sizeBytes };
}

/** Bundles some or all entries. */
export function bundleAll(
  outDir: string,
  names: readonly BundleName[] = Object.keys(BUNDLES).map((name) => name as BundleName),
): ReadonlyMap<BundleName, Bundle> {
  return new Map(names.map((name) => [name, bundle(name, outDir)]));
}

if (import.meta.main) {
  const [outDir = join(ROOT, '.bundles'), ...wanted] = process.argv.slice(2);
  const names = Object.keys(BUNDLES).map((name) => name as BundleName);
  const chosen = wanted.length === 0 ? names : names.filter((name) => wanted.includes(name));
  for (const { name, sizeBytes, file } of bundleAll(outDir, chosen).values()) {
    console.log(`${name.padEnd(12)} ${(sizeBytes / 1024).toFixed(0).padStart(5)} KiB  ${file}`);
  }
}
