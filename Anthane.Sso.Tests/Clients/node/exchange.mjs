// Token exchange (RFC 8693): a service that was called for a person gets a token of its own for the next API.
import * as client from 'openid-client'
import { connect, done, setting } from './sso.mjs'

const config = await connect()
const tokens = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
  subject_token: setting('SUBJECT_TOKEN'),
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  resource: setting('RESOURCE'),
})
done(tokens)
