import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startHelp } from '../../../../infra/local/cli/start-help.ts';
import { startOptions } from '../../../../infra/local/cli/start-options.ts';
import { SETTINGS } from '../../../../shared/settings/settings.ts';

describe('the flags of npm start', () => {
  test('none: live where it can be reached, with the defaults', () => {
    const options = startOptions([], {});
    assert.ok(options.kind === 'feed');
    assert.deepEqual(
      [options.wish, options.seed, options.isPortNamed, options.settings.symbols],
      ['auto', 1, false, ['BTCUSDT', 'ETHUSDT', 'BNBUSDT']],
    );
  });

  test('a flag wins over the environment', () => {
    const options = startOptions(['--symbols', 'ethusdt', '--data', 'here'], {
      SYMBOLS: 'BNBUSDT',
      DATA_DIR: 'there',
    });
    assert.ok(options.kind === 'feed');
    assert.deepEqual([options.settings.symbols, options.settings.dataDir], [['ETHUSDT'], 'here']);
  });

  test('the feed is live, simulated with a seed, or auto', () => {
    const wish = (...args: string[]) => {
      const options = startOptions(args, {});
      return options.kind === 'feed' ? [options.wish, options.seed] : options.kind;
    };
    assert.deepEqual(wish('--live'), ['live', 1]);
    assert.deepEqual(wish('--simulated', '--seed', '7'), ['simulated', 7]);
    assert.deepEqual(wish('--seed=7'), ['auto', 7]);
  });

  test('the health port is named by flag or environment', () => {
    for (const [args, environment] of [
      [['--health-port', '9'], {}],
      [[], { HEALTH_PORT: '9' }],
    ] as const) {
      const options = startOptions(args, environment);
      assert.ok(options.kind === 'feed' && options.isPortNamed && options.settings.healthPort === 9);
    }
  });

  test('a recording takes paths, and symbols only where they are given by flag', () => {
    const options = startOptions(['--recording', 'a.gz', 'b.json', '--speed', '2.5', '--again'], {
      SYMBOLS: 'BTCUSDT',
    });
    assert.ok(options.kind === 'recording');
    const { paths, speed, again, symbols, streams } = options;
    assert.deepEqual([paths, speed, again, symbols, streams], [['a.gz', 'b.json'], 2.5, true, null, null]);
    const some = startOptions(['--recording', 'a', '--symbols', 'ETHUSDT', '--streams', 'trade'], {});
    assert.ok(some.kind === 'recording');
    assert.deepEqual([some.speed, some.symbols, some.streams], [1, ['ETHUSDT'], ['trade']]);
  });

  test('--help wins over everything but an unknown flag', () => {
    assert.equal(startOptions(['--help', '--speed', 'x'], {}).kind, 'help');
  });

  test('the help lists every setting and every flag', () => {
    const help = startHelp();
    for (const { name } of Object.values(SETTINGS)) assert.ok(help.includes(`\n  ${name}`), name);
    for (const flag of [
      'live',
      'simulated',
      'seed',
      'recording',
      'speed',
      'again',
      'data',
      'symbols',
      'streams',
    ])
      assert.ok(help.includes(`--${flag}`), flag);
  });

  for (const [name, args, environment, message] of [
    ['two feeds', ['--live', '--simulated'], {}, /--live and --simulated exclude each other/],
    ['a live recording', ['--live', '--recording', 'a'], {}, /--live and --recording exclude/],
    ['a path without --recording', ['a.gz'], {}, /"a\.gz" is no flag; paths come after --recording/],
    ['a speed without a recording', ['--speed', '2'], {}, /--speed goes with --recording only/],
    ['--again without a recording', ['--again'], {}, /--again goes with --recording only/],
    ['a live seed', ['--live', '--seed', '2'], {}, /--seed goes with --simulated only/],
    ['a bad seed', ['--seed', '-1x'], {}, /--seed/],
    [
      'a bad speed',
      ['--recording', 'a', '--speed', '0'],
      {},
      /--speed is "0"; allowed: max, or a number above 0/,
    ],
    ['an unknown flag', ['--sped', '2'], {}, /--sped.* See --help/],
    [
      'a bad symbol',
      ['--symbols', 'BTC/USDT'],
      {},
      /--symbols is "BTC\/USDT"; allowed: symbols of Binance spot/,
    ],
    ['a bad stream', ['--streams', 'depth'], {}, /--streams is "depth"; allowed: some of trade, aggTrade/],
    [
      'a bad port in the environment',
      [],
      { HEALTH_PORT: '80000' },
      /HEALTH_PORT is "80000"; allowed: a whole number/,
    ],
    [
      'several faults at once',
      ['--streams', 'x'],
      { HEALTH_PORT: 'y' },
      /--streams is "x".*HEALTH_PORT is "y"/s,
    ],
  ] as const) {
    test(`${name}: a wrong call that says what is allowed`, () => {
      assert.throws(() => startOptions(args, environment), { code: 'USAGE', message });
    });
  }
});
