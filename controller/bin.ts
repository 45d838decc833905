#!/usr/bin/env -S node --inspect-port=192.0.2.1:1024 --max-semi-space-size=1
// Node opens a debugger on SIGUSR1, even before the first statement of a program runs. No machine has the address above
// (RFC 5737), so the debugger opens nowhere. `--disable-sigusr1` (22.14, 23.7) would also block the signal itself for good.
// A semi-space of 1 MiB keeps the young generation small. By default Node 24 lets it grow to 96 MiB, with which an attack
// reached 515 MiB, more than the chart's limit. The image sets the flag in NODE_OPTIONS.
import './sigusr1.ts';

// Everything else is loaded after the handler is installed.
await import('./main.ts');
