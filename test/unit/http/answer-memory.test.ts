import { describe, expect, it } from 'vitest';
import { AnswerMemory } from '../../../src/http/answer-memory.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const DAY_MS = 24 * 3_600_000;
const ANSWER = { status: 200, contentType: 'application/json', body: '{}' };

function makeMemory(max = 3) {
  const clock = new FakeClock();
  return { clock, memory: new AnswerMemory(clock, max) };
}

function answered(memory: AnswerMemory, key: string): void {
  memory.begin(key, 'h');
  memory.settle(key, ANSWER);
}

describe('AnswerMemory', () => {
  it('gives whoever comes after the first its answer, before and after it is there', async () => {
    const { memory } = makeMemory();
    expect(memory.find('a')).toBeNull();
    memory.begin('a', 'h');
    const joined = memory.find('a')?.answer;
    memory.settle('a', ANSWER);
    expect(await joined).toBe(ANSWER);
    expect(await memory.find('a')?.answer).toBe(ANSWER);
    expect(memory.find('a')?.hash).toBe('h');
  });

  it('frees a key whose answer is not kept', async () => {
    const { memory } = makeMemory();
    memory.begin('a', 'h');
    const joined = memory.find('a')?.answer;
    memory.settle('a', null);
    expect(await joined).toBeNull();
    expect(memory.find('a')).toBeNull();
  });

  it('forgets an answer after a day', () => {
    const { clock, memory } = makeMemory();
    answered(memory, 'a');
    clock.advance(DAY_MS - 1);
    expect(memory.find('a')).not.toBeNull();
    clock.advance(1);
    expect(memory.find('a')).toBeNull();
  });

  it('forgets the oldest answer when there are too many, but nothing that is under way', () => {
    const { memory } = makeMemory();
    memory.begin('under way', 'h');
    for (const key of ['a', 'b', 'c']) answered(memory, key);
    expect(memory.size).toBe(3);
    expect(memory.find('a')).toBeNull();
    expect(memory.find('under way')).not.toBeNull();
    expect(memory.find('c')).not.toBeNull();
  });
});
