import { parentPort } from 'node:worker_threads';
import { renderTemplates } from '../../shared/seal/templates.ts';
import { READY, type TemplateAnswer, type TemplateRequest } from './templates.ts';

/**
 * The thread that runs what others wrote: it has no credentials, no environment and little memory, and is ended
 * from outside when it takes too long.
 */
if (parentPort) {
  const port = parentPort;
  const say = (answer: TemplateAnswer): void => port.postMessage(answer);
  port.on('message', ({ templates, items }: TemplateRequest) => {
    const values = new Map([...items].map(([item, value]) => [item, Buffer.from(value)]));
    say({ rendered: renderTemplates(templates, values, 'withheld', (item) => say({ started: item })) });
  });
  port.postMessage(READY);
}
