import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { pathOf, readYamlDocuments } from '../support/deploy-files.ts';

/**
 * Goal: what is in deploy/kubernetes is accepted by Kubernetes and keeps the promises of the runbook.
 * Method: the schemas of Kubernetes' own API, which ignore unknown keys; those are found by the compiler, which
 * checks the manifests as literals of the API's types.
 */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const MODELS = {
  ConfigMap: { model: ConfigMap, module: 'kubernetes-models/v1/ConfigMap' },
  Service: { model: Service, module: 'kubernetes-models/v1/Service' },
  NetworkPolicy: { model: NetworkPolicy, module: 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy' },
  PodDisruptionBudget: {
    model: PodDisruptionBudget,
    module: 'kubernetes-models/policy/v1/PodDisruptionBudget',
  },
  StatefulSet: { model: StatefulSet, module: 'kubernetes-models/apps/v1/StatefulSet' },
};

const files = globSync('deploy/kubernetes/*.yaml', { cwd: pathOf('.') });
const manifests = files.flatMap((file) => readYamlDocuments<Manifest>(file));
const [statefulSet] = manifests.filter(({ kind }) => kind === 'StatefulSet') as unknown as IStatefulSet[];
const pod = statefulSet?.spec?.template.spec;
const container = pod?.containers[0];

/** What the compiler says about manifests with keys that the API does not have. */
function unknownKeys(candidates: readonly Manifest[]): string {
  const cache = pathOf('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'manifests-'));
  try {
    const lines = candidates.map(({ kind, ...rest }, index) => {
      const { module } = MODELS[kind as keyof typeof MODELS];
      return `export const m${index}: import('${module}').I${kind} = ${JSON.stringify({ kind, ...rest })};`;
    });
    const file = join(folder, 'manifests.ts');
    writeFileSync(file, lines.join('\n'));
    const tsc = pathOf('node_modules/.bin/tsc');
    const flags = '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target esnext'.split(
      ' ',
    );
    return spawnSync(process.execPath, [tsc, ...flags, file], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the Kubernetes manifests', () => {
  it('are of kinds that are checked here', () => {
    expect(manifests.length).toBeGreaterThanOrEqual(6);
    expect(manifests.map(({ kind }) => kind).filter((kind) => !(kind in MODELS))).toEqual([]);
  });

  it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    'fit the schema: %s',
    (_, manifest) => {
      const { model } = MODELS[manifest.kind as keyof typeof MODELS];
      const instance = new (model as unknown as new (data: object) => { validate(): void })(manifest);
      expect(() => instance.validate()).not.toThrow();
    },
  );

  it('have no key that the API does not know', () => {
    expect(unknownKeys(manifests)).toBe('');
    // The same check finds one.
    expect(unknownKeys([{ ...manifests[0]!, metadata: { name: 'x', nmae: 'y' } as never }])).toContain(
      'nmae',
    );
  });

  it('run without root, without privileges, on a root file system that is only read', () => {
    expect(pod?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod?.automountServiceAccountToken).toBe(false);
  });

  it('ask for life, readiness and start at their own addresses, and restart late', () => {
    expect(container?.livenessProbe?.httpGet?.path).toBe('/healthz');
    expect(container?.readinessProbe?.httpGet?.path).toBe('/readyz');
    expect(container?.startupProbe?.httpGet?.path).toBe('/startupz');
    const { periodSeconds = 0, failureThreshold = 0 } = container?.livenessProbe ?? {};
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(30);
  });

  it('give a drain the time that it may take', () => {
    const drainSeconds = parseConfig({ TONEWALL_API_KEYS: `a:${'b'.repeat(24)}` }, () => '').drainMs / 1000;
    // 120 s for open payments, 160 s for charges under way, 30 s to spare.
    const preStopSeconds = container?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    expect(preStopSeconds).toBeGreaterThanOrEqual(5);
    expect(pod?.terminationGracePeriodSeconds).toBe(preStopSeconds + drainSeconds + 120 + 160 + 30);
  });

  it('set variables that the configuration takes, with profiles that it takes', () => {
    const env = Object.fromEntries(
      (container?.env ?? []).map(({ name, value }) => [name, value ?? `a:${'b'.repeat(24)}`]),
    );
    const [profiles] = manifests.filter(({ kind }) => kind === 'ConfigMap') as unknown as ConfigMap[];
    const config = parseConfig(env, () => profiles?.data?.['profiles.json'] ?? '');
    expect(config.profiles.map(({ id }) => id)).toEqual(['card-gbp']);
  });

  it('reach a pod that is not ready, which still owns its calls', () => {
    const services = manifests.filter(({ kind }) => kind === 'Service') as unknown as Service[];
    expect(services.map(({ spec }) => spec?.publishNotReadyAddresses)).toEqual([true, true]);
    expect(services.map(({ metadata }) => metadata?.name)).toContain(statefulSet?.spec?.serviceName);
  });
});
