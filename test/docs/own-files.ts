import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const NOT_OURS = new Set(['node_modules', '.git', '.data', '.cache', 'cdk.out', '.bundles']);

/** The project's own files whose name fits, by their path from its root. */
export function ownFiles(name: RegExp, folder = ROOT): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : ownFiles(name, path);
    return name.test(entry.name) ? [relative(ROOT, path)] : [];
  });
}
