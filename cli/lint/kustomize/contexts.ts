import type { ContextOf } from '../run.ts';
import { Kustomizations } from './destinations.ts';

/** Adds to what is known about files where the kustomizations of their repositories put their objects. */
export function withKustomizations(contextOf: ContextOf): ContextOf {
  const kustomizations = new Kustomizations();
  return async (file) => {
    const context = await contextOf(file);
    if (context === 'excluded' || file === undefined) return context;
    return { ...context, destinationsOf: (object) => kustomizations.destinationsOf(file, object) };
  };
}
