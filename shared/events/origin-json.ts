import type { RawPosition, Source } from './source.ts';

/** The fields that end every validated event: where it came from, and where its raw record stands. */
export function originText(source: Source, raw: RawPosition): string {
  return `"source":"${source}","raw_partition":${raw.partition},"raw_offset":${raw.offset}}`;
}
