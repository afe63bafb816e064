import { describe, expect, it } from 'vitest';
import { parseSocketMessage } from '../../../src/vonage/socket-message.ts';

const parse = (text: string): unknown => parseSocketMessage(Buffer.from(text));
const bad = { kind: 'ignored', reason: 'bad-event' };
const unknown = { kind: 'ignored', reason: 'unknown-event' };
const notJson = { kind: 'ignored', reason: 'not-json' };

describe('parseSocketMessage', () => {
  it.each([
    [8000, 'audio/l16;rate=8000'],
    [16000, 'audio/l16;rate=16000'],
    [16000, 'audio/L16; rate=16000'],
    [24000, 'audio/l16;rate=24000'],
    [null, 'audio/l16;rate=44100'],
    [null, 'audio/l16;rate=016000'],
    [null, 'audio/l16'],
    [null, 'audio/pcmu;rate=8000'],
    [null, ''],
  ])('reads the rate %s from the content type "%s"', (sampleRate, contentType) => {
    const text = JSON.stringify({
      event: 'websocket:connected',
      'content-type': contentType,
      'caller-id': '447700900123',
    });
    expect(parse(text)).toEqual({ kind: 'connected', sampleRate });
    // As wsbridge sends it, and as an encoder that escapes slashes would.
    expect(parse(` ${text.replaceAll('/', '\\/')}`)).toEqual({ kind: 'connected', sampleRate });
  });

  it.each(['16000', '{}', 'null', '["audio/l16;rate=16000"]'])(
    'reads no rate from the content type %s, which is no string',
    (value) => {
      expect(parse(`{"event":"websocket:connected","content-type":${value}}`)).toEqual({
        kind: 'connected',
        sampleRate: null,
      });
    },
  );

  it('reads no rate when there is no content type', () => {
    expect(parse('{"event":"websocket:connected"}')).toEqual({ kind: 'connected', sampleRate: null });
  });

  it.each('0123456789*#'.split(''))('reads the key %s', (key) => {
    const press = { kind: 'key', code: key.charCodeAt(0) };
    expect(parse(`{"event":"websocket:dtmf","digit":"${key}","duration":260}`)).toEqual(press);
    expect(parse(` {"digit":"${key}","duration":260,"event":"websocket:dtmf"}`)).toEqual(press);
    expect(parse(`\r\n{ "event" : "websocket:dtmf" ,\t"digit" :\n"${key}" }`)).toEqual(press);
    expect(parse(`{"event":"websocket:dtmf","dtmf":{"digit":"${key}"}}`)).toEqual(press);
  });

  it.each([
    ['two keys in one', '{"event":"websocket:dtmf","digit":"55"}'],
    ['a letter', '{"event":"websocket:dtmf","digit":"A"}'],
    ['nothing', '{"event":"websocket:dtmf","digit":""}'],
    ['a number', '{"event":"websocket:dtmf","digit":5}'],
    ['an Arabic-Indic digit', '{"event":"websocket:dtmf","digit":"\u0665"}'],
    ['a fullwidth digit', '{"event":"websocket:dtmf","digit":"\uff15"}'],
    ['an escaped digit', '{"event":"websocket:dtmf","digit":"\\u0035"}'],
    ['an array', '{"event":"websocket:dtmf","digit":["5"]}'],
    ['no key', '{"event":"websocket:dtmf","duration":260}'],
    ['a key given twice', '{"event":"websocket:dtmf","digit":"5","digit":"6"}'],
    ['a message that was cut off', '{"event":"websocket:dtmf","digit":"5'],
    ['an escaped event', '{"event":"websocket\\u003adtmf"}'],
    ['a digit in another event', '{"event":"websocket:notify","digit":"5"}'],
    ['no event', '{"digits":"5"}'],
    ['an event that is no string', '{"event":5}'],
  ])('ignores %s', (_, text) => {
    expect(parse(text)).toEqual(bad);
  });

  it('does not trust a duration', () => {
    for (const duration of ['-1', '1e9', '"long"', 'null'])
      expect(parse(`{"event":"websocket:dtmf","digit":"1","duration":${duration}}`)).toEqual({
        kind: 'key',
        code: 0x31,
      });
  });

  it('knows the answers to requests of ours', () => {
    expect(parse('{"event":"websocket:cleared"}')).toEqual({ kind: 'answer' });
    expect(parse('{"event":"websocket:notify","payload":{"id":"u-17"}}')).toEqual({ kind: 'answer' });
  });

  it.each([
    '{"event":"websocket:media:update","method":"update"}',
    '{"event":"websocket:disconnected"}',
    '{"event":""}',
  ])('calls the event of %s unknown', (text) => {
    expect(parse(text)).toEqual(unknown);
  });

  it('reads only members of its own from a message with __proto__', () => {
    expect(parse('{"__proto__":{"event":"websocket:connected"},"event":"x"}')).toEqual(unknown);
    expect(parse('{"constructor":{"prototype":1}}')).toEqual(bad);
  });

  it.each(['', ' ', 'hello', '[]', '"websocket:dtmf"', '{', '{"event"}', '{"a":1}}', '5', '\u0000'])(
    'calls %j not JSON',
    (text) => {
      expect(parse(text)).toEqual(notJson);
    },
  );

  it('takes nesting to any depth that fits', () => {
    expect(parse(`{"event":"x","a":${'['.repeat(2000)}${']'.repeat(2000)}}`)).toEqual(unknown);
    expect(parse(`{"event":"x","a":${'['.repeat(4000)}`)).toEqual(notJson);
  });

  it('refuses what is longer than 4096 bytes before it looks into it', () => {
    const padding = ' '.repeat(4096 - '{"event":"x"}'.length);
    expect(parse(`${padding}{"event":"x"}`)).toEqual(unknown);
    expect(parse(`${padding} {"event":"x"}`)).toEqual({ kind: 'ignored', reason: 'too-long' });
  });

  it.each([
    ' {"event":"websocket:dtmf","digit":"5","duration":260}',
    '{"event":"websocket:connected","content-type":"audio/l16;rate=8000"}',
    'no JSON',
    `{"event":"${'x'.repeat(5000)}"}`,
  ])('leaves only zeroes of %s', (text) => {
    const bytes = Buffer.from(text);
    parseSocketMessage(bytes);
    expect(bytes).toEqual(Buffer.alloc(bytes.length));
  });

  it('gives the same object for every press of a key, so that no order of keys is left in memory', () => {
    const text = '{"event":"websocket:dtmf","digit":"5"}';
    expect(parse(text)).toBe(parse(text));
  });
});
