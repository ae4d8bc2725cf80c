import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FollowedOutput } from '../../../infra/aws/operator/followed-output.ts';
import { TaskOutput } from '../../../infra/operator/task-output.ts';

/** What a task's log driver takes of a line. */
const DRIVER_BYTES = 16_384;

/** Says these things in a task; gives the lines of its log stream. */
function linesOf(said: readonly (readonly [kind: 'out' | 'err', text: string])[], exitCode = 0): string[] {
  const lines: string[] = [];
  const output = new TaskOutput((line) => lines.push(line));
  for (const [kind, text] of said) {
    if (kind === 'out') output.out(text);
    else output.tell(text);
  }
  output.end(exitCode);
  return lines;
}

/** What a follower of these messages prints. */
function followed(messages: readonly string[]) {
  let out = '';
  let err = '';
  const output = new FollowedOutput({
    out: (text) => {
      out += text;
    },
    tell: (line) => {
      err += `${line}\n`;
    },
  });
  for (const message of messages) output.take(message);
  output.finish();
  return { out, err, exitCode: output.exitCode, missing: output.missing };
}

describe('the output of a task', () => {
  it('comes back as it was said, whatever the order and number in which its lines come', () => {
    const said = fc.array(
      fc.tuple(fc.constantFrom('out' as const, 'err' as const), fc.string({ unit: 'binary' })),
    );
    fc.assert(
      fc.property(
        said,
        fc.integer({ min: 0, max: 255 }),
        fc.infiniteStream(fc.nat()),
        (things, code, chance) => {
          // Prepare
          const lines = linesOf(things, code);
          const disturbed = lines
            .flatMap((line) => ((chance.next().value ?? 0) % 4 === 0 ? [line, line] : [line]))
            .map((line) => ({ line, at: chance.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ line }) => line);
          // Act
          const found = followed(disturbed);
          // Assess
          const of = (kind: string) => things.filter((thing) => thing[0] === kind).map(([, text]) => text);
          assert.equal(found.out, of('out').join(''));
          assert.equal(
            found.err,
            of('err')
              .map((text) => `${text}\n`)
              .join(''),
          );
          assert.deepEqual([found.exitCode, found.missing], [code, 0]);
        },
      ),
    );
  });

  it('has no line that a log driver would cut, drop or take for two', () => {
    const text = `${'€'.repeat(9_000)}\n\nx${'😀'.repeat(5_000)}\n${'x'.repeat(300_000)}`;
    const lines = linesOf([['out', text]]);
    for (const line of lines) {
      assert.ok(Buffer.byteLength(line) < DRIVER_BYTES);
      assert.match(line, /^\d+ (out|end)/);
      assert.doesNotMatch(line, /\n|\uFFFD/);
      assert.equal(Buffer.from(line).toString(), line, 'no half of a pair');
    }
    assert.equal(followed(lines).out, text);
  });

  it('is told as incomplete where a line did not come, and what did is said', () => {
    const lines = linesOf([['out', 'a\nb\nc\n']]);
    const found = followed(lines.filter((line) => !line.endsWith('b')));
    assert.deepEqual(found, { out: 'a\nc\n', err: '', exitCode: 0, missing: 1 });
  });

  it('shows on stderr what Node itself says', () => {
    const found = followed(['FATAL ERROR: heap out of memory', ...linesOf([['out', 'a\n']], 134)]);
    assert.deepEqual(found, {
      out: 'a\n',
      err: 'FATAL ERROR: heap out of memory\n',
      exitCode: 134,
      missing: 0,
    });
  });

  it('holds back a bounded number of lines for one that does not come', () => {
    const lines = linesOf([['out', Array.from({ length: 3_000 }, (_, at) => `${at}\n`).join('')]]);
    let out = '';
    const output = new FollowedOutput({
      out: (text) => {
        out += text;
      },
      tell: () => {},
    });
    for (const line of lines.slice(1, 1_500)) output.take(line);
    assert.ok(out.startsWith('1\n2\n'));
    assert.equal(output.missing, 1);
  });
});
