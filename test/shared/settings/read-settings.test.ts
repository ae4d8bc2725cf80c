import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { envExample, settingsHelp } from '../../../shared/settings/describe-settings.ts';
import { readSettings } from '../../../shared/settings/read-settings.ts';
import { SETTINGS, type Settings, topicNames } from '../../../shared/settings/settings.ts';

function settingsOf(environment: Record<string, string>, flags: Record<string, string> = {}): Settings {
  const read = readSettings(environment, flags);
  if (read.kind === 'faults') throw new Error(read.faults.map((fault) => fault.message).join('\n'));
  return read.settings;
}

function faultsOf(
  environment: Record<string, string>,
  flags: Record<string, string> = {},
): readonly string[] {
  const read = readSettings(environment, flags);
  return read.kind === 'faults' ? read.faults.map((fault) => fault.message) : [];
}

describe('readSettings', () => {
  it('has a valid default for every setting that has one', () => {
    const settings = settingsOf({});
    assert.deepEqual(settings.symbols, ['BTCUSDT', 'ETHUSDT', 'BNBUSDT']);
    assert.deepEqual(settings.streams, ['trade', 'aggTrade', 'bookTicker', 'kline_1m']);
    assert.equal(settings.healthPort, 8_080);
    assert.equal(settings.dataDir, null);
    assert.deepEqual(topicNames(settings), DEFAULT_TOPIC_NAMES);
    assert.ok(Object.isFrozen(settings));
  });

  it('prefers a flag to the environment, and takes empty text for not given', () => {
    assert.deepEqual(settingsOf({ SYMBOLS: 'ethusdt' }, { symbols: 'trxusdt, btcusdt,TRXUSDT' }).symbols, [
      'TRXUSDT',
      'BTCUSDT',
    ]);
    assert.equal(settingsOf({ HEALTH_PORT: '' }).healthPort, 8_080);
  });

  it('names every fault at once: the setting, what was given, what is allowed', () => {
    const faults = faultsOf({
      SYMBOLS: 'BTC/USDT',
      STREAMS: 'trade,depth',
      BINANCE_STREAM_URL: 'https://api.binance.com',
      HEALTH_PORT: '80a',
      BINANCE_TIME_UNIT: 'us',
      KAFKA_TRADES_TOPIC: 'a b',
    });
    assert.equal(faults.length, 6);
    assert.match(
      faults.join('\n'),
      /^STREAMS is "trade,depth"; allowed: some of trade, aggTrade, bookTicker, kline_1m/m,
    );
    assert.match(faults.join('\n'), /^HEALTH_PORT is "80a"; allowed: a whole number from 0 to 65535/m);
  });

  it('names the flag where the flag was wrong, and refuses a flag that nobody knows', () => {
    const faults = faultsOf({}, { symbols: 'BTC USDT', sybmols: 'BTCUSDT' });
    assert.match(faults.join('\n'), /^--symbols is "BTC USDT"/m);
    assert.match(faults.join('\n'), /^--sybmols is not a flag/m);
  });

  it('hands Kafka’s settings to their own parser and tells its faults beside the others', () => {
    assert.equal(settingsOf({}).kafka, null);
    const { kafka } = settingsOf({ KAFKA_BOOTSTRAP_SERVERS: 'localhost:9092' });
    assert.deepEqual(kafka?.brokers, { kind: 'servers', servers: ['localhost:9092'] });
    const faults = faultsOf({
      KAFKA_BOOTSTRAP_SERVERS: 'localhost',
      KAFKA_TRADES_TOPIC: 'binance.raw.trades',
      SYMBOLS: '',
    });
    assert.equal(faults.length, 2, faults.join('\n'));
    assert.match(faults.join('\n'), /KAFKA_TRADES_TOPIC names the same topic as KAFKA_RAW_TRADES_TOPIC/);
  });

  it('never shows a secret', () => {
    assert.ok(!faultsOf({ SLACK_WEBHOOK_URL: 'hooks.example/T0/secret' }).join().includes('secret'));
  });

  it('holds the two reconnect delays against each other', () => {
    assert.match(
      faultsOf({ RECONNECT_DELAY_S: '30', MAX_RECONNECT_DELAY_S: '5' }).join(),
      /MAX_RECONNECT_DELAY_S is "5"/,
    );
  });
});

describe('the description of the settings', () => {
  it('is what .env.example says', () => {
    const file = join(import.meta.dirname, '..', '..', '..', '.env.example');
    assert.equal(readFileSync(file, 'utf8'), envExample());
  });

  it('lists every setting in --help', () => {
    for (const setting of Object.values(SETTINGS)) assert.ok(settingsHelp().includes(`  ${setting.name}`));
  });
});
