/**
 * Where things lie in the kernel's memory, in bytes. Read by two compilers, as TypeScript and as AssemblyScript: plain
 * integer constants only.
 */

/** Core samples of one hop: 2 ms. See `constants.ts`. */
export const KERNEL_HOP_SAMPLES = 16;
export const TWO_HOPS_SAMPLES = 2 * KERNEL_HOP_SAMPLES;

/** Hops that are kept: 40 ms, the longest time that the evidence for a digit looks back. At most 32: one bit each. */
export const RING_HOPS = 20;

/** Autocorrelations per hop, padded to whole vectors, and hops of them that are kept. */
export const LAGS = 11;
export const LAG_STRIDE = 12;
export const LAG_HOPS = 16;

/** The predictor's fit weighs this many hops and leaves out the newest ones. */
export const TAPER_HOPS = 12;
export const TAPER_DELAY_HOPS = 3;

export const TONES = 8;

/** Hops of a fit's window, longest; the innovation is fitted in windows of 2 to 4 hops, the signal in 2 to 5. */
export const FIT_HOPS_MAX = 5;

/** Inputs of the gate's network, of the one that holds a suspicion and of the one that knows a digit. */
export const GATE_FEATURES = 17;
/** Those of the hop, the age of the suspicion, and mean scores over 8 and 16 ms. */
export const HOLD_FEATURES = GATE_FEATURES + 3;
export const DIGIT_FEATURES = 18;

/** Hidden units come in steps of eight, two vectors; there is room for 32. */
export const HIDDEN_MAX = 32;

/**
 * A digit is judged on four segments of 8 ms, one per lane. 32 ms is what fits twice into no 23 ms burst and always
 * into a 40 ms press; 8 ms keeps the phase advance of a tone 3.5 % off below half a turn.
 */
export const SEGMENTS = 4;
export const SEGMENT_HOPS = 4;

/** One hop of tone sums: eight cosine sums, eight sine sums. One hop of samples is as long. */
export const SUMS_BYTES = 64;

/** Constants, from 64 on: the inverse Gram matrices per window, row and coefficient, for four columns at a time. */
export const GRAM = 64;
export const GRAM_WINDOW_BYTES = 640;
/** Per distance from the hop's centre: cosines of the eight tones, sines of the eight tones. */
export const FOLDING = GRAM + (FIT_HOPS_MAX + 1) * GRAM_WINDOW_BYTES;
/** Per hop of distance: rotation cosines and sines of the eight tones. */
export const ROTATION = FOLDING + 8 * SUMS_BYTES;
/** Weights of past hops in the predictor's fit. */
export const TAPER = ROTATION + FIT_HOPS_MAX * SUMS_BYTES;
/** Per tone: what a radian of phase in 8 ms is as a deviation from the nominal frequency, in percent. */
export const PERCENT_PER_RADIAN = TAPER + TAPER_HOPS * 4;
/**
 * A network: number of pairs of vectors (an integer), output bias, then rows of 32 weights: one for the biases, one per
 * input, one for the output weights.
 */
export const NETWORK_BIAS = 4;
export const NETWORK_ROWS = 16;
export const NETWORK_ROW_BYTES = HIDDEN_MAX * 4;
export const GATE_NETWORK = PERCENT_PER_RADIAN + TONES * 4;
export const HOLD_NETWORK = GATE_NETWORK + NETWORK_ROWS + (GATE_FEATURES + 2) * NETWORK_ROW_BYTES;
export const DIGIT_NETWORK = HOLD_NETWORK + NETWORK_ROWS + (HOLD_FEATURES + 2) * NETWORK_ROW_BYTES;
/** Weights of the decimators by 2 and by 3: the centre, then each distance from it. */
export const DECIMATION = DIGIT_NETWORK + NETWORK_ROWS + (DIGIT_FEATURES + 2) * NETWORK_ROW_BYTES;
export const DECIMATION_BYTES = 32;
export const CONSTANTS_END = DECIMATION + 2 * DECIMATION_BYTES;

/** Calls' states begin here, one after the other. */
export const STATES = (CONSTANTS_END + 63) & -64;

/** One call's state, in bytes from its start. A hop of history, then the newest hop. */
export const SAMPLES = 0;
export const NEWEST = SAMPLES + SUMS_BYTES;
/** Predictor: unused, a1 ... a10. */
export const COEFFICIENTS = NEWEST + SUMS_BYTES;
/** Variance per sample that the predictor leaves. */
export const EXPECTED = COEFFICIENTS + LAG_STRIDE * 4;
/** Integers: ring slots of the newest hop, hops counted, silent ones of them in a row. */
export const SLOT = EXPECTED + 4;
export const LAG_SLOT = EXPECTED + 8;
export const HOPS = EXPECTED + 12;
export const SILENT_HOPS = EXPECTED + 16;
/** Bit per ring slot whose tone sums are known: they are computed when somebody asks. */
export const RAW_KNOWN = EXPECTED + 20;
export const INNOVATION_KNOWN = EXPECTED + 24;

