import { startWorker } from './worker.ts';

// Otherwise the page would wait until its deadline, and the console would show an error that may quote a value.
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  throw new Error('the worker broke');
});

startWorker();
