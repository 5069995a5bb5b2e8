// What the scripts share. Settings come by environment variables. A script prints JSON, one object a line: {"visit": URL} asks
// for a person at a browser, who answers with one line on standard input, and {"done": {...}} is what it got.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { importPKCS8 } from 'jose'
import * as client from 'openid-client'

export const setting = name => process.env[name] ?? raise(`The setting ${name} is missing.`)
export const optional = name => process.env[name]
export const callback = () => setting('REDIRECT_URI')

/** How the client proves itself: by a key, by a secret, or not at all. */
export const authentication = async () =>
  optional('PRIVATE_KEY') ? client.PrivateKeyJwt({ key: await importPKCS8(setting('PRIVATE_KEY'), 'ES256'), kid: setting('KEY_ID') })
  : optional('CLIENT_SECRET') ? client.ClientSecretBasic(setting('CLIENT_SECRET'))
  : client.None()

/** Reads the metadata. ID tokens are verified by the published keys too, though TLS would do (OpenID Connect Core 3.1.3.7). */
export const connect = async () =>
  client.discovery(new URL(setting('ISSUER')), setting('CLIENT_ID'), undefined, await authentication(), { execute: [client.enableNonRepudiationChecks] })

/** A request with everything that can be checked later, and the checks. */
export const request = async (more = {}) => {
  const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true }
  const parameters = {
    redirect_uri: callback(),
    scope: setting('SCOPE'),
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...more,
  }
  return { checks, parameters }
}

/** A person goes there; what they come back with. */
export const visit = async url => {
  const lines = createInterface({ input: process.stdin })
  const answer = once(lines, 'line')
  console.log(JSON.stringify({ visit: url.toString() }))
  const [line] = await answer
  lines.close()
  return line
}

/** The error code of a call that must be refused. */
export const refusal = async call => {
  try {
    await call()
  } catch (e) {
    return e.error ?? e.code ?? raise(e)
  }
  return 'none'
}

/** The last line, and the end: standard input would keep the process. */
export const done = result => {
  console.log(JSON.stringify({ done: result }))
  process.stdin.destroy()
}

const raise = problem => {
  throw problem instanceof Error ? problem : new Error(problem)
}
