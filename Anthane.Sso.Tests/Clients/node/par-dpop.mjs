// FAPI 2.0 as a client does it: pushed requests, tokens bound to a key (DPoP), and a nonce of the server in each proof if it asks for one.
import * as client from 'openid-client'
import { connect, done, refusal, request, visit } from './sso.mjs'

const config = await connect()
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
const { checks, parameters } = await request()
const url = await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
const tokens = await client.authorizationCodeGrant(config, new URL(await visit(url)), checks, undefined, { DPoP })
const sub = tokens.claims().sub
const person = await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
const renewedPerson = await client.fetchUserInfo(config, renewed.access_token, sub, { DPoP })

// Whoever has the token and not the key has nothing.
const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
const stolen = await refusal(() => client.fetchUserInfo(config, renewed.access_token, sub, { DPoP: thief }))
const bare = await refusal(() => client.fetchUserInfo(config, renewed.access_token, sub))
done({
  url: url.toString(), token_type: tokens.token_type, access_token: renewed.access_token, thumbprint: await DPoP.calculateThumbprint(),
  person, renewedPerson, stolen, bare,
})
