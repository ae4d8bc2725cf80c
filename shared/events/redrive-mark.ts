import { FieldReader, isJsonObject } from '../binance/field-reader.ts';

/** The header of a record of the dead letter topic that is no letter: it tells which letters were put back. */
export const REDRIVE_MARK_HEADER = 'redriven';

/** Where letters stand in the dead letter topic. */
export interface LetterPlace {
  readonly partition: number;
  readonly offset: number;
}

/** The value of a mark. */
export function encodeRedriveMark(letters: readonly LetterPlace[]): string {
  const places = letters.map(({ partition, offset }) => ({ partition, offset }));
  return JSON.stringify({ event_type: 'redriven', letters: places });
}

/** The letters that a mark names; none where it cannot be read. */
export function parseRedriveMark(value: Uint8Array | null): readonly LetterPlace[] {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(value ?? []).toString());
  } catch {
    return [];
  }
  if (!isJsonObject(json) || !Array.isArray(json.letters)) return [];
  return json.letters.flatMap((entry: unknown) => {
    if (!isJsonObject(entry)) return [];
    const fields = new FieldReader(entry);
    const place = { partition: fields.id('partition'), offset: fields.id('offset') };
    return fields.refusal === undefined ? [place] : [];
  });
}
