package report

import "strings"

// OwnerOf is the user whose folder of a workspace, or of an export of one, the
// file is in: the name after Users or Repos. It is empty where the path names
// nobody.
func OwnerOf(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '!' || r == ':' })
	for i, p := range parts {
		// The last part is the file itself.
		if (p == "Users" || p == "Repos") && i+2 < len(parts) {
			return parts[i+1]
		}
	}
	return ""
}
