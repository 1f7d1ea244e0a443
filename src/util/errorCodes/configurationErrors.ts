/** Error codes: configuration. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const configurationErrors = {
  'config-unreadable': {
    meaning: 'the file is not there, is a folder, may not be read, is no text, or has more than 2 MB',
    remedy: 'give the path of a YAML file; `config/example.yaml` is one to copy',
  },
  'config-invalid': {
    meaning: 'the file has mistakes, one a line with its place',
    remedy: 'fix the listed lines; the new configuration was not applied',
  },
  'camera-url-invalid': {
    meaning: 'a camera’s `url` is no RTSP URL',
    remedy: '`rtsp://user:password@host:554/path`, special characters percent-encoded',
  },
  'camera-unknown': {
    meaning: 'a camera was needed that a reload has removed',
    remedy: 'nothing; it goes away with the reload',
  },
  'demo-url-invalid': {
    meaning: 'a `demo:` URL cannot be read, or names an unknown view, light or weather, or a reload brings another one',
    remedy: 'take one of those the message lists; start again',
  },
  'prompts-missing': {
    meaning: 'an event has neither prompts nor two grades',
    remedy: 'write what it looks like in `events.<name>.prompts`',
  },
  'prompt-empty': { meaning: 'a phrase is empty', remedy: 'remove it or write it out' },
  'contrast-missing': {
    meaning: 'the event has no contrast phrases to compare with',
    remedy: 'add `events.<name>.negative_prompts` or phrases to `model.background`',
  },
  'mqtt-tls-file': {
    meaning: 'a file of `mqtt.tls` cannot be read, or is no PEM file, or certificate and key do not belong together',
    remedy: 'check path, permission and content',
  },
} as const satisfies ErrorTable
