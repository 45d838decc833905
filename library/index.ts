/**
 * Seals Secrets for Sealed Secrets, and unseals them with the private keys.
 *
 * @packageDocumentation
 */
export * from './browser.ts';
export { parsePrivateKey, type ParsePrivateKeyOptions, type PrivateKey } from './private-key.ts';
export { unseal, type UnsealOptions } from './unseal.ts';
