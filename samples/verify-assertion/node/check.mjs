// Reads lines of "assertion method target" and says for each what came of it: node check.mjs JWKS_URI ISSUER SERVICE
import { createInterface } from 'node:readline';
import { assertionVerifier } from './verify.mjs';

const [jwksUri, issuer, service] = process.argv.slice(2);
const verifyAssertion = assertionVerifier({ jwksUri, issuer, service });
for await (const line of createInterface({ input: process.stdin })) {
  const said = await verifyAssertion(...line.split(' ')).then(headers => `ok ${headers['x-jwt-sub']}`, wrong => `refused: ${wrong.message}`);
  console.log(said.replaceAll('\n', ' '));
}
