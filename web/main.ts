import { startPage } from './view/start.ts';

/** The script of the worker, as `build/web/script.ts` packs it. */
declare const PACKED_WORKER: string;

void startPage(PACKED_WORKER);
