// Reads lines of "assertion method target" and says for each what came of it: go run . JWKS_URI ISSUER SERVICE
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

func main() {
	verifier := &Verifier{JwksURI: os.Args[1], Issuer: os.Args[2], Service: os.Args[3]}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := append(strings.Split(lines.Text(), " "), "", "")
		if headers, err := verifier.Verify(words[0], words[1], words[2]); err != nil {
			fmt.Println("refused:", err)
		} else {
			fmt.Println("ok", headers["x-jwt-sub"])
		}
	}
}
