"""Checks the x-jwt-assertion of the Anthane gateway. Needs the package cryptography (Debian: python3-cryptography)."""
import base64, json, threading, time, urllib.request
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_key(jwk):
    x, y = (int.from_bytes(decode(jwk[name]), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


class AssertionVerifier:
    """jwks_uri, issuer and service (its name in the gateway's route) come from your settings, never from the request."""

    def __init__(self, jwks_uri, issuer, service, skew=5):
        self.jwks_uri, self.issuer, self.service, self.skew = jwks_uri, issuer, service, skew
        self.keys, self.asked_at, self.gate = {}, float("-inf"), threading.Lock()

    def key_of(self, kid):
        with self.gate:
            age = time.monotonic() - self.asked_at
            if age > 300 or (kid not in self.keys and age > 5):
                self.asked_at = time.monotonic()
                with urllib.request.urlopen(self.jwks_uri, timeout=5) as answer:
                    self.keys = {jwk["kid"]: public_key(jwk) for jwk in json.load(answer)["keys"] if jwk.get("crv") == "P-256"}
            return self.keys[kid]

    def verify(self, assertion, method=None, target=None):
        """The caller's identity headers, as the gateway vouches for them. ValueError when it does not."""
        try:
            head, body, signature = assertion.split(".")
            header, raw = json.loads(decode(head)), decode(signature)
            if header["alg"] != "ES256" or header["typ"] != "anthane-assertion+jwt" or len(raw) != 64:
                raise ValueError("not an assertion of a gateway")
            r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
            der, signed = utils.encode_dss_signature(r, s), f"{head}.{body}".encode()
            self.key_of(header["kid"]).verify(der, signed, ec.ECDSA(hashes.SHA256()))
            claims, now = json.loads(decode(body)), time.time()
            if claims["iss"] != self.issuer or claims["aud"] != self.service:
                raise ValueError("of another gateway, or for another service")
            if claims["exp"] + self.skew <= now or claims["iat"] - self.skew >= now:
                raise ValueError("expired, or from the future")
            if "htm" in claims and (claims["htm"], claims["target"]) != (method, target):
                raise ValueError("made for another request")
            return claims["headers"]
        except (KeyError, TypeError, InvalidSignature) as wrong:
            raise ValueError(f"not acceptable: {wrong!r}") from wrong
