// A service acts as itself, and proves itself as its registration says: by a secret or by a key (private_key_jwt, RFC 7523).
import * as client from 'openid-client'
import { connect, done, setting } from './sso.mjs'

const config = await connect()
const tokens = await client.clientCredentialsGrant(config, { scope: setting('SCOPE') })
const seen = await client.tokenIntrospection(config, tokens.access_token)
done({ token_type: tokens.token_type, scope: tokens.scope, expires_in: tokens.expires_in, access_token: tokens.access_token, seen })
