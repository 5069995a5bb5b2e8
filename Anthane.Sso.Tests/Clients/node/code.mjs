// Authorization code with PKCE, at the browser or pushed (PUSH), then userinfo. With REPLAY the code is tried again.
import * as client from 'openid-client'
import { connect, done, optional, refusal, request, visit } from './sso.mjs'

const config = await connect()
const { checks, parameters } = await request()
const url = optional('PUSH') ? await client.buildAuthorizationUrlWithPAR(config, parameters) : client.buildAuthorizationUrl(config, parameters)
const back = new URL(await visit(url))
const tokens = await client.authorizationCodeGrant(config, back, checks)
const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
const again = optional('REPLAY') && await refusal(() => client.authorizationCodeGrant(config, back, checks))
done({ url: url.toString(), token_type: tokens.token_type, scope: tokens.scope, access_token: tokens.access_token, id_token: tokens.claims(), person, again })
