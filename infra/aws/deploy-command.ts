import { DEPLOYMENT_CONTEXT } from './deployment.ts';

/** One of the commands around a deployment, as `--help` tells of it. */
export interface DeployCommand {
  /** Of the script in package.json. */
  readonly script: string;
  readonly about: string;
  /** Whether it speaks to AWS, so that `--profile` means something. */
  readonly takesProfile: boolean;
  /** Flags without a value beside those that all have, each with what it does. */
  readonly flags: Readonly<Record<string, string>>;
}

/** The commands that take `-c name=value`. */
export const DEPLOY_COMMANDS = {
  deploy: {
    script: 'deploy',
    takesProfile: true,
    about: 'Puts the monitor into an AWS account: preflight, synth, diff, deploy, and what is left to do.',
    flags: { yes: 'does not ask before it changes rights' },
  },
  destroy: {
    script: 'destroy',
    takesProfile: true,
    about: 'Removes alerting and pipeline from an AWS account. The stack of the data stays.',
    flags: {
      yes: 'does not ask; needed where no terminal is',
      data: 'says what is to be done for the data, too',
    },
  },
  cost: {
    script: 'cost',
    takesProfile: false,
    about: 'Works out what a deployment costs a month, line by line, and every size.',
    flags: {},
  },
  'deploy:local': {
    script: 'deploy:local',
    takesProfile: false,
    about: 'Puts the stateless parts into an AWS emulator, whose address is in AWS_ENDPOINT_URL.',
    flags: {
      'try-alarm': 'sets an alarm off and back, and prints what arrived',
      remove: 'removes the stack and the secret of the webhook',
    },
  },
} as const satisfies Readonly<Record<string, DeployCommand>>;

/** The text of `--help`. */
export function deployHelp({ script, about, takesProfile, flags }: DeployCommand): string {
  const options = {
    '-c, --context NAME=VALUE': 'a setting of the deployment, over those of cdk.json',
    ...(takesProfile && { '--profile P': 'the profile of the AWS configuration' }),
    ...Object.fromEntries(Object.entries(flags).map(([name, does]) => [`--${name}`, does])),
    '--help': 'this text',
  };
  const usage = Object.keys(options)
    .slice(1)
    .map((name) => ` [${name}]`);
  return [
    about,
    '',
    `  npm run ${script} -- [-c NAME=VALUE]…${usage.join('')}`,
    '',
    ...Object.entries(options).map(([name, does]) => `  ${name.padEnd(27)}${does}`),
    '',
    'Settings:',
    ...Object.entries(DEPLOYMENT_CONTEXT).map(([name, allowed]) => `  ${name.padEnd(27)}${allowed}`),
  ].join('\n');
}
