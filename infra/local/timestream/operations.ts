import type { Catalogue } from './catalogue.ts';
import { catalogueOperations, type Operation } from './catalogue-operations.ts';
import { type Fields, optionalInteger, optionalText, textOf } from './fields.ts';
import { LIMITS } from './limits.ts';
import { DEFAULT_ROWS, type OpenQueries, type Page } from './query/open-queries.ts';
import type { Serial } from './serial.ts';
import { ServiceError } from './service-error.ts';
import type { RecordWriter } from './write/record-writer.ts';
import { writeRequest } from './write/write-request.ts';

/** What the operations work on. */
export interface OperationParts {
  readonly catalogue: Catalogue;
  readonly serial: Serial;
  readonly writer: RecordWriter;
  readonly queries: OpenQueries;
  /** `host:port`, told by DescribeEndpoints. */
  readonly address: () => string;
  /** The clock of creation times. */
  readonly wallMs: () => number;
  readonly readOnly: boolean;
}

const READING = new Set([
  'DescribeDatabase',
  'DescribeTable',
  'ListDatabases',
  'ListTables',
  'ListTagsForResource',
]);

/** Every operation of both APIs by the name that stands in `X-Amz-Target`. */
export function operations(parts: OperationParts): ReadonlyMap<string, Operation> {
  const { catalogue, serial, writer, queries, readOnly } = parts;
  const all = new Map<string, Operation>();
  for (const [name, run] of Object.entries(catalogueOperations(catalogue, parts.wallMs))) {
    all.set(name, async (body) => {
      if (READING.has(name)) return run(body);
      if (readOnly) throw new ServiceError('ValidationException', `${name}: this Timestream is read only.`);
      return serial.run(() => run(body));
    });
  }
  all.set('WriteRecords', async (body) => {
    if (readOnly)
      throw new ServiceError('ValidationException', 'WriteRecords: this Timestream is read only.');
    const { total, memoryStore, magneticStore } = await writer.write(writeRequest(body));
    return { RecordsIngested: { Total: total, MemoryStore: memoryStore, MagneticStore: magneticStore } };
  });
  all.set('Query', async (body) => {
    const sql = textOf(body, 'QueryString');
    const maxRows = optionalInteger(body, 'MaxRows', 1, LIMITS.rowsPerPage) ?? DEFAULT_ROWS;
    const token = optionalText(body, 'NextToken');
    return answerOf(
      token === undefined ? await queries.start(sql, maxRows) : await queries.resume(sql, token, maxRows),
    );
  });
  all.set('PrepareQuery', async (body) => {
    const sql = textOf(body, 'QueryString');
    return { QueryString: sql, Columns: await queries.prepare(sql), Parameters: [] };
  });
  all.set('CancelQuery', async (body) => {
    const wasThere = queries.cancel(textOf(body, 'QueryId'));
    return wasThere ? { CancellationMessage: 'The query was cancelled.' } : {};
  });
  all.set('DescribeEndpoints', async () => ({
    Endpoints: [{ Address: parts.address(), CachePeriodInMinutes: 1440 }],
  }));
  return all;
}

function answerOf(page: Page): Fields {
  return {
    QueryId: page.queryId,
    ColumnInfo: page.columns,
    Rows: page.rows,
    QueryStatus: {
      ProgressPercentage: page.nextToken === undefined ? 100 : 50,
      CumulativeBytesScanned: 0,
      CumulativeBytesMetered: 0,
    },
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}
