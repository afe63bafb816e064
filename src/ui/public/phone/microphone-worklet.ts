/** What an audio worklet has and the types of a window do not. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** Passes what the microphone hears to the page, as 16 bit samples. */
class MicrophoneTap extends AudioWorkletProcessor {
  process([input]: readonly (readonly Float32Array[])[]): boolean {
    const samples = input?.[0];
    if (samples !== undefined) {
      this.port.postMessage(
        Int16Array.from(samples, (sample) => Math.round(32767 * Math.min(1, Math.max(-1, sample)))),
      );
    }
    return true;
  }
}

registerProcessor('microphone-tap', MicrophoneTap);
