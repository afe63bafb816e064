const BLOCK_MS = 10;
/** Share of a block's energy at the tone's frequency that makes it the tone and nothing else. */
const TONE_SHARE = 0.8;
/** Mean square below which a block counts as silent. */
const LEAST_POWER = 10_000;

/** How many separate tones of one frequency are in the samples. */
export function countTones(samples: Int16Array, frequencyHz: number, sampleRate: number): number {
  const blockSamples = (sampleRate * BLOCK_MS) / 1000;
  let tones = 0;
  let isTone = false;
  for (let at = 0; at + blockSamples <= samples.length; at += blockSamples) {
    const wasTone = isTone;
    isTone = isToneBlock(samples.subarray(at, at + blockSamples), (2 * Math.PI * frequencyHz) / sampleRate);
    if (isTone && !wasTone) tones += 1;
  }
  return tones;
}

function isToneBlock(block: Int16Array, radiansPerSample: number): boolean {
  let energy = 0;
  let cosine = 0;
  let sine = 0;
  for (const [n, sample] of block.entries()) {
    energy += sample * sample;
    cosine += sample * Math.cos(radiansPerSample * n);
    sine += sample * Math.sin(radiansPerSample * n);
  }
  const toneEnergy = (2 * (cosine * cosine + sine * sine)) / block.length;
  return energy > LEAST_POWER * block.length && toneEnergy > TONE_SHARE * energy;
}
