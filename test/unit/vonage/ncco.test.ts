import { describe, expect, it } from 'vitest';
import { legNcco } from '../../../src/vonage/ncco.ts';

describe('legNcco', () => {
  it('is the connect action that Vonage documents', () => {
    const ncco = legNcco({
      callId: 'call_abc',
      leg: 'caller',
      uri: 'wss://pay.example/media/token',
      sampleRate: 24000,
      eventUrl: 'https://pay.example/webhooks/vonage/event',
    });
    expect(ncco).toEqual([
      {
        action: 'connect',
        eventType: 'synchronous',
        eventUrl: ['https://pay.example/webhooks/vonage/event'],
        endpoint: [
          {
            type: 'websocket',
            uri: 'wss://pay.example/media/token',
            'content-type': 'audio/l16;rate=24000',
            headers: { call: 'call_abc', leg: 'caller' },
          },
        ],
      },
    ]);
  });

  it('leaves out what is not known', () => {
    const [connect] = legNcco({ callId: 'call_abc', leg: 'agent', uri: 'ws://h/media/t', sampleRate: 8000 });
    expect(Object.keys(connect ?? {})).toEqual(['action', 'eventType', 'endpoint']);
  });

  it('refuses headers that Vonage would refuse', () => {
    const options = { leg: 'caller', uri: 'ws://h', sampleRate: 8000 } as const;
    expect(() => legNcco({ ...options, callId: 'c'.repeat(500) })).toThrow('headers are too long');
  });
});
