import type { MaskingAlarmCause } from '../core/masking.ts';
import { FRAMES_PER_SECOND } from './audio-format.ts';

/** After the output check stops hearing tones: longer than any pause between the digits of one number. */
const OUTPUT_CHECK_HOLD_FRAMES = 3 * FRAMES_PER_SECOND;

/** After the last frame that was refused. */
const OVERLOAD_HOLD_FRAMES = FRAMES_PER_SECOND;

/** A gate that let tones through so often will do it again. */
const OUTPUT_CHECK_EPISODES_MAX = 3;

/**
 * Whether the agent hears silence because masking is in doubt. It outlives the caller's socket: connecting again
 * does not turn a doubt into trust. The time is counted in frames, as the audio's own clock.
 */
export class AgentMute {
  #framesLeft = 0;
  #episodes = 0;
  #isForGood = false;

  get isMuted(): boolean {
    return this.#isForGood || this.#framesLeft > 0;
  }

  /** Mutes, or stays muted for longer. True when this doubt is news, and an alarm is due. */
  raise(cause: MaskingAlarmCause): boolean {
    const isNews = !this.isMuted || (cause === 'error' && !this.#isForGood);
    if (cause === 'output-check' && isNews) this.#episodes += 1;
    if (cause === 'error' || this.#episodes >= OUTPUT_CHECK_EPISODES_MAX) this.#isForGood = true;
    const hold = cause === 'overload' ? OVERLOAD_HOLD_FRAMES : OUTPUT_CHECK_HOLD_FRAMES;
    this.#framesLeft = Math.max(this.#framesLeft, hold);
    return isNews;
  }

  /** To be called once per frame that left for the agent. */
  passFrame(): void {
    if (this.#framesLeft > 0) this.#framesLeft -= 1;
  }
}
