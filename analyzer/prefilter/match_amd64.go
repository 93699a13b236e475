package prefilter

import (
	"math/bits"

	"golang.org/x/sys/cpu"
)

// block is how many places of the text scanAVX2 looks at in one go.
const block = 64

var hasAVX2 = cpu.X86.HasAVX2

// scanAVX2 looks for a block of text in which a fingerprint may begin, from
// offset from on, and returns its offset and a bit for each place in it that
// looks like one. It reads up to three bytes past the block, never past n;
// where no whole block is left it returns the offset of the rest and no bits.
//
//go:noescape
func scanAVX2(text *byte, n, from int, m *masks) (at int, places uint64)

func (f *Filter) match(b []byte) bool {
	if !hasAVX2 || len(b) < block+fingerprint {
		return f.matchPortable(b, 0)
	}
	at := 0
	for {
		var places uint64
		at, places = scanAVX2(&b[0], len(b), at, &f.masks)
		if places == 0 {
			return f.matchPortable(b, at)
		}
		for ; places != 0; places &= places - 1 {
			i := at + bits.TrailingZeros64(places)
			if found := f.at(b, i); found != 0 && f.confirm(b, i, found) {
				return true
			}
		}
		at += block
	}
}

// at is the set of buckets of which a fingerprint may stand at i.
func (f *Filter) at(b []byte, i int) uint8 {
	s := f.steps
	return uint8(s[b[i]]) & uint8(s[b[i+1]]>>8) & uint8(s[b[i+2]]>>16) & uint8(s[b[i+3]]>>24)
}
