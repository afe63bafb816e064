import { RATE_HZ } from '../media/media-format.ts';

/** The microphone as 16 bit samples at the call's rate, until `stop`. Rejects if the browser or the person refuses. */
export async function listenToMicrophone(onSamples: (samples: Int16Array) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext({ sampleRate: RATE_HZ });
  await context.audioWorklet.addModule(new URL('./microphone-worklet.js', import.meta.url).href);
  const tap = new AudioWorkletNode(context, 'microphone-tap', { numberOfOutputs: 0 });
  tap.port.addEventListener('message', ({ data }: MessageEvent<Int16Array>) => onSamples(data));
  tap.port.start();
  context.createMediaStreamSource(stream).connect(tap);
  return () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
}
