/** DTMF as ITU-T Q.23 defines it, written for the driver alone. */
const FREQUENCIES: Record<string, readonly [number, number]> = {
  '1': [697, 1209],
  '2': [697, 1336],
  '3': [697, 1477],
  '4': [770, 1209],
  '5': [770, 1336],
  '6': [770, 1477],
  '7': [852, 1209],
  '8': [852, 1336],
  '9': [852, 1477],
  '*': [941, 1209],
  '0': [941, 1336],
  '#': [941, 1477],
};

/** 0 dBm0 as the peak of a 16 bit sine. */
const PEAK = 32768 * 10 ** (-3.14 / 20);

/** Samples of `keys` at -10 dBm0 per tone, each followed by a pause. */
export function keyed(keys: string, sampleRate: number, toneMs = 90, pauseMs = 90): number[] {
  const samples: number[] = [];
  for (const key of keys) {
    const pair = FREQUENCIES[key];
    if (pair === undefined) throw new RangeError('not a key');
    const [low, high] = pair;
    const amplitude = PEAK * 10 ** (-10 / 20);
    const tone = Math.round((toneMs * sampleRate) / 1000);
    for (let n = 0; n < tone; n++) {
      const t = (2 * Math.PI * n) / sampleRate;
      samples.push(Math.round(amplitude * (Math.sin(low * t) + Math.sin(high * t))));
    }
    for (let n = 0; n < Math.round((pauseMs * sampleRate) / 1000); n++) samples.push(0);
  }
  return samples;
}
