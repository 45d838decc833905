import { fullName } from '../../shared/api/metadata.ts';
import { showPlace } from '../../shared/api/place.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { visible } from '../../shared/text.ts';
import type { SealedFile } from '../files/sealed-file.ts';
import { SEALED, type BufferItems } from './buffer-text.ts';

/** Returns the lines above the items in the buffer: what is edited, and what a change means. */
export function bufferComment({ document, sealed }: SealedFile, items: BufferItems): readonly string[] {
  const { metadata } = sealed;
  const hasHidden = [...items.values()].includes(undefined);
  return [
    `${visible(showPlace(document.place))}: SealedSecret ${visible(fullName(metadata))}, scope ${scopeOf(metadata.annotations)}`,
    '',
    'Each entry is an item and its value. When the editor closes:',
    '- an item whose value you left as it is keeps its ciphertext, byte for byte;',
    '- an item whose value you replaced, and an item that you added, is sealed;',
    '- an item that you deleted is removed from the file.',
    ...(hasHidden
      ? [`${SEALED} stands for a value that cannot be read here. It stays as long as it says so.`]
      : []),
    '',
    'Every value is text: 8080 and true need no quotes, but put a value in quotes that contains',
    '": " or " #" or begins with one of & * ! | > % @ ` \' " { } [ ] , # ? -. Several lines go behind |.',
    `!!binary marks base64. As text, ${SEALED} is !!binary ${Buffer.from(SEALED).toString('base64')}.`,
    'To change nothing, leave everything as it is, or delete everything.',
    '',
  ];
}
