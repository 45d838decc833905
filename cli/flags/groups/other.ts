import type { FlagDefinition } from '../flag.ts';
import { CERTIFICATE_USERS } from './users.ts';

const GROUP = 'Other:';
const KLOG = {
  group: GROUP,
  help: 'accepted, without effect',
  commands: [],
  hidden: true,
  commandLineOnly: true,
} as const;

/** The flags about anything else. */
export const OTHER_FLAGS = [
  {
    name: 'version',
    kind: 'switch',
    group: GROUP,
    commands: ['version'],
    selects: 'version',
    help: 'print the version',
  },
  {
    name: 'v',
    short: 'v',
    kind: 'text',
    placeholder: 'level',
    group: GROUP,
    commands: CERTIFICATE_USERS,
    commandLineOnly: true,
    help: 'log level; from 1 on, print to stderr which certificate is used',
  },
  { ...KLOG, name: 'vmodule', kind: 'text', placeholder: 'pattern' },
  { ...KLOG, name: 'logtostderr', kind: 'switch' },
  { ...KLOG, name: 'alsologtostderr', kind: 'switch' },
  { ...KLOG, name: 'stderrthreshold', kind: 'text', placeholder: 'severity' },
  { ...KLOG, name: 'log_dir', kind: 'text', placeholder: 'folder' },
  { ...KLOG, name: 'log_file', kind: 'text', placeholder: 'file' },
  { ...KLOG, name: 'log_file_max_size', kind: 'text', placeholder: 'size' },
  { ...KLOG, name: 'log_backtrace_at', kind: 'text', placeholder: 'place' },
  { ...KLOG, name: 'add_dir_header', kind: 'switch' },
  { ...KLOG, name: 'skip_headers', kind: 'switch' },
  { ...KLOG, name: 'skip_log_headers', kind: 'switch' },
  { ...KLOG, name: 'one_output', kind: 'switch' },
  {
    name: 'help',
    short: 'h',
    kind: 'switch',
    group: GROUP,
    commands: [],
    commandLineOnly: true,
    help: 'show this help',
  },
] as const satisfies readonly FlagDefinition[];
