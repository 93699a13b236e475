package journal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// Dir is the state folder, which holds the runs and their locks.
type Dir struct {
	Path string
	now  func() time.Time
}

// DefaultPath is the state folder by the XDG rules: $XDG_STATE_HOME/imdsscan,
// else ~/.local/state/imdsscan.
func DefaultPath() (string, error) {
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "imdsscan"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for the state of runs; name one with --state-dir: %w", err)
	}
	return filepath.Join(home, ".local", "state", "imdsscan"), nil
}

// NewDir is the state folder at a path. It is made when a run starts.
func NewDir(path string, now func() time.Time) Dir { return Dir{path, now} }

// Now is the time that records bear.
func (d Dir) Now() time.Time { return d.now() }

func (d Dir) runs() string { return filepath.Join(d.Path, "runs") }

var runID = regexp.MustCompile(`^[0-9]{8}-[0-9]{6}-[0-9a-f]{6}$`)

// Create makes the folder of a new run and the first record of its journal.
// The id begins with the time (UTC), so that ids sort as the runs came. fill
// puts what belongs to the run into the folder before the journal is there.
func (d Dir) Create(h Header, fill func(folder string) error) (*Journal, error) {
	random := make([]byte, 3)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	id := d.now().UTC().Format("20060102-150405") + "-" + hex.EncodeToString(random)
	folder := filepath.Join(d.runs(), id)
	if err := os.MkdirAll(d.runs(), 0o700); err != nil {
		return nil, err
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	if err := fill(folder); err != nil {
		return nil, err
	}
	lines, err := NewLines(filepath.Join(folder, fileName))
	if err != nil {
		return nil, err
	}
	j := &Journal{ID: id, Folder: folder, State: newState(), lines: lines, now: d.now}
	err = j.Append(Record{Step: Begin, Run: &h})
	for _, dir := range []string{folder, d.runs(), d.Path, filepath.Dir(d.Path)} {
		if err == nil {
			err = SyncFolder(dir)
		}
	}
	if err != nil {
		_ = lines.Close()
		return nil, err
	}
	return j, nil
}

// Open opens the journal of a run to go on with it. The lock has to be held.
func (d Dir) Open(id string) (*Journal, error) {
	if err := d.known(id); err != nil {
		return nil, err
	}
	return open(id, filepath.Join(d.runs(), id), d.now)
}

// Read is what the journal of a run says; nothing is changed.
func (d Dir) Read(id string) (*State, error) {
	if err := d.known(id); err != nil {
		return nil, err
	}
	s, _, err := load(filepath.Join(d.runs(), id, fileName))
	return s, err
}

// Folder is a run's own.
func (d Dir) Folder(id string) string { return filepath.Join(d.runs(), id) }

// ErrNoRun is the answer to an id that no run has.
var ErrNoRun = errors.New("there is no such run")

func (d Dir) known(id string) error {
	if !runID.MatchString(id) {
		return fmt.Errorf("%q: %w; imdsscan runs lists them", id, ErrNoRun)
	}
	if _, err := os.Stat(filepath.Join(d.runs(), id, fileName)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%q: %w; imdsscan runs lists them", id, ErrNoRun)
		}
		return err
	}
	return nil
}

// List are the ids of all runs, oldest first. A folder without a whole first
// record is no run: nothing was done for it.
func (d Dir) List() ([]string, error) {
	entries, err := os.ReadDir(d.runs())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() || !runID.MatchString(e.Name()) {
			continue
		}
		if s, err := d.Read(e.Name()); errors.Is(err, ErrNoRun) || err == nil && s.Records == 0 {
			continue
		}
		out = append(out, e.Name())
	}
	slices.Sort(out)
	return out, nil
}
