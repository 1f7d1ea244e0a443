/** What one run of a peer prints, as one line of JSON after all else, and how it is read. */

export interface PeerRun {
  /** Of the process and the ffmpeg that it started, from the first frame to the last; loading the model is left out. */
  readonly cpuSeconds: number
  readonly seconds: number
  readonly peakBytes: number
  /** One a frame. */
  readonly embeddings: readonly Float32Array[]
}

export function report({ embeddings, ...run }: PeerRun): void {
  console.log(JSON.stringify({ ...run, embeddings: embeddings.map(values => Array.from(values)) }))
}

/** @throws SyntaxError when the last line is no report */
export function readReport(output: string): PeerRun {
  const last = output.trim().split('\n').at(-1) ?? ''
  const run = JSON.parse(last) as Omit<PeerRun, 'embeddings'> & { embeddings: number[][] }
  return { ...run, embeddings: run.embeddings.map(values => Float32Array.from(values)) }
}
