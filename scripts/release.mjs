// Makes a release: node scripts/release.mjs 0.2.0 [--dry-run]
// Sets the version wherever it stands, dates the changelog, commits and tags. Pushing the tag publishes it
// (.github/workflows/release.yml: npm with provenance).
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const [version = '', ...flags] = process.argv.slice(2)
const isDryRun = flags.includes('--dry-run')
const day = new Date().toISOString().slice(0, 10)

/** File → its text with the new version. */
const CHANGES = {
  'package.json': text => replaced(text, /("version": ")[^"]+/, `$1${version}`, 'package.json'),
  'package-lock.json': lockWith,
  'CHANGELOG.md': changelogWith,
  'packaging/home-assistant/watchword/config.yaml': text =>
    replaced(text, /^version: .*$/m, `version: "${version}"`, 'config.yaml of the add-on'),
  'packaging/home-assistant/watchword/build.yaml': text =>
    replaced(text, /(watchword\/watchword:)\S+/g, `$1${version}`, 'build.yaml of the add-on'),
}

try {
  check()
  const written = Object.entries(CHANGES).map(([file, change]) => [file, change(readFileSync(file, 'utf8'))])
  for (const [file, text] of written) {
    console.log(`${isDryRun ? 'would write' : 'writes'} ${file}`)
    if (!isDryRun) writeFileSync(file, text)
  }
  const commands = [
    ['git', ['commit', '--quiet', '--message', `Release ${version}`, ...written.map(([file]) => file)]],
    ['git', ['tag', '--annotate', `v${version}`, '--message', `Watchword ${version}`]],
  ]
  for (const [command, args] of commands) {
    console.log(`${isDryRun ? 'would run' : 'runs'} ${command} ${args.join(' ')}`)
    if (!isDryRun) execFileSync(command, args, { stdio: 'inherit' })
  }
  console.log(`Then: git push --follow-tags. The workflow "release" publishes v${version} to npm with provenance.`)
} catch (error) {
  console.error(`release: ${error.message}`)
  process.exitCode = 1
}

function check() {
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/.test(version))
    throw new Error(`Expected a version such as 0.2.0, got "${version}"`)
  const current = JSON.parse(readFileSync('package.json', 'utf8')).version
  if (compare(version, current) < 0) throw new Error(`Expected ${current} or a version above it, got ${version}`)
  if (git('tag', '--list', `v${version}`) !== '') throw new Error(`The tag v${version} exists already`)
  if (!isDryRun && git('status', '--porcelain') !== '')
    throw new Error('The working tree has changes. Commit them first.')
}

/** Below, equal or above 0, as sort() wants it. A pre-release comes before its release. */
function compare(a, b) {
  const parts = text => text.split('-')[0].split('.').map(Number)
  const [left, right] = [parts(a), parts(b)]
  const place = left.findIndex((part, i) => part !== right[i])
  if (place >= 0) return left[place] - right[place]
  return Number(b.includes('-')) - Number(a.includes('-'))
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim()
}

function lockWith(text) {
  const lock = JSON.parse(text)
  lock.version = version
  lock.packages[''].version = version
  return `${JSON.stringify(lock, null, 2)}\n`
}

/** "Unreleased" becomes the version and its day, with an empty "Unreleased" above. @throws when nothing is noted there */
function changelogWith(text) {
  const [, notes = ''] = /^## \[?Unreleased\]?\s*\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text) ?? []
  if (notes.trim() === '') throw new Error('CHANGELOG.md has nothing under "Unreleased"')
  return text.replace(/^## (\[?)Unreleased(\]?)[ \t]*$/m, `## $1Unreleased$2\n\n## $1${version}$2 - ${day}`)
}

function replaced(text, pattern, replacement, place) {
  if (!new RegExp(pattern.source, pattern.flags.replace('g', '')).test(text))
    throw new Error(`No version found in ${place}`)
  return text.replace(pattern, replacement)
}
