/** A process to be killed: pulls a model. Arguments: data directory, the hub's address, the registry's entry as JSON. */

import { openHub } from '../../src/models/openHub.ts'
import { pullModel } from '../../src/models/pullModel.ts'
import { say } from './say.ts'

const [, , dataDir = '', endpoint = '', entry = ''] = process.argv
const hub = openHub({ HF_ENDPOINT: endpoint })
const onProgress = ({ bytes }: { bytes: number }) => say('received', bytes)
await pullModel({ name: 'clip', entry: JSON.parse(entry), dataDir, hub, onProgress })
say('pulled')
await hub.close()
