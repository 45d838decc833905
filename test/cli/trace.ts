/** The system calls that write to a descriptor, with the descriptor's path, as `strace -f -y` prints them. */
const WRITE = /^\d+ +(?:p?writev?2?|pwrite64|send\w*|vmsplice)\((\d+)<(.*?)>, (.*)$/gm;

/**
 * Returns the paths to which a trace of `strace -f -y` writes a text, as it is or as base64. Pipes and sockets are paths
 * too.
 */
export function writesWith(text: string, trace: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    // Three ways to cut the text into groups of three bytes; the groups at its ends depend on what is around it.
    const cut = Buffer.from('x'.repeat(shift) + text).toString('base64');
    return cut.slice(shift === 0 ? 0 : 4, Math.floor((shift + text.length) / 3) * 4);
  });
  const needles = [text, ...base64.filter((each) => each.length > 5)];
  return [...trace.matchAll(WRITE)].flatMap(([, , path = '', data = '']) =>
    needles.some((needle) => data.includes(needle)) ? [path] : [],
  );
}
