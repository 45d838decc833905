import { renderTemplates } from '../../shared/seal/templates.ts';
import { READY, type TemplateAnswer, type TemplateRequest } from './templates.ts';

/**
 * The process that runs templates, which others wrote. It has no credentials, no environment and little memory, and is
 * killed from outside when it takes too long. Should the controller be killed, this process ends at its next pause: a
 * template takes 100 ms, and the native calls in it a few seconds at most.
 */
if (process.send) {
  const say = (answer: TemplateAnswer | typeof READY): void => void process.send?.(answer);
  // A terminal sends Ctrl-C to all processes; the controller decides when this one ends.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', ({ templates, items, strict }: TemplateRequest) => {
    const values = new Map([...items].map(([item, value]) => [item, Buffer.from(value)]));
    try {
      const starts = (item: string): void => say({ started: item });
      say({ rendered: renderTemplates(templates, values, 'withheld', { strict, starts }) });
    } catch {
      // A defect of the engine. Its error may quote what it failed on, so it stays here.
      say({ failed: true });
    }
  });
  say(READY);
}
