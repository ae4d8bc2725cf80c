import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IdRanges } from '../../shared/id-ranges.ts';

const steps = fc.array(
  fc.record({ from: fc.integer({ min: 0, max: 120 }), more: fc.integer({ min: -1, max: 12 }) }),
  { maxLength: 60 },
);

function build(ranges: readonly { from: number; more: number }[]): { set: IdRanges; model: Set<number> } {
  const set = new IdRanges();
  const model = new Set<number>();
  for (const { from, more } of ranges) {
    const before = model.size;
    for (let id = from; id <= from + more; id += 1) model.add(id);
    if (more === 0) assert.equal(set.add(from), model.size > before);
    else assert.equal(set.addRange(from, from + more), model.size - before);
  }
  return { set, model };
}

describe('IdRanges', () => {
  it('holds the same ids as a Set, whatever is added in whatever order', () => {
    fc.assert(
      fc.property(steps, (ranges) => {
        const { set, model } = build(ranges);
        assert.equal(set.count, model.size);
        for (let id = 0; id <= 140; id += 1) assert.equal(set.has(id), model.has(id), `id ${id}`);
        assert.equal(set.lowest, model.size === 0 ? undefined : Math.min(...model));
        assert.equal(set.highest, model.size === 0 ? undefined : Math.max(...model));
      }),
    );
  });

  it('keeps ranges apart by at least one id, and holes are what lies between', () => {
    fc.assert(
      fc.property(steps, (ranges) => {
        const { set, model } = build(ranges);
        const kept = set.ranges();
        assert.equal(set.rangeCount, kept.length);
        assert.equal(set.holes().length, Math.max(0, kept.length - 1));
        for (const hole of set.holes()) {
          assert.ok(hole.to >= hole.from);
          for (let id = hole.from; id <= hole.to; id += 1) assert.equal(model.has(id), false);
        }
      }),
    );
  });

  it('names the missing ids of any stretch', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 0, max: 130 }),
        fc.integer({ min: 0, max: 40 }),
        (ranges, from, more) => {
          const { set, model } = build(ranges);
          const missing = set
            .missingWithin(from, from + more)
            .flatMap((range) =>
              Array.from({ length: range.to - range.from + 1 }, (_, at) => range.from + at),
            );
          const expected = Array.from({ length: more + 1 }, (_, at) => from + at).filter(
            (id) => !model.has(id),
          );
          assert.deepEqual(missing, expected);
        },
      ),
    );
  });

  it('comes back whole from its text, and gives up its ranges from the lowest', () => {
    fc.assert(
      fc.property(steps, (ranges) => {
        const { set } = build(ranges);
        const copy = IdRanges.parse(set.serialise());
        assert.ok(copy);
        assert.deepEqual(copy.ranges(), set.ranges());
        assert.equal(copy.count, set.count);
        const taken = [];
        for (let range = copy.shift(); range !== undefined; range = copy.shift()) taken.push(range);
        assert.deepEqual(taken, set.ranges());
        assert.equal(copy.count, 0);
      }),
    );
  });

  it('refuses text that is no set', () => {
    for (const text of ['1', '1.2.0.1', 'x.', '1.-1', '1.2.3', 'zzzzzzzzzzz.zzzzzzzzzzz'])
      assert.equal(IdRanges.parse(text), undefined, text);
  });

  it('keeps real trade ids in few bytes', () => {
    const set = new IdRanges();
    set.addRange(3_735_683_259, 3_735_693_015);
    set.add(3_735_693_020);
    assert.ok(set.serialise().length < 20, set.serialise());
  });
});
