package prefilter

import "bytes"

// repository are what stands behind a package's name in the address of its
// repository, before a tag or a version.
var repository = [][]byte{[]byte(".git@"), []byte(".git#"), []byte("/archive/"), []byte("/-/"), []byte("/tarball/"), []byte("/zipball/"), []byte("#v"), []byte("#semver")}

// maxTail is how far behind a package's name a version is looked for.
const maxTail = 80

// pinned reports whether a version may follow the package's name that stands
// at b[start:end]: an operator as in boto3==1.9, boto3[crt] (>=1, boto3 = "1.9",
// a further coordinate as in aws-java-sdk-s3:1.11, an archive's name as in
// boto3-1.9.0.tar.gz, or a name in quotes, behind which formats write versions
// in many ways.
func pinned(b []byte, start, end int) bool {
	if start > 0 && isWord(b[start-1]) && !(start > 1 && b[start-2] == '\\') {
		return false
	}
	i := end
	rest := func() byte {
		if i < len(b) && i < end+maxTail {
			return b[i]
		}
		return 0
	}
	if rest() == '-' {
		if i++; startsVersion(rest()) {
			return true
		}
	}
	for c := rest(); isWord(c) || c == '-' || c == '.'; c = rest() { // aws-java-sdk-s3, kinesis_2.12
		i++
		if c == '-' && startsVersion(rest()) {
			return true // aws-java-sdk-s3-1.11.375.jar
		}
	}
	if rest() == '[' {
		for c := rest(); c != 0 && c != ']' && c != '\n'; c = rest() {
			if c >= '0' && c <= '9' && i > end && (b[i-1] == '=' || b[i-1] == '\'' || b[i-1] == '"' || b[i-1] == '<') {
				return true // boto3[version='1.9']
			}
			i++
		}
		i++
	}
	for _, behind := range repository {
		if bytes.HasPrefix(b[min(i, len(b)):], behind) {
			return true
		}
	}
	if j := i; j < len(b) && b[j] == '\\' && j+1 < len(b) && isQuote(b[j+1]) || j < len(b) && isQuote(b[j]) {
		return start > 0 && (isQuote(b[start-1]) || b[start-1] == ':')
	}
	blank := false
	for c := rest(); c == ' ' || c == '\t' || c == '('; c = rest() {
		blank = true
		i++
	}
	switch c := rest(); {
	case c == 0:
		return i >= len(b) // a piece may end here
	case c >= '0' && c <= '9':
		return blank
	case c == '=' || c == '<' || c == '>' || c == '~' || c == '!' || c == '^' || c == '@' || c == ':' || c == '%':
		return true
	}
	return false
}

// startsVersion: a digit, or what a version is filled into a text with.
func startsVersion(c byte) bool { return c >= '0' && c <= '9' || c == '$' || c == '{' }

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
