/** Magnitudes of the lower half of the spectrum of `samples`, whose count is a power of two (Cooley and Tukey, 1965). */
export function spectrumOf(samples: Float32Array): Float32Array {
  const size = samples.length;
  const real = new Float32Array(size);
  const imaginary = new Float32Array(size);
  const bits = Math.log2(size);
  for (let n = 0; n < size; n++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) reversed |= ((n >> bit) & 1) << (bits - 1 - bit);
    // Hann's window, so that a tone shows as one line.
    real[reversed] = (samples[n] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));
  }
  for (let half = 1; half < size; half *= 2) butterflies(real, imaginary, half);
  return Float32Array.from({ length: size / 2 }, (_, n) => Math.hypot(real[n] ?? 0, imaginary[n] ?? 0));
}

function butterflies(real: Float32Array, imaginary: Float32Array, half: number): void {
  for (let k = 0; k < half; k++) {
    const cos = Math.cos((-Math.PI * k) / half);
    const sin = Math.sin((-Math.PI * k) / half);
    for (let at = k; at < real.length; at += 2 * half) {
      const other = at + half;
      const re = cos * (real[other] ?? 0) - sin * (imaginary[other] ?? 0);
      const im = sin * (real[other] ?? 0) + cos * (imaginary[other] ?? 0);
      real[other] = (real[at] ?? 0) - re;
      imaginary[other] = (imaginary[at] ?? 0) - im;
      real[at] = (real[at] ?? 0) + re;
      imaginary[at] = (imaginary[at] ?? 0) + im;
    }
  }
}
