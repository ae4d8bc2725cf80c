import { cpus, totalmem } from 'node:os';

/** Prints the machine and the setting of a measurement, as every figure needs them. */
export function printSetting(setting: string): void {
  const [cpu] = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  console.log(`${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${memoryGiB} GiB, Node ${process.version}`);
  console.log(setting);
}

/** Prints minimum, median and maximum of a figure; the median is the one to quote. */
export function printResult(name: string, values: readonly number[], unit: string, note = ''): void {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, middle, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const text = [least, middle, most].map((value) => Math.round(value ?? 0).toLocaleString('en'));
  console.log(
    `${name}: median ${text[1]} ${unit} (${text[0]} to ${text[2]})${note === '' ? '' : `, ${note}`}`,
  );
}
