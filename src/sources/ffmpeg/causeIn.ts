/** Finds the line of ffmpeg's last lines that says why it failed. */

/** Lines that only say that something failed. The last line is mostly one of them. */
const SAYS_NOTHING =
  /^(Error (marking filters as finished|while decoding stream|while filtering|while processing|submitting|initializing|reinitializing|sending|opening|splitting|retrieving|parsing)|Invalid data found when processing input|Conversion failed|Nothing was written|Terminating|Task finished|Decoding error|Could not open encoder|Failed to inject frame|Finishing stream|Filtering and streaming|Error number|Output file)/i

/** Without ffmpeg's addresses and the path. undefined when ffmpeg said nothing. */
export function causeIn(lastLines: readonly string[], path: string): string | undefined {
  const lines = lastLines.map(line => line.replace(/^(\[[^\]]* @ 0x[0-9a-f]+\] )+/, '').replace(`file:${path}: `, ''))
  return lines.findLast(line => !SAYS_NOTHING.test(line)) ?? lines.at(-1)
}
