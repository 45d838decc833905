import { renderTemplates } from '../../shared/seal/templates.ts';
import { READY, type TemplateAnswer, type TemplateRequest } from './templates.ts';

/**
 * The child process that runs untrusted templates. It has no credentials, no environment and little memory, and the
 * controller kills it when it takes too long. If the controller is killed, this process exits at its next pause: a
 * template takes 100 ms, and native calls in it a few seconds at most.
 */
if (process.send) {
  const send = (answer: TemplateAnswer | typeof READY): void => void process.send?.(answer);
  // Ctrl-C in a terminal reaches this process too, but only the controller ends it.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', ({ templates, items, strict }: TemplateRequest) => {
    const values = new Map([...items].map(([item, value]) => [item, Buffer.from(value)]));
    try {
      const onStart = (item: string): void => send({ started: item });
      send({ rendered: renderTemplates(templates, values, { errorDetail: 'withheld', strict, onStart }) });
    } catch {
      // A bug of the engine. Its error may quote a value, so it is not passed on.
      send({ failed: true });
    }
  });
  send(READY);
}
