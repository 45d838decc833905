/** Names a cluster after the file of its certificate, without the ending. */
export function clusterName(fileName = 'certificate'): string {
  return fileName.replace(/\.(?:pem|crt|cert|cer)$/i, '') || fileName;
}
