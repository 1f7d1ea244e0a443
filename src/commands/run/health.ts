/** The watchdogs together: the answer to `health_check`, and what `bridge/health` says. */

/** @param watchdogs `watchdog/subject` → ok, warning or critical */
export function healthOf(watchdogs: Readonly<Record<string, string>>) {
  return { healthy: !Object.values(watchdogs).includes('critical'), watchdogs }
}
