// Device authorization (RFC 8628): asks, waits, and gets the tokens when its person has allowed it.
import * as client from 'openid-client'
import { connect, done, refusal, setting, visit } from './sso.mjs'

const config = await connect()
const asked = await client.initiateDeviceAuthorization(config, { scope: setting('SCOPE') })
const early = await refusal(() => client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: asked.device_code }))
const ended = await visit(asked.verification_uri_complete)
// The library waits before it asks. The decision is there already, so the wait would only make the test slow.
const tokens = await client.pollDeviceAuthorizationGrant(config, { ...asked, interval: 0.05 })
const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
done({ asked, early, ended, id_token: tokens.claims(), person, scope: tokens.scope })