/** Results of a description: features, score, powers per sample of the strongest pair's tones over 10 ms. */
export const SCORE = EXPECTED + 28;
export const ROW_POWER = EXPECTED + 32;
export const COLUMN_POWER = EXPECTED + 36;

/** Integers: input samples per core sample, samples in `INPUT`, where the next hop begins there. */
export const FACTOR = EXPECTED + 40;
export const INPUT_FILL = EXPECTED + 44;
export const INPUT_FROM = EXPECTED + 48;
/** Input samples. Shorter runs of zeros are not silence: a tone has a zero now and then. */
export const SILENCE_MIN = 16;
/** Integers: input samples of exact silence up to now, and of the last finished run of it. */
export const SILENCE = EXPECTED + 52;
export const LAST_SILENCE = EXPECTED + 56;
/** Integer: 1 while the innovation and what it needs have not followed the signal. */
export const IS_COLD = EXPECTED + 60;
/** Score of the network that holds a suspicion. */
export const HOLD_SCORE = EXPECTED + 64;
/** Bit per ring slot whose hop ends a segment that is known. */
export const RAW_SEGMENTS_KNOWN = EXPECTED + 68;
export const INNOVATION_SEGMENTS_KNOWN = EXPECTED + 72;

/** The hop's features, then what else the hold network is asked about, written by whoever asks. */
export const FEATURES = EXPECTED + 80;
/** Scratch: the folded hop, tone sums of a window, energies of a window's pairs, arguments of the logarithms. */
export const FOLDED = FEATURES + 80;
export const WINDOW_SUMS = FOLDED + 64;
export const PAIRS = WINDOW_SUMS + 64;
export const BESTS = PAIRS + 64;
export const ENERGIES = BESTS + 32;
/** Scratch: input samples of a hop and its filter's history, by their position modulo the factor. */
export const PHASES = ENERGIES + 32;
export const PHASE_BYTES = 96;

/** Rings by hop: energies, highest squares, samples and sums. */
export const RAW_ENERGY = PHASES + 3 * PHASE_BYTES;
export const INNOVATION_ENERGY = RAW_ENERGY + RING_HOPS * 4;
export const INNOVATION_PEAK = INNOVATION_ENERGY + RING_HOPS * 4;
export const LAG_RING = INNOVATION_PEAK + RING_HOPS * 4;
export const RAW_SAMPLES = LAG_RING + LAG_HOPS * LAG_STRIDE * 4;
export const INNOVATION_SAMPLES = RAW_SAMPLES + RING_HOPS * SUMS_BYTES;
export const RAW_SUMS = INNOVATION_SAMPLES + RING_HOPS * SUMS_BYTES;
export const INNOVATION_SUMS = RAW_SUMS + RING_HOPS * SUMS_BYTES;
/** Rings by a segment's last hop: tone sums and energies of the signal and of its innovation. */
export const RAW_SEGMENTS = INNOVATION_SUMS + RING_HOPS * SUMS_BYTES;
export const INNOVATION_SEGMENTS = RAW_SEGMENTS + RING_HOPS * SUMS_BYTES;
export const RAW_SEGMENT_ENERGY = INNOVATION_SEGMENTS + RING_HOPS * SUMS_BYTES;
export const INNOVATION_SEGMENT_ENERGY = RAW_SEGMENT_ENERGY + RING_HOPS * 4;

/** Evidence for a digit: its features, their score, the strongest pair's key (an integer). */
export const DIGIT = INNOVATION_SEGMENT_ENERGY + RING_HOPS * 4;
export const DIGIT_SCORE = DIGIT + DIGIT_FEATURES * 4;
export const DIGIT_KEY = DIGIT_SCORE + 4;
/** Row, then column: deviation from the nominal frequency in percent, mean level in dBm0, spread of levels in dB. */
export const OFFSETS = DIGIT_KEY + 4;
export const LEVELS = OFFSETS + 8;
export const SPREADS = LEVELS + 8;
/** Amplitude of the newest segment: cosine of row and of column, minus the sines. */
export const PHASORS = SPREADS + 8;
/** Squared amplitudes of the asked key's row and column over the newest 4 ms. */
export const PRESENT = PHASORS + 16;

/** 16 bit input: the decimator's history, what is left of the last frame, one frame, and what vector loads touch. */
export const INPUT = PRESENT + 8;
export const INPUT_SAMPLES = 16 + 48 + 480;
export const STATE_END = INPUT + (INPUT_SAMPLES + 16) * 2;
export const STATE_BYTES = (STATE_END + 63) & -64;

/**
 * What `hops` is told: the predictor keeps its shape; describe all, describe all that is loud; only find digits; a known
 * digit sounds, so that a description is made when asked for.
 */
export const FROZEN = 1;
export const ALERT = 2;
export const THOROUGH = 4;
export const DETECT = 8;
export const SOUNDING = 16;

/** Result of `hops`: how many were taken, and a bit when the last of them was described, or waits for being asked. */
export const DESCRIBED = 256;
export const WAITING = 512;
