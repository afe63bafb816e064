/** ITU-T G.711 mu-law: bias and clip level of the 16 bit form. */
const BIAS = 132;
const CLIP = 32635;

/** What a telephone network leaves of the samples. */
export function throughMuLaw(samples: Int16Array): Int16Array {
  return samples.map((sample) => decodeMuLaw(encodeMuLaw(sample)));
}

export function encodeMuLaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

export function decodeMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}
