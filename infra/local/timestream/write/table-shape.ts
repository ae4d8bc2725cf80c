import type { StoredColumn, StoredTable, TableChange } from '../catalogue.ts';
import { LIMITS } from '../limits.ts';
import { nameFacts } from './column-name.ts';
import type { IncomingRecord } from './incoming-record.ts';

/** Collects what the records of one batch add to a table, and refuses what does not fit its columns. */
export class TableShape {
  readonly #columns = new Map<string, StoredColumn>();
  readonly #measures: Map<string, ReadonlySet<string>>;
  readonly #added: StoredColumn[] = [];
  /** Columns that were found to fit. */
  readonly #fitting = new Set<StoredColumn>();
  #dimensions = 0;
  #changed = false;

  constructor(table: StoredTable) {
    for (const column of table.columns) this.#know(column);
    this.#measures = new Map(table.measures);
  }

  /** Takes the record's columns over, or gives the reason why it cannot be stored. */
  admit(record: IncomingRecord): string | undefined {
    const added: StoredColumn[] = [];
    for (const { column } of record.values) {
      if (this.#fitting.has(column)) continue;
      const known = this.#columns.get(nameFacts(column.name).lower);
      if (known === undefined) added.push(column);
      else {
        const conflict = conflictOf(known, column);
        if (conflict !== undefined) return conflict;
        this.#fitting.add(column);
      }
    }
    const dimensions = added.filter((column) => column.role === 'DIMENSION').length;
    if (this.#dimensions + dimensions > LIMITS.dimensionsPerTable) {
      return `The table would have more than ${LIMITS.dimensionsPerTable} dimensions.`;
    }
    if (this.#columns.size + added.length > LIMITS.measuresPerTable + LIMITS.dimensionsPerTable) {
      return `The table would have more than ${LIMITS.measuresPerTable} measures.`;
    }
    const kinds = this.#measures.get(record.measureName);
    if (kinds === undefined && this.#measures.size >= LIMITS.measureNamesPerTable) {
      return `The table would have more than ${LIMITS.measureNamesPerTable} measure names.`;
    }
    for (const column of added) this.#know(column);
    this.#added.push(...added);
    if (kinds?.has(record.measureKind) !== true) {
      this.#measures.set(record.measureName, new Set([...(kinds ?? []), record.measureKind]));
      this.#changed = true;
    }
    return undefined;
  }

  /** What has to be written to the catalogue; undefined where nothing changed. */
  change(): TableChange | undefined {
    if (!this.#changed && this.#added.length === 0) return undefined;
    return { columns: this.#added, measures: this.#measures };
  }

  #know(column: StoredColumn): void {
    this.#columns.set(nameFacts(column.name).lower, column);
    if (column.role === 'DIMENSION') this.#dimensions += 1;
  }
}

function conflictOf(known: StoredColumn, column: StoredColumn): string | undefined {
  if (known.name !== column.name) {
    return `The name ${column.name} differs only in case from the column ${known.name}.`;
  }
  const isDimension = column.role === 'DIMENSION';
  if ((known.role === 'DIMENSION') !== isDimension) {
    return `The name ${column.name} is already that of a ${isDimension ? 'measure' : 'dimension'}.`;
  }
  if (known.type !== column.type) {
    return `The measure ${column.name} has the type ${known.type} in this table and ${column.type} in the record.`;
  }
  return undefined;
}
