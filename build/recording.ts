/**
 * Records the daily commands on a terminal: the recording as asciicast, and an animated SVG of it, both under
 * `docs/recording`. Needs bash, git and the `script` of util-linux.
 */
import { writeFileSync } from 'node:fs';
import { formatCast } from './recording/cast.ts';
import { CAST_FILE, recordDaily, SVG_FILE } from './recording/daily.ts';
import { renderSvg } from './recording/svg.ts';

const cast = await recordDaily();
writeFileSync(CAST_FILE, formatCast(cast));
writeFileSync(SVG_FILE, renderSvg(cast));
console.log(`wrote ${CAST_FILE} and ${SVG_FILE}`);
