// Dynamic registration (RFC 7591): a program registers itself with a token that an admin made, and signs people in at once.
import * as client from 'openid-client'
import { callback, done, refusal, request, setting, visit } from './sso.mjs'

const metadata = { client_name: 'Registered', redirect_uris: [callback()], scope: setting('SCOPE'), token_endpoint_auth_method: 'client_secret_basic' }
const register = initialAccessToken =>
  client.dynamicClientRegistration(new URL(setting('ISSUER')), metadata, client.ClientSecretBasic(), { initialAccessToken, execute: [client.enableNonRepudiationChecks] })
const config = await register(setting('INITIAL_ACCESS_TOKEN'))
const spent = await refusal(() => register(setting('INITIAL_ACCESS_TOKEN')))
const { checks, parameters } = await request()
const tokens = await client.authorizationCodeGrant(config, new URL(await visit(client.buildAuthorizationUrl(config, parameters))), checks)
const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
done({ registered: config.clientMetadata(), id_token: tokens.claims(), person, spent })
