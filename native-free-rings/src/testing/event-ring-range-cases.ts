import { strict as assert } from 'node:assert';
import { type ContractCase, expectCode, fill } from './contract.ts';
import type { EventRingConfiguration } from './event-ring-contract.ts';
import { claimNext, fillUp, mostRanges, put, type RingDriver, readOne, turn } from './event-ring-driver.ts';

type Ring = (
  name: string,
  check: (driver: RingDriver) => void | Promise<void>,
  only?: (configuration: EventRingConfiguration) => boolean,
) => ContractCase;

const skipping = ({ skips }: EventRingConfiguration): boolean => skips > 0;

/** Part of `eventRingContract`: many sequences by one call, claimed or skipped. */
export function rangeCases(ring: Ring): ContractCase[] {
  return [
    ring(
      'a claim of some takes what has room and lies side by side, and may be committed in part',
      (driver) => {
        const { producer, reader, start, capacity } = driver;
        let next = start;
        for (let most = 1; most < 4 * capacity; most = most * 2 + 1) {
          const toWrap = capacity - (next % capacity);
          assert.equal(producer.tryClaimSome(most), next);
          const { claimLength } = producer;
          assert.equal(claimLength, Math.min(most, toWrap));
          const filled = Math.ceil(claimLength / 2);
          for (let s = next; s < next + filled; s++) fill(producer.memory, producer.offsetOf(s), driver.slotBytes, s);
          expectCode('TOO_LARGE', () => producer.commitFirst(claimLength + 1));
          expectCode('TOO_LARGE', () => producer.commitFirst(-1));
          producer.commitFirst(filled);
          assert.equal(producer.claimLength, 0);
          const shown = producer.publish();
          assert.equal(shown, driver.producers === 1 ? filled : claimLength);
          assert.equal(reader.loadEnd(), next + shown);
          for (let s = next; s < next + shown; s++) {
            if (s < next + filled) readOne(driver, reader, s);
            else assert.equal(reader.records.isVoid(s), true);
          }
          next += shown;
          reader.release(next);
        }
        fillUp(driver, producer, next);
        assert.equal(producer.tryClaimSome(5), -1);
        producer.publish();
        reader.loadEnd();
        reader.release(next + 1);
        assert.equal(producer.tryClaimSome(5), next + capacity);
        assert.equal(producer.claimLength, 1);
        producer.commitFirst(0);
        assert.equal(producer.publish(), driver.producers === 1 ? 0 : 1);
        expectCode('NOTHING_CLAIMED', () => producer.commitFirst(1));
      },
      (configuration) => configuration.slotBytes > 0,
    ),

    ring(
      'what is skipped is void and takes its slots, and nothing else is void',
      (driver) => {
        const { producer, reader, start, capacity } = driver;
        assert.equal(reader.records.mayBeVoid, driver.producers > 1);
        let next = start;
        for (let round = 0; round < 50; round++) {
          const skipped = 1 + (round % capacity);
          assert.equal(producer.trySkip(skipped), next);
          assert.equal(producer.loadUsed(), skipped);
          assert.equal(reader.loadEnd(), next, 'skipped sequences were seen before publish');
          if (skipped < capacity) put(driver, producer, next + skipped);
          const shown = Math.min(skipped + 1, capacity);
          assert.equal(producer.publish(), shown);
          assert.equal(reader.loadEnd(), next + shown);
          assert.equal(reader.records.mayBeVoid, true);
          // From anywhere, in any order.
          for (let s = next + shown - 1; s >= next; s -= 3)
            assert.equal(reader.records.isVoid(s), s < next + skipped, `${s} of ${next} and ${skipped}`);
          assert.equal(reader.records.nextRecord(next, next + shown), next + skipped);
          assert.equal(reader.records.nextRecord(next + skipped - 1, next + shown), next + skipped);
          if (skipped < capacity) readOne(driver, reader, next + skipped);
          next += shown;
          reader.release(next - 1);
          reader.release(next);
        }
      },
      skipping,
    ),

    ring(
      'ranges that are skipped side by side are passed as one; where too many are not released, there is no room',
      (driver) => {
        const { producer, reader, start, capacity } = driver;
        const window = mostRanges(driver);
        for (let begin = start; begin < start + 5 * window; begin += window) {
          for (let s = begin; s < begin + window; s++) assert.equal(producer.trySkip(1), s);
          assert.equal(producer.trySkip(1), -1);
          if (window < capacity) assert.ok(producer.loadFree() > 0);
          assert.equal(producer.publish(), driver.producers > 1 ? window : 0);
          assert.equal(reader.loadEnd(), begin + window);
          for (let s = begin; s < begin + window; s++) {
            assert.equal(reader.records.nextRecord(s, begin + window), begin + window);
            assert.equal(reader.records.isVoid(s), true);
          }
          reader.release(begin + window);
        }
      },
      skipping,
    ),

    ring(
      'a producer that waits to skip is woken when there is room',
      async (driver) => {
        const { producer, reader, start, capacity } = driver;
        assert.equal(producer.trySkip(capacity), start);
        let woken = 0;
        const waiting = producer.waitToSkipAsync(1).then(() => woken++);
        assert.equal(reader.loadEnd(), start + capacity, 'waiting did not publish');
        await turn();
        assert.equal(woken, 0);
        reader.release(start + 1);
        await waiting;
        assert.equal(producer.trySkip(1), start + capacity);
        await producer.waitToSkipAsync(1, () => true);
        // Where the ranges run out before the slots, for a range to be released.
        reader.loadEnd();
        reader.release(start + capacity);
        let next = start + capacity + 1;
        while (producer.trySkip(1) >= 0) next++;
        const forRange = producer.waitToSkipAsync(1).then(() => woken++);
        await turn();
        assert.equal(woken, 1);
        assert.equal(reader.loadEnd(), next);
        reader.release(start + capacity + 1);
        await forRange;
        assert.equal(producer.trySkip(1), next);
      },
      skipping,
    ),

    ring('misuse of skips is refused and changes nothing', (driver) => {
      const { producer, start } = driver;
      if (driver.skips === 0) return expectCode('BAD_OPTION', () => producer.trySkip(1));
      for (const count of [0, -1, Number.NaN, driver.capacity + 1]) {
        expectCode('TOO_LARGE', () => producer.trySkip(count));
      }
      assert.equal(claimNext(driver, producer, start), start);
      expectCode('ALREADY_CLAIMED', () => producer.trySkip(1));
      producer.abort();
      producer.detach();
      expectCode('DETACHED', () => producer.trySkip(1));
    }),
  ];
}
