/** One party's audio path. In the loopback topology there is a caller leg only. */
export type LegName = 'caller' | 'agent';

/** `two-leg`: caller and agent legs. `loopback`: the caller's audio comes back masked on the same socket. */
export type Topology = 'two-leg' | 'loopback';

export function legsOf(topology: Topology): readonly LegName[] {
  return topology === 'two-leg' ? ['caller', 'agent'] : ['caller'];
}
