import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/core/metric-catalogue.ts';
import { metricsTable } from '../../../src/telemetry/metrics-table.ts';
import { PrometheusMeter } from '../../../src/telemetry/prometheus-meter.ts';

describe('PrometheusMeter', () => {
  it('exports every metric of the catalogue, with help and type', async () => {
    const text = await new PrometheusMeter().text();
    const names = Object.keys(METRICS);
    expect(names.length).toBeGreaterThan(20);
    for (const [name, metric] of Object.entries(METRICS)) {
      expect(text).toContain(`# HELP tonewall_${name} ${metric.help}`);
      expect(text).toContain(`# TYPE tonewall_${name} ${metric.type}`);
    }
  });

  it('exports series with closed labels as 0 before anything happened', async () => {
    const text = await new PrometheusMeter().text();
    for (const series of [
      'tonewall_digits_total{source="inband"} 0',
      'tonewall_media_frames_total{leg="agent",dir="out"} 0',
      'tonewall_failclosed_total{cause="overload"} 0',
      'tonewall_calls 0',
      'tonewall_payment_seconds_count{provider="simulator",step="charge"} 0',
      'tonewall_media_process_seconds_count 0',
    ]) {
      expect(text.split('\n')).toContain(series);
    }
  });

  it('exports no series of open labels before one was used', async () => {
    const text = await new PrometheusMeter().text();
    expect(text).not.toMatch(/^tonewall_http_requests_total/m);
    expect(text).not.toMatch(/^tonewall_calls_total/m);
  });

  it('adds to one series, whoever holds a handle and in whatever order the labels were given', async () => {
    const meter = new PrometheusMeter();
    meter.counter('media_frames_total', { leg: 'caller', dir: 'in' }).add(2);
    meter.counter('media_frames_total', { dir: 'in', leg: 'caller' }).add(3);
    const text = await meter.text();
    expect(text.split('\n')).toContain('tonewall_media_frames_total{leg="caller",dir="in"} 5');
    expect(text.match(/leg="caller",dir="in"/g)).toHaveLength(1);
  });

  it('counts on after it was read', async () => {
    const meter = new PrometheusMeter();
    const counter = meter.counter('digits_total', { source: 'event' });
    counter.add(1);
    await meter.text();
    counter.add(1);
    expect(await meter.text()).toContain('tonewall_digits_total{source="event"} 2');
  });

  it('sets and moves a gauge', async () => {
    const meter = new PrometheusMeter();
    const gauge = meter.gauge('calls', {});
    gauge.set(5);
    gauge.add(-2);
    expect((await meter.text()).split('\n')).toContain('tonewall_calls 3');
  });

  it('sorts observations into the catalogue buckets', async () => {
    const meter = new PrometheusMeter();
    meter.histogram('media_process_seconds', {}).observe(0.0003);
    const lines = (await meter.text()).split('\n');
    expect(lines).toContain('tonewall_media_process_seconds_bucket{le="0.0002"} 0');
    expect(lines).toContain('tonewall_media_process_seconds_bucket{le="0.0005"} 1');
    expect(lines).toContain('tonewall_media_process_seconds_sum 0.0003');
  });

  it('counts a value on a bound below it, one above all bounds in all, and adds processes up', async () => {
    const meters = [new PrometheusMeter(), new PrometheusMeter()] as const;
    const { buckets } = METRICS.http_request_seconds;
    for (const meter of meters) {
      const histogram = meter.histogram('http_request_seconds', { route: '/v1/calls' });
      histogram.observe(buckets[0]);
      histogram.observe(1000);
    }
    const lines = (await meters[0].textWith([await meters[1].snapshot()])).split('\n');
    const name = 'tonewall_http_request_seconds';
    expect(lines.filter((line) => line.startsWith(name))).toEqual([
      ...buckets.map((le) => `${name}_bucket{le="${le}",route="/v1/calls"} 2`),
      `${name}_bucket{le="+Inf",route="/v1/calls"} 4`,
      `${name}_sum{route="/v1/calls"} ${2 * (buckets[0] + 1000)}`,
      `${name}_count{route="/v1/calls"} 4`,
    ]);
    expect(lines).toContain(`# TYPE ${name} histogram`);
  });

  it('refuses an observation that is no number', () => {
    const histogram = new PrometheusMeter().histogram('media_process_seconds', {});
    expect(() => histogram.observe(Number.NaN)).toThrow('an observation is a number');
  });

  it('refuses to lower a counter', () => {
    const counter = new PrometheusMeter().counter('digits_total', { source: 'event' });
    expect(() => counter.add(-1)).toThrow('a counter only rises');
    expect(() => counter.add(Number.NaN)).toThrow('a counter only rises');
  });

  it('blots out a card number in a label and counts it', async () => {
    const meter = new PrometheusMeter();
    meter.counter('calls_total', { topology: 'two-leg', reason: '4111111111111111' }).add(1);
    const text = await meter.text();
    expect(text).toContain('reason="****************"');
    expect(text).toContain('tonewall_digit_leak_blocked_total{sink="metric"} 1');
  });

  it('exports the process metrics of Node', async () => {
    const text = await new PrometheusMeter().text();
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
  });
});

describe('metricsTable', () => {
  it('has one row per metric, with its type, labels and meaning', () => {
    const rows = metricsTable().split('\n');
    expect(rows).toHaveLength(Object.keys(METRICS).length + 2);
    expect(rows).toContain(
      '| `tonewall_digits_total` | counter | `source` (inband, event) | Key presses, by where they were noticed first. |',
    );
    expect(rows).toContain('| `tonewall_calls` | gauge | – | Calls that are open now. |');
  });
});
