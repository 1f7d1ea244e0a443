/** Summary of the health checks: the answer to `health_check`, and the payload of `bridge/health`. */

/** @param states by `check/subject`: ok, warning or critical */
export function healthOf(states: ReadonlyMap<string, string>) {
  return { healthy: ![...states.values()].includes('critical'), checks: Object.fromEntries(states) }
}
