//go:build !unix

package journal

// SyncFolder has nothing to do where folders are not files.
func SyncFolder(string) error { return nil }
