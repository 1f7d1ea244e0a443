/** A past for tests of commands: a real config, a history in memory, and texts whose vectors are known. */

import type { Past } from '../../src/commands/past/openPast.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { NO_MEMORY, type QuietMemory } from '../../src/operators/score.ts'
import type { EncodedFrame, Signal } from '../../src/types.ts'
import { type MemoryHistoryOptions, memoryHistory } from './memoryHistory.ts'

export interface FakePastOptions extends MemoryHistoryOptions {
  /** As in a config file; cameras without a url get one. */
  readonly cameras: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly events?: Readonly<Record<string, unknown>>
  readonly scoring?: 'two-way' | 'softmax'
  readonly memory?: QuietMemory
  readonly adviceOn?: Past['adviceOn']
}

/** Events look like [1, 0], everything else like [0, 1]: `score = sigmoid(10 (x − y))` under the model alone. */
export async function fakePast(signals: readonly Signal<EncodedFrame>[], options: FakePastOptions): Promise<Past> {
  const {
    cameras,
    events = { known: { prompts: ['known'] } },
    scoring = 'two-way',
    memory = NO_MEMORY,
    adviceOn = async () => [],
  } = options
  const withUrls = Object.entries(cameras).map(([camera, keys]) => [camera, { url: 'demo:street', ...keys }])
  const text = JSON.stringify({ model: { scoring }, cameras: Object.fromEntries(withUrls), events })
  const { config } = parseConfig(text, 'fake.yaml', { library: readLibrary(), env: {} })
  const reader = memoryHistory(signals, options)
  return {
    config,
    path: 'fake.yaml',
    dataDir: '/nowhere',
    model: { name: 'fake', sha256: 'f'.repeat(64), variant: 'fake', dim: 2 },
    reader,
    histories: await reader.cameras(),
    texts: async wanted => ({
      variant: 'fake',
      logitScale: 10,
      calibration: { centre: 0, width: 1 },
      events: Object.keys(wanted).map(event => ({
        event,
        positive: Float32Array.of(1, 0),
        contrast: [Float32Array.of(0, 1)],
        levels: null,
      })),
    }),
    adviceOn,
    memoryOf: async () => memory,
    close: () => reader.close(),
  }
}

/** What an image with this score looks like under the model of `fakePast`, before smoothing. */
export function looking(score: number): Float32Array {
  const difference = Math.log(score / (1 - score)) / 10
  const x = (difference + Math.sqrt(2 - difference ** 2)) / 2
  return Float32Array.of(x, x - difference)
}
