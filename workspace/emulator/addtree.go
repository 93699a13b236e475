package emulator

import (
	"io/fs"
	"path"
)

// AddTree stores the files of a file system below a folder of the workspace,
// each as an import with AUTO would: source with a notebook's header and ipynb
// become notebooks and lose their suffix, all else becomes workspace files.
func (s *Server) AddTree(root string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		p, o := sourceMember(path.Join(root, name), content)
		n := s.tree.add(p, o.kind, o.content)
		n.language, n.format = o.language, o.format
		return nil
	})
}
