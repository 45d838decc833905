import { base64Bytes } from '../../shared/bytes.ts';
import type { Response as Answer } from '../model/protocol.ts';
import { trustedScriptUrl } from './trusted-types.ts';
import type { WorkerModelOptions } from './worker-model.ts';

/**
 * Unpacks the script of the worker, and returns a function that starts workers with it. The script comes from a blob: a
 * page from a file cannot load another file, and the policy allows nothing else.
 *
 * @param packed the script in UTF-8, as raw DEFLATE in base64
 */
export async function workerStarter(packed: string): Promise<WorkerModelOptions['start']> {
  const stream = new Blob([base64Bytes(packed)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const script = new Blob([await new Response(stream).arrayBuffer()], { type: 'text/javascript' });
  const url = trustedScriptUrl(URL.createObjectURL(script));
  return ({ onResponse, onBroken }) => {
    const worker = new Worker(url);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => onResponse(data);
    worker.onerror = onBroken;
    worker.onmessageerror = onBroken;
    return worker;
  };
}
