package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Verifier checks the x-jwt-assertion of the Anthane gateway. JwksURI, Issuer and Service (its name in the gateway's route) come from your
// settings, never from the request.
type Verifier struct {
	JwksURI, Issuer, Service string
	gate                     sync.Mutex
	keys                     map[string]*ecdsa.PublicKey
	askedAt                  time.Time
}

type claims struct {
	Iss, Aud, Htm, Target string
	Iat, Exp              int64
	Headers               map[string]string
}

const skew = 5

// Verify gives the caller's identity headers, as the gateway vouches for them, or an error when it does not.
func (v *Verifier) Verify(assertion, method, target string) (map[string]string, error) {
	var header struct{ Alg, Typ, Kid string }
	var said claims
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 || read(parts[0], &header) != nil || header.Alg != "ES256" || header.Typ != "anthane-assertion+jwt" {
		return nil, errors.New("not an assertion of a gateway")
	}
	key, err := v.keyOf(header.Kid)
	if err != nil {
		return nil, err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if key == nil || err != nil || len(signature) != 64 || !ecdsa.Verify(key, hash[:], number(signature[:32]), number(signature[32:])) {
		return nil, errors.New("signature")
	}
	now := time.Now().Unix()
	switch {
	case read(parts[1], &said) != nil || said.Iss != v.Issuer || said.Aud != v.Service:
		return nil, errors.New("of another gateway, or for another service")
	case said.Exp+skew <= now || said.Iat-skew >= now:
		return nil, errors.New("expired, or from the future")
	case said.Htm != "" && (said.Htm != method || said.Target != target):
		return nil, errors.New("made for another request")
	}
	return said.Headers, nil
}

func (v *Verifier) keyOf(kid string) (*ecdsa.PublicKey, error) {
	v.gate.Lock()
	defer v.gate.Unlock()
	age := time.Since(v.askedAt)
	if age < 5*time.Second || (v.keys[kid] != nil && age < 5*time.Minute) {
		return v.keys[kid], nil
	}
	v.askedAt = time.Now()
	answer, err := (&http.Client{Timeout: 5 * time.Second}).Get(v.JwksURI)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var set struct{ Keys []struct{ Kid, Crv, X, Y string } }
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil || answer.StatusCode != 200 {
		return nil, fmt.Errorf("the keys cannot be had: %d %v", answer.StatusCode, err)
	}
	v.keys = map[string]*ecdsa.PublicKey{}
	for _, jwk := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(jwk.X)
		y, errY := base64.RawURLEncoding.DecodeString(jwk.Y)
		if curve := elliptic.P256(); jwk.Crv == "P-256" && errX == nil && errY == nil && curve.IsOnCurve(number(x), number(y)) {
			v.keys[jwk.Kid] = &ecdsa.PublicKey{Curve: curve, X: number(x), Y: number(y)}
		}
	}
	return v.keys[kid], nil
}

func read(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func number(bytes []byte) *big.Int { return new(big.Int).SetBytes(bytes) }
