"""Reads lines of "assertion method target" and says for each what came of it: python3 check.py JWKS_URI ISSUER SERVICE"""
import sys
from verify import AssertionVerifier

verifier = AssertionVerifier(*sys.argv[1:4])
for line in sys.stdin:
    try:
        print("ok", verifier.verify(*line.rstrip("\n").split(" "))["x-jwt-sub"], flush=True)
    except ValueError as wrong:
        print("refused:", wrong, flush=True)
