import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Polls until the condition holds. Only for tests with real processes; the others run on virtual time.
 * @param expected what the condition means, for the error message: "the camera is online"
 * @throws after `timeoutMs`
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  expected: string,
  timeoutMs = 30_000,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Timed out after ${timeoutMs} ms: expected that ${expected}`)
    await sleep(20)
  }
}
