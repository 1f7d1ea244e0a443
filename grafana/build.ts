/** Writes the dashboards and the alert rules: `npx tsx grafana/build.ts`. A test holds the files to what this makes. */

import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { alertsYaml } from './alerts.ts'
import { dashboardJson } from './dashboardJson.ts'
import { DASHBOARDS } from './dashboards.ts'

/** Path in this folder → content, for every file that is made. */
export function buildFiles(): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(
      DASHBOARDS.map(dashboard => [`dashboards/watchword-${dashboard.name}.json`, dashboardJson(dashboard)]),
    ),
    'prometheus/alerts.yml': alertsYaml(),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [path, content] of Object.entries(buildFiles())) writeFileSync(new URL(path, import.meta.url), content)
