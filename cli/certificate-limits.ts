/** The largest certificate to accept, in bytes, and how long fetching it may take, in ms. */
export const CERTIFICATE_LIMITS = { bytes: 1024 * 1024, time: 30_000 };
