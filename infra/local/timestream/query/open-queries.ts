import { randomBytes } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalogue } from '../catalogue.ts';
import type { Duck } from '../duck.ts';
import { LIMITS } from '../limits.ts';
import { invalid, ServiceError } from '../service-error.ts';
import type { ColumnInfo } from './column-info.ts';
import { type Answer, type AnswerRow, describeQuery, runQuery } from './query-runner.ts';

/** One page of an answer. */
export interface Page {
  readonly queryId: string;
  readonly columns: readonly ColumnInfo[];
  readonly rows: readonly AnswerRow[];
  readonly nextToken?: string;
}

interface OpenQuery {
  readonly id: string;
  readonly sql: string;
  readonly connection: DuckDBConnection;
  readonly answer: Answer;
  /** Rows that were read and not yet handed out. */
  waiting: readonly AnswerRow[];
  page: number;
  usedMs: number;
  isBusy: boolean;
}

/** Queries that may stand open between two pages. */
const OPEN_MOST = 32;
/** Queries that may run at the same time; more are throttled. */
const RUNNING_MOST = 16;
/** How long an answer waits for its next page. */
const IDLE_MS = 5 * 60_000;
/** A page ends with about 1 MB, as on AWS. */
const PAGE_BYTES = 1_000_000;

/** The queries in progress: each is read page by page and is forgotten when it is done, cancelled or left. */
export class OpenQueries {
  readonly #duck: Duck;
  readonly #catalogue: Catalogue;
  readonly #open = new Map<string, OpenQuery>();
  readonly #timeoutMs: number;
  #running = 0;

  constructor(duck: Duck, catalogue: Catalogue, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#duck = duck;
    this.#catalogue = catalogue;
  }

  /** The first page of a query. */
  async start(sql: string, maxRows: number): Promise<Page> {
    this.#leaveIdle();
    if (this.#running >= RUNNING_MOST)
      throw new ServiceError('ThrottlingException', 'Too many queries are running.');
    this.#running += 1;
    let connection: DuckDBConnection | undefined;
    try {
      const own = await this.#duck.connect();
      connection = own;
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      const answer = await this.#inTime(own, () => runQuery(own, this.#catalogue, sql, nowNs));
      const id = `AEBQ${randomBytes(20).toString('hex').toUpperCase()}`;
      const query: OpenQuery = {
        id,
        sql,
        connection: own,
        answer,
        waiting: [],
        page: 0,
        usedMs: Date.now(),
        isBusy: false,
      };
      this.#open.set(id, query);
      connection = undefined;
      return await this.#page(query, maxRows);
    } finally {
      connection?.closeSync();
      this.#running -= 1;
    }
  }

  /** The columns of a query that is not run. */
  async prepare(sql: string): Promise<readonly ColumnInfo[]> {
    const connection = await this.#duck.connect();
    try {
      return await describeQuery(connection, this.#catalogue, sql, BigInt(Date.now()) * 1_000_000n);
    } finally {
      connection.closeSync();
    }
  }

  /** The page that a token stands for. Each token serves once, in order. */
  async resume(sql: string, token: string, maxRows: number): Promise<Page> {
    this.#leaveIdle();
    const [id = '', page = ''] = Buffer.from(token, 'base64url').toString('utf8').split('.');
    const query = this.#open.get(id);
    if (query === undefined || query.isBusy || String(query.page) !== page) {
      throw invalid('NextToken is not valid, was used before, or has expired.');
    }
    if (query.sql !== sql) throw invalid('NextToken belongs to another query.');
    return this.#page(query, maxRows);
  }

  /** Ends a query; says whether there was one. */
  cancel(id: string): boolean {
    const query = this.#open.get(id);
    if (query === undefined) return false;
    query.connection.interrupt();
    this.#close(query);
    return true;
  }

  /** Ends every query. */
  closeAll(): void {
    for (const query of this.#open.values()) this.#close(query);
  }

  async #page(query: OpenQuery, maxRows: number): Promise<Page> {
    query.isBusy = true;
    try {
      const rows: AnswerRow[] = [];
      let bytes = 0;
      let isDone = false;
      while (rows.length < maxRows && bytes < PAGE_BYTES) {
        if (query.waiting.length === 0) {
          query.waiting = await this.#inTime(query.connection, () => query.answer.next());
          if (query.waiting.length === 0) {
            isDone = true;
            break;
          }
        }
        let taken = 0;
        for (const row of query.waiting) {
          if (rows.length >= maxRows || bytes >= PAGE_BYTES) break;
          rows.push(row);
          bytes += row.Data.length * 24;
          taken += 1;
        }
        query.waiting = query.waiting.slice(taken);
      }
      if (!isDone && query.waiting.length === 0) {
        query.waiting = await this.#inTime(query.connection, () => query.answer.next());
        isDone = query.waiting.length === 0;
      }
      query.page += 1;
      query.usedMs = Date.now();
      if (isDone) this.#close(query);
      const page = { queryId: query.id, columns: query.answer.columns, rows };
      if (isDone) return page;
      return { ...page, nextToken: Buffer.from(`${query.id}.${query.page}`).toString('base64url') };
    } catch (error) {
      this.#close(query);
      throw error;
    } finally {
      query.isBusy = false;
    }
  }

  /** Interrupts what takes too long, so that one query cannot hold the processors for ever. */
  async #inTime<Result>(connection: DuckDBConnection, work: () => Promise<Result>): Promise<Result> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      connection.interrupt();
    }, this.#timeoutMs);
    try {
      return await work();
    } catch (error) {
      throw isLate ? invalid(`The query took longer than ${this.#timeoutMs / 1000} s and was ended.`) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  #close(query: OpenQuery): void {
    if (!this.#open.delete(query.id)) return;
    query.answer.close();
    query.connection.closeSync();
  }

  /** Makes room: idle answers first, then the one that was left longest. */
  #leaveIdle(): void {
    const resting = [...this.#open.values()].filter((query) => !query.isBusy);
    resting.sort((left, right) => left.usedMs - right.usedMs);
    let surplus = this.#open.size - OPEN_MOST + 1;
    for (const query of resting) {
      if (surplus <= 0 && Date.now() - query.usedMs < IDLE_MS) break;
      this.#close(query);
      surplus -= 1;
    }
  }
}

/** The rows of a page when the caller names none. */
export const DEFAULT_ROWS = LIMITS.rowsPerPage;
