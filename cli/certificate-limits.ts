/** The largest certificate to accept, in bytes, and how long fetching it may take, in ms. */
export const CERTIFICATE_LIMITS = { bytes: 1024 * 1024, time: 30_000 };

/** The most certificates of a file: that of the newest key and older ones, which tell the keys of the cluster. */
export const MAX_CERTIFICATES = 32;
