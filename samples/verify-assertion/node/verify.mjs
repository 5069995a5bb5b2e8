// Checks the x-jwt-assertion of the Anthane gateway. No dependency; Node 18 or later.
import { createPublicKey, verify } from 'node:crypto';

/** jwksUri, issuer and service (its name in the gateway's route) come from your settings, never from the request. */
export function assertionVerifier({ jwksUri, issuer, service, skew = 5 }) {
  let keys = new Map(), askedAt = -Infinity, asking;
  async function ask() {
    const answer = await fetch(jwksUri, { redirect: 'error', signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(`the keys cannot be had: ${answer.status}`);
    const published = (await answer.json()).keys.filter(jwk => jwk.kty === 'EC' && jwk.crv === 'P-256');
    keys = new Map(published.map(jwk => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
  }
  async function keyOf(kid) {
    const age = Date.now() - askedAt;
    if (age > 300_000 || (!keys.has(kid) && age > 5_000)) {
      askedAt = Date.now();
      asking = ask();
      asking.catch(() => {}); // Whoever needs the answer hears of it in the next line.
    }
    if (!keys.has(kid)) await asking;
    return keys.get(kid);
  }

  /** The caller's identity headers, as the gateway vouches for them. Throws when it does not. */
  return async function verifyAssertion(assertion, method, target) {
    const [head, body, signature, ...rest] = assertion.split('.');
    const read = part => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
    const { alg, typ, kid } = read(head);
    if (rest.length || alg !== 'ES256' || typ !== 'anthane-assertion+jwt') throw new Error('not an assertion of a gateway');
    const key = await keyOf(kid);
    const signed = { key, dsaEncoding: 'ieee-p1363' };
    if (!key || !verify('sha256', Buffer.from(`${head}.${body}`), signed, Buffer.from(signature, 'base64url'))) throw new Error('signature');
    const claims = read(body), now = Date.now() / 1000;
    if (claims.iss !== issuer || claims.aud !== service) throw new Error('of another gateway, or for another service');
    if (!(claims.exp + skew > now) || !(claims.iat - skew < now)) throw new Error('expired, or from the future');
    if ('htm' in claims && (claims.htm !== method || claims.target !== target)) throw new Error('made for another request');
    return claims.headers;
  };
}
