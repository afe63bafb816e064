import { describe, expect, it } from 'vitest';
import { masked } from '../support/dsp/masked.ts';
import { DETECTION_ITEMS } from '../support/dsp/signals/detection-items.ts';
import { isMet, scoreReports } from '../support/dsp/signals/requirement.ts';

/**
 * Goal: the receiver that ITU-T Q.24, ETSI ES 201 235-3, Telcordia GR-506 and the MITEL CM7291 procedure describe.
 * Method: each item of theirs at its limit, two presses of every key, sweeps in full, at 8 and 16 kHz. The full run
 * (`npm run conformance`) has five times the presses, more seeds, recorded voices, codecs and SpanDSP beside it.
 */

const PRESSES_PER_KEY = 2;

/** What needs neither another program nor recordings, and what a document demands. */
const QUICK_ITEMS = DETECTION_ITEMS.filter(
  ({ id, codec, requirement }) =>
    !id.startsWith('d01') &&
    (codec === undefined || codec === 'ulaw' || codec === 'alaw') &&
    requirement.kind !== 'none' &&
    requirement.kind !== 'at least',
);

describe.each([8000, 16_000] as const)('the receiver at %i Hz', (rateHz) => {
  it.each(QUICK_ITEMS)('meets $id: $what', ({ make, requirement }) => {
    const { samples, presses } = make(rateHz, 1, PRESSES_PER_KEY);
    const { digits } = masked(samples, rateHz, {}, [rateHz / 1000]);
    const reports = digits.map(({ digit, reportedAt }) => ({ digit, sample: reportedAt }));
    const score = scoreReports(presses, reports, rateHz, requirement);
    expect({ isMet: isMet(score, requirement), score }).toMatchObject({ isMet: true });
  });
});

describe('the items', () => {
  it('cover every part of the documents', () => {
    const parts = new Set(QUICK_ITEMS.map(({ id }) => id.slice(0, 3)));
    expect([...parts]).toEqual(
      'a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a11 a12 a13 a14 a16 b03 b04 b05 b06 c01 c02 c03 d02 d03 d04 d05 d06 d07'.split(
        ' ',
      ),
    );
  });
});
