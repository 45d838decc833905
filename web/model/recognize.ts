import { isUtf16, refuseUtf16 } from '../../shared/api/utf16.ts';
import { isUtf8, utf8Text } from '../../shared/bytes.ts';
import { firstPem } from '../../shared/crypto/pem.ts';
import { fail as failFile } from '../../shared/file-errors.ts';
import { envItems, isEnvName, looksLikeEnv } from './env.ts';
import { isManifestName, readManifest } from './manifest.ts';
import { errorAt, thrownAt, warningAt } from './messages.ts';
import { MAX_PASTED } from './pasted-limit.ts';
import { holdsPrivateKey } from './private-keys.ts';
import { sourceOf } from './sources.ts';
import type { Message, Pasted, Recognized } from './types.ts';

/** Says what a pasted or dropped text or file is. What is wrong with it is part of the answer. */
export function recognize(file: Pasted): Recognized {
  try {
    return recognized(file);
  } catch (error) {
    return { kind: 'refused', message: thrownAt({ name: 'file' }, error) };
  }
}

function recognized(file: Pasted): Recognized {
  const { bytes, fileName } = file;
  const source = sourceOf(file);
  if (bytes.length > MAX_PASTED) failFile({ code: 'TooLarge', at: source, limit: '16 MiB' });
  // PowerShell writes UTF-16. A binary file can begin like it.
  const isText = fileName === undefined || isManifestName(fileName) || isEnvName(fileName);
  if (isText && isUtf16(bytes)) refuseUtf16(bytes, source);
  if (!isUtf8(bytes)) return oneItem(file);
  const text = utf8Text(bytes);
  if (fileName !== undefined && isEnvName(fileName)) return envItems(file);
  const manifest = readManifest(file, text);
  if (manifest !== undefined) return manifest;
  if (holdsPrivateKey(text)) return privateKey(file);
  if (firstPem(text, ['CERTIFICATE']) !== undefined) return { kind: 'certificate' };
  return fileName === undefined && looksLikeEnv(text) ? envItems(file) : oneItem(file);
}

/** A private key in a file may be an item. One that was pasted is most likely a mistake: the page needs none itself. */
function privateKey(file: Pasted): Recognized {
  const source = sourceOf(file);
  if (file.fileName === undefined) {
    const text = `${source} holds a private key: if an application needs it, choose "Fill in", and enter it as a value`;
    return { kind: 'refused', message: errorAt({ name: 'file' }, text) };
  }
  const text = `${source} holds a private key: seal it only if an application needs it, and never a sealing key`;
  return oneItem(file, [warningAt({ name: 'item-value', index: 0 }, text)]);
}

/** A whole file is one item with its name; a pasted text has none yet. */
function oneItem({ bytes, fileName }: Pasted, messages: readonly Message[] = []): Recognized {
  return { kind: 'items', items: [{ name: fileName ?? '', value: bytes }], messages };
}
