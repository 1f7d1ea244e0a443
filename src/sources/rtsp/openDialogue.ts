/** Requests to one target, with a login where the camera asks for one. */

import { loginOf } from '../parseCameraUrl.ts'
import { authorize } from './authorize.ts'
import { type ConnectOptions, connectRtsp, type RtspConnection } from './connectRtsp.ts'
import type { RtspMessage } from './createRtspReader.ts'
import { statusOf } from './refusal.ts'
import { bare, loginError, portOf, type Target } from './target.ts'

export type DialogueOptions = Pick<ConnectOptions, 'connectTimeoutMs' | 'answerTimeoutMs' | 'signal'>

export interface Dialogue {
  readonly target: Target
  readonly connection: RtspConnection
  ask(method: string, uri: string, headers?: readonly string[]): Promise<RtspMessage>
  /** Without waiting for the answer. */
  notify(method: string, uri: string, headers: readonly string[]): void
}

/** @throws SourceError */
export async function openDialogue(target: Target, options: DialogueOptions): Promise<Dialogue> {
  const { url, address } = target
  const connection = await connectRtsp({
    ...options,
    host: bare(url.hostname),
    address,
    port: portOf(url),
    tls: url.protocol === 'rtsps:',
  })
  const login = loginOf(url)
  let challenges: readonly string[] = []
  const withLogin = (method: string, uri: string, headers: readonly string[]) => {
    const answer = login && challenges.length > 0 ? authorize(challenges, { login, method, uri }) : null
    return answer ? [...headers, `Authorization: ${answer}`] : headers
  }
  const ask: Dialogue['ask'] = async (method, uri, headers = []) => {
    const send = () => connection.request(method, uri, withLogin(method, uri, headers))
    let answer = await send()
    // Once for the challenge, once more for a nonce that has become stale meanwhile.
    for (let attempt = 0; statusOf(answer) === 401; attempt++) {
      const asked = answer.headers('www-authenticate')
      // Some servers refuse a login with a 401 that asks for none.
      if (asked.length === 0 && attempt > 0) throw loginError(target, challenges, true)
      challenges = asked
      if (!target.mayLogIn || !login || attempt === 2 || !authorize(challenges, { login, method, uri }))
        throw loginError(target, challenges, login !== null)
      if (attempt === 1 && !challenges.some(challenge => /stale="?true/i.test(challenge)))
        throw loginError(target, challenges, true)
      answer = await send()
    }
    return answer
  }
  const notify: Dialogue['notify'] = (method, uri, headers) =>
    connection.notify(method, uri, withLogin(method, uri, headers))
  return { target, connection, ask, notify }
}
