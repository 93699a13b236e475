package prefilter

import "strings"

// A word is looked for by its fingerprint: the four letters in a row that are
// the rarest in notebooks. The words are spread over eight buckets, a bit
// each, so that four table look-ups tell which buckets' fingerprints a place
// in the text can be (the method is known as Teddy).
const (
	fingerprint = 4
	buckets     = 8
)

// located is a needle with the offset of its fingerprint.
type located struct {
	needle
	offset int
}

// masks are the look-up tables by the low and the high half of a letter, for
// each place of the fingerprint: the buckets that may have it there.
type masks [fingerprint][2][16]byte

// letters are the letters that can stand at each place of a fingerprint.
type letters [fingerprint][256]bool

func (n *located) letters() (out letters) {
	for p := range fingerprint {
		c := n.text[n.offset+p]
		out[p][c] = true
		if !n.exact && c >= 'a' && c <= 'z' {
			out[p][c-0x20] = true
		}
	}
	return out
}

// spread is what the half-letter tables make of a set of letters: every low
// half goes with every high half.
func (l *letters) spread() letters {
	var out letters
	for p := range l {
		var low, high [16]bool
		for c := range 256 {
			if l[p][c] {
				low[c&15], high[c>>4] = true, true
			}
		}
		for c := range 256 {
			out[p][c] = low[c&15] && high[c>>4]
		}
	}
	return out
}

// chance is how often a place in a notebook looks like the fingerprint.
func (l *letters) chance() float64 {
	all := 1.0
	for p := range l {
		var sum float64
		for c := range 256 {
			if l[p][c] {
				sum += frequency[c]
			}
		}
		all *= sum
	}
	return all
}

// distribute chooses each needle's fingerprint and its bucket, so that the
// text seldom looks like one.
func distribute(ns []needle) (out [buckets][]located) {
	sets := make([]*bucket, len(ns))
	for i, n := range ns {
		best, chance := located{needle: n}, 2.0
		for at := 0; at+fingerprint <= len(n.text); at++ {
			l := located{n, at}
			ls := l.letters()
			if c := ls.chance(); c < chance {
				best, chance = l, c
			}
		}
		sets[i] = newBucket([]located{best}, best.letters())
	}
	// What it costs to put two sets into one bucket, worked out once a pair.
	costs := map[[2]*bucket]float64{}
	for len(sets) > buckets {
		a, b, least := 0, 1, 2.0
		for i, x := range sets {
			for j := i + 1; j < len(sets); j++ {
				pair := [2]*bucket{x, sets[j]}
				cost, known := costs[pair]
				if !known {
					cost = x.with(sets[j]).chance - x.chance - sets[j].chance
					costs[pair] = cost
				}
				if cost < least {
					a, b, least = i, j, cost
				}
			}
		}
		sets[a] = sets[a].with(sets[b])
		sets = append(sets[:b], sets[b+1:]...)
	}
	for i, s := range sets {
		out[i] = s.needles
	}
	return out
}

// bucket are needles that share a bit.
type bucket struct {
	needles []located
	letters letters
	chance  float64 // how often a place in a notebook looks like one of them
}

func newBucket(ns []located, ls letters) *bucket {
	wide := ls.spread()
	return &bucket{ns, ls, wide.chance()}
}

// with is the bucket of the needles of both.
func (b *bucket) with(o *bucket) *bucket {
	all := b.letters
	for p := range all {
		for c, is := range o.letters[p] {
			all[p][c] = all[p][c] || is
		}
	}
	return newBucket(append(b.needles[:len(b.needles):len(b.needles)], o.needles...), all)
}

// compile fills the tables from the buckets.
func (f *Filter) compile() {
	f.steps = new([256]uint32)
	for k, set := range f.needles {
		bit := byte(1) << k
		for i := range set {
			ls := set[i].letters()
			for p := range ls {
				for c := range 256 {
					if ls[p][c] {
						f.masks[p][0][c&15] |= bit
						f.masks[p][1][c>>4] |= bit
						f.steps[c] |= uint32(bit) << (8 * p)
					}
				}
			}
		}
	}
}

// frequency is how often a letter stands in notebooks, roughly.
var frequency = frequencies()

func frequencies() (out [256]float64) {
	set := func(letters string, share float64) {
		for i := range len(letters) {
			out[letters[i]] = share
		}
	}
	for c := range out {
		out[c] = 0.0001
	}
	set("etaoinsrl", 0.035)
	set("dcumpfhgybwv", 0.015)
	set("kxjqz", 0.007)
	set(strings.ToUpper("abcdefghijklmnopqrstuvwxyz"), 0.007)
	set("0123456789", 0.012)
	set("+/:;#[]{}'*%&<>|!?@$", 0.004)
	set("-()=_,.\\\n", 0.012)
	set("\"", 0.03)
	set(" ", 0.12)
	return out
}
