import { settingsHelp } from '../../../shared/settings/describe-settings.ts';

/** The text of `npm start -- --help`: every flag and every setting. */
export function startHelp(): string {
  return `Runs the whole monitor on this machine: feed, log, functions, store.

  npm start                                   live where Binance can be reached, else the simulated market
  npm start -- --live                         live or not at all
  npm start -- --simulated [--seed N]         the simulated market of a seed (default 1), without asking Binance
  npm start -- --recording PATH… [--speed N|max] [--again]
                                              replays files or folders; ends by itself with a summary

  --speed N|max    as many times as fast as recorded (default 1), or as fast as the pipeline takes it
  --again          feeds a finished recording a second time
  --help           this text

A terminal shows a table that moves; anything else gets lines of JSON. Ctrl-C drains and ends; twice ends at once.
A data folder belongs to one feed. NO_COLOR turns the colours off. The same lines are kept in DIR/monitor.log.

Settings, by environment (or a file .env), some by flag, which wins:
${settingsHelp()}
`;
}
