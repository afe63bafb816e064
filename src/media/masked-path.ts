import type { DigitCode } from '../core/digit.ts';
import type { MaskingAlarmCause, Sensitivity } from '../core/masking.ts';
import type { Masker, MaskerObserver } from '../dsp/masker.ts';
import type { OutputGuard } from '../dsp/output-guard.ts';
import type { AgentMute } from './agent-mute.ts';
import { FRAME_MS } from './audio-format.ts';
import type { RateConverter } from './rate-converter.ts';

/** How long the mask sounds for a key that the platform told of and the audio did not have. */
const TOLD_KEY_COVER_MS = 100;

/** A key heard this shortly before is taken for the one that is told: the mask has sounded for it already. */
const HEARD_BEFORE_TOLD_FRAMES = 1000 / FRAME_MS;

/** A key held across the take-over of a path is heard again within the 40 ms that its report takes, and some. */
const TAKE_OVER_FRAMES = 80 / FRAME_MS;

/** The stages of the path, in the order in which audio passes them. */
export interface MaskedPathStages {
  readonly masker: Pick<
    Masker,
    'process' | 'setSensitivity' | 'setArmed' | 'coverEvent' | 'reportGap' | 'wipe'
  >;
  /** Null when both legs have the same rate. */
  readonly converter: Pick<RateConverter, 'process' | 'wipe'> | null;
  /** Listens to what would leave for the agent; true for a frame in which it hears a key's tones. */
  readonly guard: Pick<OutputGuard, 'check' | 'wipe'>;
}

export interface MaskedPathObserver {
  digitHeard(code: DigitCode): void;
  digitReleased(code: DigitCode): void;
  maskingChanged(isMasking: boolean): void;
  /** Masking is in doubt; the agent's frames are silent from this one on. Called once per spell of doubt. */
  doubted(cause: MaskingAlarmCause, error: unknown): void;
}

/**
 * Caller audio on its way to the agent: frame in, frame out, without anything that tells a key. Whatever goes wrong
 * inside leaves silence in the output.
 */
export class MaskedPath implements MaskerObserver {
  readonly #inputSamples: number;
  readonly #stages: MaskedPathStages;
  readonly #observer: MaskedPathObserver;
  readonly #mute: AgentMute;
  /** The masker's output when it is not yet the agent's rate. */
  readonly #masked: Int16Array;
  #isArmed = true;
  #isBroken = false;
  #isMasking = false;
  #heldDigit: DigitCode | null = null;
  /** A key that was held down when this path took over from another one: it has been reported already. */
  #inheritedDigit: DigitCode | null;
  #framesSinceStart = 0;
  #framesSinceDigit = Infinity;

  constructor(
    inputSamples: number,
    mute: AgentMute,
    observer: MaskedPathObserver,
    makeStages: (observer: MaskerObserver) => MaskedPathStages,
    heldDigit: DigitCode | null = null,
  ) {
    this.#inputSamples = inputSamples;
    this.#observer = observer;
    this.#mute = mute;
    this.#inheritedDigit = heldDigit;
    this.#stages = makeStages(this);
    this.#masked = new Int16Array(this.#stages.converter === null ? 0 : inputSamples);
  }

  /** The key that sounds now. */
  get heldDigit(): DigitCode | null {
    return this.#heldDigit;
  }

  setSensitivity(sensitivity: Sensitivity): void {
    this.#stages.masker.setSensitivity(sensitivity);
  }

  setArmed(isArmed: boolean): void {
    this.#isArmed = isArmed;
    this.#stages.masker.setArmed(isArmed);
    this.#stages.guard.wipe();
  }

  /** One frame of the caller's rate into one frame of the agent's rate. Never throws. */
  process(input: Int16Array, output: Int16Array): void {
    try {
      if (!this.#isBroken) this.#render(input, output);
    } catch (error) {
      this.#isBroken = true;
      this.#doubt('error', error);
    }
    if (this.#isBroken || this.#mute.isMuted) output.fill(0);
    this.#mute.passFrame();
  }

  /** A frame of the caller was unusable, and the agent gets silence in its place. */
  skip(): void {
    this.#stages.masker.reportGap(this.#inputSamples);
    this.#mute.passFrame();
  }

  /** A frame of the caller was refused. Tones may be missing their beginnings: the agent side is muted. */
  lose(): void {
    this.#stages.masker.reportGap(this.#inputSamples);
    this.#doubt('overload', null);
  }

  /** The platform told of a key. Its tone, if it had one, has been heard already. */
  coverToldKey(): void {
    if (!this.#isArmed) return;
    const wasHeard = this.#heldDigit !== null || this.#framesSinceDigit <= HEARD_BEFORE_TOLD_FRAMES;
    if (!wasHeard) this.#stages.masker.coverEvent(TOLD_KEY_COVER_MS);
  }

  /** Zeroes everything that held the caller's audio, and ends what was going on. */
  end(): void {
    this.#stages.masker.wipe();
    this.#stages.converter?.wipe();
    this.#stages.guard.wipe();
    this.#masked.fill(0);
    this.#isBroken = true;
    if (this.#isMasking) this.maskEnded();
    if (this.#heldDigit !== null) this.digitEnded(this.#heldDigit);
  }

  digitStarted(code: DigitCode): void {
    const isInherited = code === this.#inheritedDigit && this.#framesSinceStart <= TAKE_OVER_FRAMES;
    this.#inheritedDigit = null;
    this.#heldDigit = code;
    if (!isInherited) this.#observer.digitHeard(code);
  }

  digitEnded(code: DigitCode): void {
    this.#heldDigit = null;
    this.#framesSinceDigit = 0;
    this.#observer.digitReleased(code);
  }

  maskStarted(): void {
    this.#isMasking = true;
    this.#observer.maskingChanged(true);
  }

  maskEnded(): void {
    this.#isMasking = false;
    this.#observer.maskingChanged(false);
  }

  #render(input: Int16Array, output: Int16Array): void {
    const { masker, converter, guard } = this.#stages;
    this.#framesSinceDigit += 1;
    this.#framesSinceStart += 1;
    if (converter === null) masker.process(input, output);
    else {
      masker.process(input, this.#masked);
      converter.process(this.#masked, output);
    }
    if (this.#isArmed && guard.check(output)) this.#doubt('output-check', null);
  }

  #doubt(cause: MaskingAlarmCause, error: unknown): void {
    if (this.#mute.raise(cause)) this.#observer.doubted(cause, error);
  }
}
