import { LEAK_FAMILIES, leakSignal } from '../test/support/dsp/signals/leak-families.ts';
import { masked } from '../test/support/dsp/masked.ts';
for (const f of LEAK_FAMILIES) {
  if (!/m01|m02|m04|m05|m06|m07|m08|m09|m10|m11|m12|m2/.test(f.id)) continue;
  (globalThis as any).peeks = [];
  const s = leakSignal(f, 8000, 901, 20);
  masked(s.clean, 8000);
  const l = (globalThis as any).peeks as { peak: number; f: number[] }[];
  const q = (xs: number[]) => { xs.sort((a, b) => a - b); return [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9].map((p) => xs[Math.floor(p * xs.length)]?.toFixed(2)).join(' '); };
  console.log(f.id.padEnd(16), l.length, 'score', q(l.map((e) => e.peak)), '| f0', q(l.map((e) => e.f?.[0] ?? 0)), '| f1', q(l.map((e) => e.f?.[1] ?? 0)));
}
