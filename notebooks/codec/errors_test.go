package codec_test

import "github.com/imdsscan/imdsscan/notebooks/span"

var (
	errLens        = span.ErrLens
	errOpaque      = span.ErrOpaque
	errUnencodable = span.ErrUnencodable
)
