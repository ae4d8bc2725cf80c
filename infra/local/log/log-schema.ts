/** Offsets of one partition share a range of row ids: id = partition's number × 2^40 + offset. */
export const OFFSETS_PER_PARTITION = 2 ** 40;

/** 2^53 / 2^40, less one: row ids stay safe integers. */
export const MAX_PARTITIONS = 8191;

/** Version of the tables below; a folder of another version is refused. */
export const SCHEMA_VERSION = 1;

/**
 * The tables of the embedded log. One row per record; its row id is partition and offset, so reading a
 * partition from an offset is one range scan. `newest` serves compaction alone.
 */
export const LOG_SCHEMA = `
CREATE TABLE IF NOT EXISTS topics (
  name TEXT PRIMARY KEY,
  partitions INTEGER NOT NULL,
  retention_ms INTEGER NOT NULL,
  retention_bytes INTEGER,
  compacted INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS partitions (
  id INTEGER PRIMARY KEY,
  topic TEXT NOT NULL REFERENCES topics (name),
  partition INTEGER NOT NULL,
  first_offset INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  compacted_to INTEGER NOT NULL,
  UNIQUE (topic, partition)
) STRICT;
CREATE TABLE IF NOT EXISTS records (
  id INTEGER PRIMARY KEY,
  timestamp_ms INTEGER NOT NULL,
  key BLOB,
  value BLOB,
  headers BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS newest (
  partition_id INTEGER NOT NULL,
  key BLOB NOT NULL,
  record_id INTEGER NOT NULL,
  PRIMARY KEY (partition_id, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commits (
  group_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  PRIMARY KEY (group_id, topic, partition)
) STRICT, WITHOUT ROWID;
`;
