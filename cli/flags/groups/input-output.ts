import type { FlagDefinition } from '../flag.ts';
import { SELECTORS, DRY_RUNNERS, FILE_READERS, PRINTERS } from './users.ts';

const GROUP = 'Input and output:';
const REPORT_FORMAT = 'output format: json or yaml, instead of text';

/** The flags about input and output. */
export const INPUT_OUTPUT_FLAGS = [
  {
    name: 'secret-file',
    short: 'f',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: GROUP,
    commands: FILE_READERS,
    help: 'read from this file instead of stdin (-)',
  },
  {
    name: 'sealed-secret-file',
    short: 'w',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: GROUP,
    commands: [...PRINTERS, 'completion', 'keys backup'],
    help: 'write to this file instead of stdout (-); .yaml and .yml mean YAML',
    helpOf: { 'keys backup': 'write the backup to this file' },
  },
  {
    name: 'format',
    short: 'o',
    kind: 'text',
    placeholder: 'format',
    choices: ['json', 'yaml'],
    choicesOf: { get: ['yaml', 'json', 'env', 'raw'], 'keys list': ['wide', 'json', 'yaml'] },
    anyCase: true,
    group: GROUP,
    commands: [
      'create',
      'seal',
      'merge-into',
      're-encrypt',
      'recovery-unseal',
      'get',
      'diff',
      'explain',
      'keys list',
    ],
    help: 'output format: json or yaml (default: json; a file that is changed in place keeps its format)',
    helpOf: {
      create: 'output format: json or yaml (default: yaml)',
      diff: REPORT_FORMAT,
      explain: REPORT_FORMAT,
      'keys list': 'output format: wide, json or yaml, instead of a narrow table',
      get: 'output format: yaml, json, env (for a shell) or raw (default: raw for one item, otherwise yaml)',
    },
  },
  {
    name: 'document',
    kind: 'text',
    isNumber: true,
    placeholder: 'number',
    group: GROUP,
    commands: SELECTORS,
    help: 'which document of the file, from 1, if it holds several SealedSecrets',
  },
  {
    name: 'git',
    kind: 'text',
    placeholder: 'revision',
    group: GROUP,
    commands: ['diff'],
    commandLineOnly: true,
    help: 'compare with this revision of the file in its Git repository',
  },
  {
    name: 'dry-run',
    kind: 'switch',
    group: GROUP,
    commands: [...DRY_RUNNERS, 'keys restore'],
    help: 'change no file; print what would change',
    helpOf: { 'keys restore': 'create no Secret; print what would be restored' },
  },
  {
    name: 'allow-disk',
    kind: 'switch',
    group: GROUP,
    commands: ['edit'],
    help: 'put the values on disk while the editor is open, if there is no folder in memory',
  },
  {
    name: 'force',
    kind: 'switch',
    group: GROUP,
    commands: ['create', 'keys backup'],
    help: 'replace the file of -w if it exists',
  },
] as const satisfies readonly FlagDefinition[];
