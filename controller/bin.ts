#!/usr/bin/env -S node --inspect-port=192.0.2.1:1024
// On SIGUSR1 Node opens a debugger, from before the first statement of a program. No machine has the address above
// (RFC 5737), so it opens nowhere; `--disable-sigusr1` says the same where a Node has it (22.14, 23.7).
import './sigusr1.ts';

// Everything else is loaded only once the handler stands.
await import('./main.ts');
