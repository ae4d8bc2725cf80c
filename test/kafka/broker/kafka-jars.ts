import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { withFolderLock } from '../../folder-lock.ts';

const run = promisify(execFile);
const VERSION = '4.1.1';
const POM = join(import.meta.dirname, 'pom.xml');
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';

/** What is missing to run Kafka's jars here, as a sentence; undefined where nothing is. */
export function missingForJars(): string | undefined {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(\d+)/.exec(`${java.stdout}${java.stderr}`)?.[1]);
  if (!(version >= 17)) return 'no Java 17 or newer';
  if (spawnSync('mvn', ['-version']).status !== 0) return 'no Maven';
  return undefined;
}

/** The class path of Apache Kafka, brought by Maven into its own repository and remembered. */
export async function kafkaClassPath(): Promise<string> {
  const asked = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 8);
  const folder = join(tmpdir(), `market-monitor-kafka-${VERSION}-${asked}`);
  const remembered = join(folder, 'classpath.txt');
  if (existsSync(remembered)) {
    const classPath = readFileSync(remembered, 'utf8').trim();
    if (classPath.split(delimiter).every((jar) => existsSync(jar))) return classPath;
    rmSync(remembered, { force: true });
  }
  mkdirSync(folder, { recursive: true });
  // Test files run beside each other, and Maven's repository bears one writer at a time.
  return withFolderLock(join(folder, 'lock'), () => askMaven(folder, remembered));
}

async function askMaven(folder: string, remembered: string): Promise<string> {
  if (existsSync(remembered)) return readFileSync(remembered, 'utf8').trim();
  const output = join(folder, `classpath-${process.pid}.txt`);
  await run('mvn', ['-q', '-B', '-f', POM, PLUGIN, `-Dmdep.outputFile=${output}`], { timeout: 600_000 });
  const classPath = readFileSync(output, 'utf8').trim();
  writeFileSync(output, classPath);
  renameSync(output, remembered);
  return classPath;
}
