import { STORE } from '../catalogue.ts';
import { invalid, ServiceError } from '../service-error.ts';

/**
 * DuckDB's refusal of a query in the words of Timestream, which are Trino's. What is wrong with the query is a
 * ValidationException; a lack of memory is one too, as AWS has it; all else is a fault of the service.
 */
export function queryError(error: unknown, placeOf: (name: string) => string): Error {
  if (error instanceof ServiceError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const column =
    /(?:Referenced column "([^"]+)" (?:not found|was not found)|Column "([^"]+)" referenced that exists in the SELECT clause)/
      .exec(text)
      ?.slice(1)
      .find((name) => name !== undefined);
  if (column !== undefined) return invalid(`${placeOf(column)}: Column '${column}' does not exist`);
  const qualified = /(?:Table|Values list) "([^"]+)" does not have a column named "([^"]+)"/.exec(text);
  if (qualified !== null) {
    const [, table = '', name = ''] = qualified;
    return invalid(`${placeOf(name)}: Column '${table}.${name}' does not exist`);
  }
  const [first = ''] = text.split('\n');
  const kind = /^(\w[\w ]*?) Error: /.exec(first)?.[1];
  if (kind === 'INTERRUPT') return invalid('The query was cancelled.');
  if (kind === 'Internal' || kind === 'IO' || kind === 'Fatal') {
    return new ServiceError('InternalServerException', first);
  }
  const said = kind === undefined ? first : first.slice(kind.length + ' Error: '.length);
  return invalid(`line 1:1: ${said.replaceAll(`${STORE}.`, '')}`);
}
