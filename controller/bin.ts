#!/usr/bin/env -S node --inspect-port=192.0.2.1:1024
// On SIGUSR1 Node opens a debugger, from before the first statement of a program. No machine has the address above
// (RFC 5737), so it opens nowhere. `--disable-sigusr1` (22.14, 23.7) would block the signal itself too, for good.
import './sigusr1.ts';

// Everything else is loaded only once the handler stands.
await import('./main.ts');
