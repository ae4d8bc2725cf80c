import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ActiveAlarms } from '../../../../infra/local/alerting/active-alarms.ts';
import type { StateChange } from '../../../../infra/local/cloudwatch/alarm-message.ts';
import { alarmEvent } from '../../../../infra/local/run/run-event.ts';
import { alarmLines } from '../../../../infra/local/terminal/alarm-lines.ts';
import { plainPalette } from '../../../../infra/local/terminal/palette.ts';
import { renderMonitor } from '../../../../infra/local/terminal/render-monitor.ts';
import { alarmCatalogue } from '../../../../shared/alarms/alarm-catalogue.ts';
import { monitorView, NOW_US } from './views.ts';

const CATALOGUE = alarmCatalogue(['BTCUSDT'], {
  functionNames: ['aggregate'],
  consumerNames: ['aggregate'],
  notifyDeadLetterQueue: 'q',
});

function change(name: string, from: StateChange['from'], to: StateChange['to'], secondsAgo = 0): StateChange {
  const alarm = CATALOGUE.find((each) => each.name === name);
  assert.ok(alarm);
  return { alarm, from, to, reason: 'r', timeMs: NOW_US / 1000 - secondsAgo * 1000 };
}

describe('the alarms in the terminal', () => {
  it('stand there while they are on, the loudest first and then the oldest', () => {
    const alarms = new ActiveAlarms();
    alarms.take(change('market-whale-BTCUSDT', 'OK', 'ALARM', 20));
    alarms.take(change('socket-down', 'OK', 'ALARM', 5));
    alarms.take(change('gap-open', 'OK', 'ALARM', 10));
    alarms.take(change('feed-stopped', 'OK', 'ALARM', 1));
    alarms.take(change('candle-mismatch', 'OK', 'ALARM', 1));
    alarms.take(change('candle-mismatch', 'ALARM', 'OK'));
    assert.deepEqual(alarmLines(alarms.list(), NOW_US).map(plainPalette), [
      '▲ The feed has stopped  critical, for 00:00:01',
      '▲ Trades are missing  warning, for 00:00:10',
      '▲ A socket is down  warning, for 00:00:05',
      '▲ Whale trade: BTCUSDT  info, for 00:00:20',
    ]);
    alarms.take(change('dead-letters', 'OK', 'ALARM', 1));
    const lines = alarmLines(alarms.list(), NOW_US).map(plainPalette);
    assert.deepEqual(lines.slice(3), ['▲ and 2 alarms more']);
    const screen = renderMonitor(monitorView({ alarms: alarms.list() }), { columns: 100, rows: 30 });
    assert.ok(screen.map(plainPalette).some((line) => line.includes('The feed has stopped')));
  });

  it('are told as events when they begin and end, and not when they are first found well', () => {
    assert.equal(alarmEvent(change('feed-stopped', 'INSUFFICIENT_DATA', 'OK')), undefined);
    assert.equal(alarmEvent(change('feed-stopped', 'OK', 'INSUFFICIENT_DATA')), undefined);
    const begun = alarmEvent(change('market-whale-BTCUSDT', 'OK', 'ALARM'));
    assert.deepEqual(
      [begun?.level, begun?.message],
      ['info', 'Whale trade: BTCUSDT. See docs/runbooks/market-whale.md.'],
    );
    assert.equal(alarmEvent(change('feed-stopped', 'OK', 'ALARM'))?.level, 'error');
    assert.equal(alarmEvent(change('feed-stopped', 'ALARM', 'OK'))?.message, 'Over: The feed has stopped.');
  });
});
