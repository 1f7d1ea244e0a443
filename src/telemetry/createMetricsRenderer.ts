/** All metrics as text. */

import type { Registry } from 'prom-client'
import { messageOf } from '../util/errors.ts'

/**
 * Requests that come while a text is being made get the same one. A metric that cannot be read (no /proc, no free file
 * descriptor) is left out, and the others are served.
 * @param failed called with each metric that is left out, and why
 */
export function createMetricsRenderer(registry: Registry, failed: (metric: string, error: string) => void) {
  let running: Promise<string> | null = null
  const one = async (name: string): Promise<string> => {
    try {
      return await registry.getSingleMetricAsString(name)
    } catch (error) {
      failed(name, messageOf(error))
      return ''
    }
  }
  const all = async () => {
    const texts = await Promise.all(registry.getMetricsAsArray().map(({ name }) => one(name)))
    return `${texts.filter(text => text !== '').join('\n\n')}\n`
  }
  return (): Promise<string> => {
    running ??= all().finally(() => {
      running = null
    })
    return running
  }
}
