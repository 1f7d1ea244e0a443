/** The error codes of one section, models: finding and fetching. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const modelFileErrors = {
  'model-unknown': {
    meaning: '`model.name` is neither a known name nor the folder of a model',
    remedy: 'choose a name from `watchword models list`',
  },
  'model-not-pulled': {
    meaning: 'the model is known but not downloaded yet',
    remedy: 'run `watchword models pull NAME`',
  },
  'model-not-made': {
    meaning: 'the ONNX files of the model do not exist yet',
    remedy: 'run `run`, `detect` or `optimize`, which make them at first use',
  },
  'model-missing': {
    meaning: 'a file is missing in the folder of the model',
    remedy: 'run `watchword models verify`, then make the model again',
  },
  'model-card-invalid': {
    meaning: '`model.json` or a variant’s card is incomplete or has wrong values',
    remedy: 'make the folder again with `watchword optimize`',
  },
  'model-unusable': {
    meaning: 'onnxruntime cannot load or run the file',
    remedy: 'run `watchword models verify`, or make the model again',
  },
  'model-file-missing': {
    meaning: 'a file that the model lists with its hash is missing',
    remedy: 'pull or make the model again',
  },
  'model-file-corrupt': {
    meaning: 'the hash of a file differs from the recorded hash',
    remedy: 'pull or make the model again',
  },
  'model-check-failed': {
    meaning: 'the model does not give the numbers that were published, or its words do not recognise each other',
    remedy: 'run `watchword models verify`; if the files are whole, report the output of `watchword models check`',
  },
  'variant-missing': {
    meaning: 'the model has no such variant yet',
    remedy: 'run `watchword optimize`, which makes it',
  },
  'registry-invalid': { meaning: 'the list of known models is damaged', remedy: 'install Watchword again' },
  'hub-address': {
    meaning: '`HF_ENDPOINT`, `HTTP_PROXY` or `HTTPS_PROXY` is not a URL',
    remedy: 'correct or remove it',
  },
  'hub-unreachable': { meaning: 'the hub cannot be reached', remedy: 'check the network and the proxy' },
  'hub-denied': {
    meaning: 'the hub requires a token or your consent to the licence',
    remedy: 'accept the licence of the model on the hub, set `HF_TOKEN`',
  },
  'license-not-accepted': {
    meaning: 'the licence of the model forbids some uses, and you have not accepted it',
    remedy: 'read the licence, then pull the model with `--accept-license NAME`',
  },
  'hub-not-found': { meaning: 'the file does not exist on the hub', remedy: 'check the name and the revision' },
  'hub-failed': { meaning: 'the hub answered with an error', remedy: 'try again later' },
  'download-interrupted': {
    meaning: 'the connection broke several times, or almost no data came',
    remedy: 'run the command again: it continues where it stopped',
  },
  'sha-mismatch': {
    meaning: 'the file has another hash than expected and was deleted',
    remedy: 'try again; if the error stays, a proxy or mirror changes the files',
  },
} as const satisfies ErrorTable
