import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { describeError } from '../../../src/core/log.ts';

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('describeError', () => {
  it('gives the name, the code and the place of an error of ours', () => {
    expect(describeError(new AppError('CALL_ENDED'))).toEqual({
      errorName: 'AppError',
      code: 'CALL_ENDED',
      stack: expect.stringMatching(/^log\.test\.ts:\d+:\d+/) as unknown,
    });
  });

  it('gives the name and the place of a foreign error, and nothing of its text', () => {
    const described = describeError(thrownBy(() => JSON.parse('{"number": 4111111111111111, }') as unknown));
    expect(described.errorName).toBe('SyntaxError');
    expect(described.stack).toMatch(/^log\.test\.ts:\d+:\d+, thrownBy \(log\.test\.ts:\d+:\d+\)/);
    expect(JSON.stringify(described)).not.toContain('4111');
  });

  it('does not take a message for a frame of the stack', () => {
    const error = new Error('failed\n    at number (4111:1:1)');
    expect(describeError(error).stack).not.toContain('4111');
  });

  it('gives no stack when the message was changed, since it cannot be cut off', () => {
    const error = new Error('    at number (4111:1:1)');
    expect(error.stack).toContain('4111');
    error.message = 'harmless';
    expect(describeError(error).stack).toBe('');
  });

  it('gives no code that is not a plain word', () => {
    const error = Object.assign(new Error('x'), { code: 'E4111 1111' });
    expect(describeError(error)).not.toHaveProperty('code');
  });

  it.each([
    ['text', 'string'],
    [4111, 'number'],
    [null, 'object'],
  ])('gives the type of a thrown %j', (value, type) => {
    expect(describeError(value)).toEqual({ errorName: type });
  });
});
