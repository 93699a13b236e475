package imds

// Kind is what a request's URL reaches.
type Kind uint8

const (
	// Elsewhere is a host that is known not to be the metadata service, or
	// about which nothing is known.
	Elsewhere Kind = iota
	// AWS is the EC2 instance metadata service.
	AWS
	// OtherCloud is the metadata service of another cloud at the same address.
	OtherCloud
	// Undecided is the right address with a path that is not known.
	Undecided
)

// Target is what a URL reaches.
type Target struct {
	Kind Kind
	// Cloud names the other cloud ("Azure") for OtherCloud.
	Cloud string
	// Host is the authority as written, with a port if one is given.
	Host string
	// Scheme is "http" or "https", empty when the URL has none.
	Scheme string
	// Path is the known path up to the first hole, without query.
	Path string
	// Token is true for the path that hands out session tokens.
	Token bool
}
