package rules

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

//go:embed *.yaml clients/*.yaml recipes/*.yaml
var everything embed.FS

// Version names the data of this package: it changes with every byte of it.
var Version = sync.OnceValue(func() string {
	h := sha256.New()
	// Walked in the order of the names; an embedded file can be read.
	_ = fs.WalkDir(everything, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := everything.ReadFile(name)
		h.Write([]byte(name + "\x00"))
		h.Write(b)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8])
})
