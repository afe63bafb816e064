import { describe, expect, it } from 'vitest';
import { AgentMute } from '../../../src/media/agent-mute.ts';

function pass(mute: AgentMute, frames: number): void {
  for (let frame = 0; frame < frames; frame++) mute.passFrame();
}

describe('AgentMute', () => {
  it('is open at first', () => {
    expect(new AgentMute().isMuted).toBe(false);
  });

  it('stays muted for good after an error', () => {
    const mute = new AgentMute();
    expect(mute.raise('error')).toBe(true);
    pass(mute, 100_000);
    expect(mute.isMuted).toBe(true);
    expect(mute.raise('error')).toBe(false);
  });

  it('stays muted for three seconds after the output check heard its last tone', () => {
    const mute = new AgentMute();
    mute.raise('output-check');
    pass(mute, 100);
    expect(mute.raise('output-check')).toBe(false);
    pass(mute, 149);
    expect(mute.isMuted).toBe(true);
    pass(mute, 1);
    expect(mute.isMuted).toBe(false);
  });

  it('stays muted for good after the output check heard tones three times', () => {
    const mute = new AgentMute();
    for (let spell = 0; spell < 3; spell++) {
      expect(mute.raise('output-check')).toBe(true);
      pass(mute, 150);
    }
    pass(mute, 100_000);
    expect(mute.isMuted).toBe(true);
  });

  it('stays muted for one second after overload', () => {
    const mute = new AgentMute();
    mute.raise('overload');
    pass(mute, 49);
    expect(mute.isMuted).toBe(true);
    pass(mute, 1);
    expect(mute.isMuted).toBe(false);
  });

  it('raises the alarm again when an error follows a lesser doubt', () => {
    const mute = new AgentMute();
    mute.raise('overload');
    expect(mute.raise('error')).toBe(true);
  });
});
