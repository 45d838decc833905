#!/usr/bin/env -S node --inspect-port=192.0.2.1:1024
// Node opens a debugger on SIGUSR1, even before the first statement of a program runs. No machine has the address above
// (RFC 5737), so the debugger opens nowhere. `--disable-sigusr1` (22.14, 23.7) would also block the signal itself for good.
import './sigusr1.ts';

// Everything else is loaded after the handler is installed.
await import('./main.ts');
