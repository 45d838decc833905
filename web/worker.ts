import { systemClock } from '../shared/clock.ts';
import { makeModel } from './model/model.ts';
import type { Model, Request, Response } from './model/protocol.ts';

/** Answers the requests of the page. It keeps nothing of them. */
export function startWorker(): void {
  const model = makeModel(() => systemClock.now());
  self.onmessage = ({ data }: MessageEvent<Request>) => {
    void answer(model, data).then((response) => self.postMessage(response));
  };
}

/** Returns the answer to a request. */
async function answer(model: Model, request: Request): Promise<Response> {
  const { id } = request;
  switch (request.operation) {
    case 'readCertificate':
      return { id, operation: request.operation, answer: await model.readCertificate(...request.parameters) };
    case 'recognize':
      return { id, operation: request.operation, answer: await model.recognize(...request.parameters) };
    case 'plan':
      return { id, operation: request.operation, answer: await model.plan(...request.parameters) };
    case 'seal':
      return { id, operation: request.operation, answer: await model.seal(...request.parameters) };
  }
}
