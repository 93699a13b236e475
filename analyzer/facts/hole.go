package facts

import "github.com/imdsscan/imdsscan/analyzer/imds"

// Mixed is why a text is not edited when Fill says that it is mixed.
const Mixed = "the command also goes to other hosts, which must not get a token"

// Fill is the value of a hole in a nested text, given its alternatives: the
// first that reaches the metadata service. mixed says that others go to other
// hosts.
func Fill(vs []imds.Value) (value imds.Value, mixed bool) {
	if len(vs) == 0 {
		return imds.Unknown("?"), false
	}
	best, reaches := 0, 0
	for i, v := range vs {
		if imds.Classify(v).Kind != imds.Elsewhere {
			if reaches == 0 {
				best = i
			}
			reaches++
		}
	}
	if reaches == 0 && len(vs) > 1 {
		return imds.Unknown(vs[0].String() + ", …"), false
	}
	return vs[best], reaches > 0 && reaches < len(vs)
}
