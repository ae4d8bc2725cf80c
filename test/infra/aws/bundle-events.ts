import type { SQSEvent } from 'aws-lambda';
import { rawTopicRecords } from '../../../functions/validate/raw-topic-records.ts';
import { validateRecords } from '../../../functions/validate/validate-records.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { MSKEvent } from '../../../shared/log/kafka-event.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { RECORDED_NOW_MS } from './bundle-backends.ts';
import { eventOfSent, recordedRawEvent } from './recorded-event.ts';

const NAMES = DEFAULT_TOPIC_NAMES;

/** What validate makes of 1,000 recorded trades of ETHUSDT, as Lambda hands it to aggregate. */
export function recordedTradesEvent(recordings: string): MSKEvent {
  const event = recordedRawEvent(recordings, 'ethusdt@trade', NAMES.rawTrades, 1_000);
  const { records } = validateRecords(
    rawTopicRecords(event),
    { rules: DEFAULT_VALIDATION_RULES, topics: NAMES },
    RECORDED_NOW_MS,
  );
  return eventOfSent(records, NAMES.trades);
}

/** A dead letter that cannot be read itself. */
export function unreadableLetterEvent(): MSKEvent {
  return eventOfSent([{ topic: NAMES.deadLetters, key: null, value: 'nonsense' }], NAMES.deadLetters);
}

/** The alarm that the feed has stopped, from SNS through SQS, as far as notify reads it. */
export function alarmEvent(): { readonly Records: readonly Partial<SQSEvent['Records'][number]>[] } {
  const alarm = {
    AlarmName: 'feed-stopped',
    AlarmDescription: 'No frame has come.',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: '2026-11-21T12:00:00.500+0000',
    Trigger: { MetricName: 'FramesReceived', Threshold: 1, Dimensions: [] },
  };
  const body = JSON.stringify({ Type: 'Notification', Message: JSON.stringify(alarm) });
  const attributes = { ApproximateReceiveCount: '1' } as SQSEvent['Records'][number]['attributes'];
  return { Records: [{ messageId: 'm1', body, attributes }] };
}
