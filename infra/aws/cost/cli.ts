import { readContextArguments } from '../context-arguments.ts';
import { DEPLOY_COMMANDS } from '../deploy-command.ts';
import { costTable, sizeTable } from './cost-table.ts';
import { messagesASecond } from './traffic.ts';

// npm run cost -- -c size=standard -c symbols=BTCUSDT,ETHUSDT
const { deployment } = readContextArguments(process.argv.slice(2), DEPLOY_COMMANDS.cost);
const { symbols, streams, size, polling } = deployment;
const traffic = messagesASecond(symbols.length, streams);
console.log(
  `${symbols.length} symbols, ${streams.join(', ')}: about ${Math.round(traffic.all)} messages a second on average.\n` +
    'Prices are those of us-east-1, written down unverified: check them on the pages named.\n',
);
console.log(`## ${size.name}, polling ${polling}\n\n${costTable(deployment)}\n`);
console.log(`## Every size\n\n${sizeTable(deployment)}`);
