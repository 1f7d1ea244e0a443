/** Error codes: models: finding and fetching. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const modelFileErrors = {
  'model-unknown': {
    meaning: 'neither a known name nor a model’s folder; or a folder in OpenCLIP’s form',
    remedy: '`watchword models list`',
  },
  'model-not-pulled': { meaning: 'a known model that is not here yet', remedy: '`watchword models pull NAME`' },
  'model-not-made': {
    meaning: 'its ONNX files are not made yet',
    remedy: 'they are made at first use: `run`, `detect` or `optimize`',
  },
  'model-missing': {
    meaning: 'a file of the model’s folder is missing',
    remedy: '`watchword models verify`, then make it again',
  },
  'model-card-invalid': {
    meaning: '`model.json` or a variant’s card is incomplete or has wrong values',
    remedy: 'make the folder again with `watchword optimize`',
  },
  'model-unusable': {
    meaning: 'onnxruntime cannot load or run the file',
    remedy: '`watchword models verify`, or make it again',
  },
  'model-file-missing': { meaning: 'a file listed with its hash is gone', remedy: 'pull or make it again' },
  'model-file-corrupt': { meaning: 'a file’s hash is not the one recorded', remedy: 'pull or make it again' },
  'variant-missing': { meaning: 'the model has no such variant yet', remedy: '`watchword optimize` makes it' },
  'registry-invalid': { meaning: 'the list of known models is damaged', remedy: 'install Watchword again' },
  'hub-address': { meaning: '`HF_ENDPOINT`, `HTTP_PROXY` or `HTTPS_PROXY` is no URL', remedy: 'correct or remove it' },
  'hub-unreachable': { meaning: 'no connection to the hub', remedy: 'check network and proxy' },
  'hub-denied': {
    meaning: 'the hub wants a token or a consent',
    remedy: 'accept the model’s licence there, set `HF_TOKEN`',
  },
  'hub-not-found': { meaning: 'the hub has no such file', remedy: 'check name and revision' },
  'hub-failed': { meaning: 'the hub answered with an error', remedy: 'try again later' },
  'download-interrupted': {
    meaning: 'the connection was cut several times, or almost nothing came',
    remedy: 'run it again: it continues from there',
  },
  'sha-mismatch': {
    meaning: 'the file has another hash than expected and was deleted',
    remedy: 'try again; if it stays so, a proxy or mirror changes files',
  },
} as const satisfies ErrorTable
