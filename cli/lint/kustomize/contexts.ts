import type { ContextOf } from '../run.ts';
import { Kustomizations } from './destinations.ts';

/** Adds to what is known about files what the kustomizations of their repositories make of their objects. */
export function withKustomizations(contextOf: ContextOf): ContextOf {
  const kustomizations = new Kustomizations();
  return async (file) => {
    const context = await contextOf(file);
    if (context === 'excluded' || file === undefined) return context;
    return {
      ...context,
      destinationsOf: (object) => kustomizations.destinationsOf(file, object),
      plainFilesOf: (object) => kustomizations.plainFilesOf(file, object),
      isPatch: () => kustomizations.isPatch(file),
    };
  };
}
