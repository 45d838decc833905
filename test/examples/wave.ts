import { at } from '../control-plane/admin-client.ts';

const WAVE = 'argocd.argoproj.io/sync-wave';
/** The kinds that Argo CD applies first in a wave. */
const FIRST = ['Namespace', 'ServiceAccount', 'CustomResourceDefinition'];

/** Returns the objects in the waves of their annotations, the lowest first, in the order in which Argo CD applies them. */
export function inWaves(objects: readonly object[]): readonly (readonly object[])[] {
  const waves = new Map<number, object[]>();
  for (const object of objects) {
    const wave = Number(at(object, 'metadata', 'annotations', WAVE) ?? 0);
    waves.set(wave, [...(waves.get(wave) ?? []), object]);
  }
  const isFirst = (object: object): number => Number(FIRST.includes(String(at(object, 'kind'))));
  return [...waves]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => members.sort((a, b) => isFirst(b) - isFirst(a)));
}
