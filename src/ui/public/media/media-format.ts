/** What the demo's legs speak: 16 bit mono, one frame every 20 ms. */
export const RATE_HZ = 16_000;
export const FRAME_MS = 20;
export const FRAME_SAMPLES = (RATE_HZ * FRAME_MS) / 1000;

/** What a page asks of the worker that holds its leg. */
export type LegCommand =
  | { readonly type: 'connect'; readonly uri: string }
  | { readonly type: 'press'; readonly key: string }
  | { readonly type: 'release'; readonly key: string }
  /** Speech of the page's own, at `RATE_HZ`; goes out after what is still waiting. */
  | { readonly type: 'speak'; readonly samples: Int16Array }
  | { readonly type: 'hang-up' };

/** What the worker tells the page. */
export type LegReport =
  | { readonly type: 'open' }
  | { readonly type: 'closed' }
  | { readonly type: 'sent' | 'heard'; readonly samples: Int16Array };

/** Frames that one window of the demo shows another, by `BroadcastChannel`: never a key, only audio. */
export const AGENT_AUDIO_CHANNEL = 'tonewall-agent-audio';
