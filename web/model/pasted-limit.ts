/** The largest text or file that is read, in bytes: sixteen times what a Secret can hold. */
export const MAX_PASTED: number = 16 * 1024 * 1024;
