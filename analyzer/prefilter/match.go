package prefilter

// matchPortable looks at one letter at a time. state holds for each place of
// the fingerprint the buckets that fit so far; steps says which letters keep
// them.
func (f *Filter) matchPortable(b []byte, from int) bool {
	steps := f.steps
	var state uint32
	for i := from; i < len(b); i++ {
		state = (state<<8 | 0xff) & steps[b[i]]
		if found := uint8(state >> 24); found != 0 && f.confirm(b, i-fingerprint+1, found) {
			return true
		}
	}
	return false
}
