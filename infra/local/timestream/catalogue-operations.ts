import type { Catalogue, StoredDatabase, StoredTable, TableSettings } from './catalogue.ts';
import { type Fields, optionalInteger, optionalObject, optionalText, textOf } from './fields.ts';
import { LIMITS } from './limits.ts';
import { invalid, ServiceError } from './service-error.ts';

/** An operation of the API: takes the request's body, gives the answer's. */
export type Operation = (body: Fields) => Promise<Fields>;

const ARN = 'arn:aws:timestream:local:000000000000:database';
const NAME = /^[A-Za-z0-9_.-]{3,256}$/;

/** The operations on databases and tables. */
export function catalogueOperations(
  catalogue: Catalogue,
  wallMs: () => number,
): Readonly<Record<string, Operation>> {
  return {
    async CreateDatabase(body) {
      const name = nameOf(body, 'DatabaseName');
      if (catalogue.databases.has(name)) throw conflict(`The database ${name} already exists.`);
      if (catalogue.databases.size >= LIMITS.databases) {
        throw new ServiceError(
          'ServiceQuotaExceededException',
          `There are ${LIMITS.databases} databases already.`,
        );
      }
      return { Database: describeDatabase(await catalogue.createDatabase(name, wallMs())) };
    },
    async DescribeDatabase(body) {
      return { Database: describeDatabase(catalogue.database(textOf(body, 'DatabaseName'))) };
    },
    async UpdateDatabase(body) {
      return { Database: describeDatabase(catalogue.database(textOf(body, 'DatabaseName'))) };
    },
    async ListDatabases(body) {
      const [databases, next] = pageOf([...catalogue.databases.values()], body);
      return { Databases: databases.map(describeDatabase), ...next };
    },
    async DeleteDatabase(body) {
      const database = catalogue.database(textOf(body, 'DatabaseName'));
      if (database.tables.size > 0) throw invalid(`The database ${database.name} still has tables.`);
      await catalogue.deleteDatabase(database.name);
      return {};
    },
    async CreateTable(body) {
      const database = catalogue.database(textOf(body, 'DatabaseName'));
      const name = nameOf(body, 'TableName');
      if (database.tables.has(name)) throw conflict(`The table ${name} already exists.`);
      return {
        Table: describeTable(await catalogue.createTable(database, name, settingsOf(body), wallMs())),
      };
    },
    async DescribeTable(body) {
      return {
        Table: describeTable(catalogue.table(textOf(body, 'DatabaseName'), textOf(body, 'TableName'))),
      };
    },
    async ListTables(body) {
      const name = optionalText(body, 'DatabaseName');
      const databases = name === undefined ? [...catalogue.databases.values()] : [catalogue.database(name)];
      const [tables, next] = pageOf(
        databases.flatMap((database) => [...database.tables.values()]),
        body,
      );
      return { Tables: tables.map(describeTable), ...next };
    },
    async UpdateTable(body) {
      const table = catalogue.table(textOf(body, 'DatabaseName'), textOf(body, 'TableName'));
      return {
        Table: describeTable(await catalogue.updateTable(table, settingsOf(body, table.settings), wallMs())),
      };
    },
    async DeleteTable(body) {
      await catalogue.deleteTable(catalogue.table(textOf(body, 'DatabaseName'), textOf(body, 'TableName')));
      return {};
    },
    async ListTagsForResource() {
      return { Tags: [] };
    },
  };
}

const DEFAULTS: TableSettings = {
  memoryHours: LIMITS.memoryHoursDefault,
  magneticDays: LIMITS.magneticDaysDefault,
  magneticWrites: false,
};

function settingsOf(body: Fields, before: TableSettings = DEFAULTS): TableSettings {
  const retention = optionalObject(body, 'RetentionProperties') ?? {};
  const magnetic = optionalObject(body, 'MagneticStoreWriteProperties');
  const location = magnetic?.MagneticStoreRejectedDataLocation;
  return {
    ...before,
    memoryHours:
      optionalInteger(retention, 'MemoryStoreRetentionPeriodInHours', 1, LIMITS.memoryHoursMost) ??
      before.memoryHours,
    magneticDays:
      optionalInteger(retention, 'MagneticStoreRetentionPeriodInDays', 1, LIMITS.magneticDaysMost) ??
      before.magneticDays,
    magneticWrites:
      magnetic === undefined ? before.magneticWrites : magnetic.EnableMagneticStoreWrites === true,
    ...(location === undefined ? {} : { rejectedDataLocation: location }),
    ...(body.Schema === undefined ? {} : { schema: body.Schema }),
  };
}

function describeDatabase(database: StoredDatabase): Fields {
  return {
    Arn: `${ARN}/${database.name}`,
    DatabaseName: database.name,
    TableCount: database.tables.size,
    CreationTime: database.createdMs / 1000,
    LastUpdatedTime: database.updatedMs / 1000,
  };
}

function describeTable(table: StoredTable): Fields {
  const { settings } = table;
  return {
    Arn: `${ARN}/${table.database}/table/${table.name}`,
    DatabaseName: table.database,
    TableName: table.name,
    TableStatus: 'ACTIVE',
    RetentionProperties: {
      MemoryStoreRetentionPeriodInHours: settings.memoryHours,
      MagneticStoreRetentionPeriodInDays: settings.magneticDays,
    },
    MagneticStoreWriteProperties: {
      EnableMagneticStoreWrites: settings.magneticWrites,
      ...(settings.rejectedDataLocation === undefined
        ? {}
        : { MagneticStoreRejectedDataLocation: settings.rejectedDataLocation }),
    },
    Schema: settings.schema ?? { CompositePartitionKey: [{ Type: 'MEASURE' }] },
    CreationTime: table.createdMs / 1000,
    LastUpdatedTime: table.updatedMs / 1000,
  };
}

function pageOf<Item>(items: readonly Item[], body: Fields): [readonly Item[], Fields] {
  const most = optionalInteger(body, 'MaxResults', 1, 20) ?? 20;
  const token = optionalText(body, 'NextToken');
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw invalid('NextToken is not valid.');
  const end = from + most;
  return [items.slice(from, end), end < items.length ? { NextToken: String(end) } : {}];
}

function nameOf(body: Fields, field: string): string {
  const name = textOf(body, field);
  if (!NAME.test(name)) throw invalid(`${field} ${name} must be 3 to 256 letters, digits, '_', '-' or '.'.`);
  return name;
}

function conflict(message: string): ServiceError {
  return new ServiceError('ConflictException', message);
}
