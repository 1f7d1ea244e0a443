/** The error codes of one section, configuration. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const configurationErrors = {
  'config-unreadable': {
    meaning: 'the file does not exist, is a folder, may not be read, is not a text file, or is larger than 2 MB',
    remedy: 'pass the path of a YAML file; `config/example.yaml` is an example to copy',
  },
  'config-invalid': {
    meaning: 'the file has mistakes; the message lists each with its line',
    remedy: 'fix the listed lines; the new configuration was not applied',
  },
  'config-uneditable': {
    meaning:
      'a command cannot write its change into the config, because YAML shares the place with others (anchors, merge keys, references), or because the result would be invalid; the file was not changed',
    remedy: 'write the lines that the command shows into the file yourself',
  },
  'config-changed': {
    meaning: 'the config was changed by someone else while a command was going to write it; it was not overwritten',
    remedy: 'run the command again',
  },
  'event-exists': {
    meaning: 'a new event was to be saved under the name of another one',
    remedy: 'choose another name, or try the existing event by its name',
  },
  'event-not-configured': {
    meaning: 'the config has no event of that name',
    remedy: 'choose one of the names under `events`',
  },
  'phrases-late': {
    meaning:
      'a reload waited 30 s for the embeddings of its phrases: the disk of the data directory hangs, or the machine is overloaded',
    remedy:
      'nothing at once; the old configuration stays in force, and the new one is applied as soon as they are there',
  },
  'camera-url-invalid': {
    meaning: 'the `url` of a camera is not a valid RTSP URL',
    remedy: 'write `rtsp://user:password@host:554/path`, with special characters percent-encoded',
  },
  'camera-unknown': {
    meaning: 'a reload removed the camera while it was in use',
    remedy: 'nothing; the error ends with the reload',
  },
  'demo-url-invalid': {
    meaning:
      'a `demo:` URL is invalid or names an unknown scene, distance, lighting or weather, or a reload adds a new one',
    remedy: 'choose a value from the message; restart Watchword for a new URL',
  },
  'prompts-missing': {
    meaning: 'an event has neither `prompts` nor two `levels`',
    remedy: 'describe the event in `events.<name>.prompts`',
  },
  'prompt-empty': { meaning: 'a phrase is empty', remedy: 'remove or complete it' },
  'contrast-missing': {
    meaning: 'the event has no contrast phrases to compare with',
    remedy: 'add `events.<name>.negative_prompts` or phrases to `model.background`',
  },
  'mqtt-tls-file': {
    meaning: 'a file of `mqtt.tls` cannot be read, or is not a PEM file, or certificate and key do not belong together',
    remedy: 'check the path, permission and content of the files',
  },
} as const satisfies ErrorTable
