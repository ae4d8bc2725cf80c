import type { Certificate } from '../../../shared/certificate/certificate.ts';
import { EXIT, usageError } from '../cli-failure.ts';
import {
  type CommandTarget,
  commandArguments,
  DEPLOYMENT_HELP,
  taskArguments,
} from '../command-arguments.ts';
import type { CommandOutput } from '../command-output.ts';
import { formatCertificate } from './format-certificate.ts';

/** The text of `certificate --help`. */
export const CERTIFICATE_HELP = `Proves what a data folder holds: trade ids, candles, latencies, and a digest of the rows.

  npm run --silent certificate -- [--data DIR] [--day 2026-11-21] [--format json|table]

  --data DIR    data folder of a run (default: DATA_DIR, else the one below .data used last)
  --day D       only this UTC day (default: all)
  --format F    table for eyes (default), or json
${DEPLOYMENT_HELP}
  --help        this text

It is worked out from log, state and store, and kept in the folder as certificate.json. It ends with 1 where
something is missing, was counted twice, or differs. Of a deployment it is about what the log still keeps, up to
ten minutes ago, and nothing is kept.
`;

/** A call of `certificate`. */
export interface CertificateCall {
  readonly format: 'json' | 'table';
  /** A UTC day as `2026-11-21`; undefined for all. */
  readonly day: string | undefined;
  readonly target: CommandTarget;
  /** The call for the command in its task, `certificate` first. */
  readonly taskArguments: readonly string[];
}

/** Reads the arguments; `help` where that is asked for. Fails with `USAGE`. */
export function parseCertificate(args: readonly string[]): CertificateCall | 'help' {
  const { flags, target, isHelp } = commandArguments(args, ['day', 'format']);
  if (isHelp) return 'help';
  const format = flags.format ?? 'table';
  if (format !== 'json' && format !== 'table') throw usageError(`--format ${format} is none of table, json.`);
  const { day } = flags;
  if (day !== undefined && (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))) {
    throw usageError(`--day ${day} is not a day such as 2026-11-21.`);
  }
  return { format, day, target, taskArguments: taskArguments('certificate', [], flags) };
}

/** Prints a certificate and gives the exit code: 1 where it is not sound. */
export function printCertificate(
  certificate: Certificate,
  { format }: Pick<CertificateCall, 'format'>,
  { out }: Pick<CommandOutput, 'out'>,
): number {
  out(format === 'json' ? `${JSON.stringify(certificate, null, 2)}\n` : formatCertificate(certificate));
  return certificate.sound ? EXIT.ok : EXIT.failed;
}
