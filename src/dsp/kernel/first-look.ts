/** Limits of the analysis. Read by two compilers, as TypeScript and as AssemblyScript: plain constants only. */

/** A hop below this mean square is silence and is not analysed: -58 dBm0, 16 dB below the faintest masked tone. */
export const SILENT_POWER = 400.0;

/** Squared 16 bit units per sample: a quiet line must not make the predictor ring. */
export const NOISE_FLOOR = 4.0;

/** 35 dB below the signal: bounds how deep the predictor notches a steady vowel. */
export const CONDITIONING = 1.0003;

/** Noise of 16 bit rounding per sample, so that digital silence fits nothing. */
export const ROUNDING_NOISE = 0.25;

/** 4 ms below this mean square (-54 dBm0) are not worth a look. */
export const LEAST_POWER = 1000.0;
