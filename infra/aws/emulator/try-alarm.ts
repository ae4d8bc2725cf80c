import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { CodedError } from '../../../shared/coded-error.ts';
import { type EmulatorApi, textsOf } from './emulator-api.ts';

/** What came of it. `sent` says whether an alarm was set off, or a message had to stand in for one. */
export interface AlarmTried {
  readonly sent: 'alarm' | 'message';
  readonly topic: string;
  /** What the queue received, as SNS wrote it; null: nothing within 10 s. */
  readonly received: string | null;
}

const WAIT_S = 10;

/**
 * Sends an alarm on its way: sets it off, and waits for it in a queue of its own beside notify's at the topic, so
 * that neither takes the other's message. Where the emulator made no alarms, a message to the topic stands in. The
 * alarm is set back and the queue removed. Fails with `NO_ALARM_TOPIC` where nothing is deployed.
 */
export async function tryAlarm(
  deps: { readonly api: EmulatorApi; readonly sqs: Pick<SQSClient, 'send'> },
  names: { readonly topicName: string; readonly alarmName: string },
): Promise<AlarmTried> {
  const { api, sqs } = deps;
  const topics = textsOf(await api.query('sns', 'ListTopics'), 'TopicArn');
  const topic = topics.find((arn) => arn.endsWith(`:${names.topicName}`));
  if (topic === undefined)
    throw new CodedError(
      'NO_ALARM_TOPIC',
      `There is no topic ${names.topicName}. Deploy first: npm run deploy:local.`,
    );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${names.topicName}-trial` }));
  try {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const Endpoint = Attributes?.QueueArn ?? '';
    const made = await api.query('sns', 'Subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint });
    const sent = await setOff(api, topic, names.alarmName);
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: WAIT_S, MaxNumberOfMessages: 1 }),
    );
    if (sent === 'alarm') await setState(api, names.alarmName, 'OK');
    await api.query('sns', 'Unsubscribe', { SubscriptionArn: textsOf(made, 'SubscriptionArn')[0] ?? '' });
    return { sent, topic, received: Messages?.[0]?.Body ?? null };
  } finally {
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  }
}

async function setOff(api: EmulatorApi, topic: string, alarmName: string): Promise<AlarmTried['sent']> {
  const described = await api.query('monitoring', 'DescribeAlarms', { 'AlarmNames.member.1': alarmName });
  if (textsOf(described, 'AlarmName').includes(alarmName)) {
    await setState(api, alarmName, 'ALARM');
    return 'alarm';
  }
  const Message = JSON.stringify({ AlarmName: alarmName, NewStateValue: 'ALARM' });
  await api.query('sns', 'Publish', { TopicArn: topic, Message });
  return 'message';
}

async function setState(api: EmulatorApi, AlarmName: string, StateValue: string): Promise<void> {
  await api.query('monitoring', 'SetAlarmState', {
    AlarmName,
    StateValue,
    StateReason: 'npm run deploy:local',
  });
}
