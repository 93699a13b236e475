//go:build !amd64

package prefilter

func (f *Filter) match(b []byte) bool { return f.matchPortable(b, 0) }
