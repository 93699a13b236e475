package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Lines is a file to which lines of JSON are only ever appended.
type Lines struct {
	f      *os.File
	broken error
}

// Append puts a line on the disk and returns when it is there. After an error
// nothing can be announced any more, so nothing more may be done.
func (l *Lines) Append(v any) error {
	if l.broken != nil {
		return l.broken
	}
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = l.f.Write(append(line, '\n'))
	if err == nil {
		err = l.f.Sync()
	}
	if err != nil {
		// A part of the line may be in the file: what follows it could not be read.
		l.broken = fmt.Errorf("the journal cannot be written: %w", err)
		return l.broken
	}
	return nil
}

// Close closes the file. All lines are on the disk already.
func (l *Lines) Close() error { return l.f.Close() }

// NewLines opens a file for appending that must not exist yet.
func NewLines(name string) (*Lines, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &Lines{f: f}, nil
}

// OpenLines opens a file for appending, whose whole lines end at end. What
// follows, a last line that was not written to its end, is cut off: the step it
// was to announce has not begun.
func OpenLines(name string, end int64) (*Lines, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err = f.Truncate(end); err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &Lines{f: f}, nil
}

// ReadLines hands out the lines of a file; end is where the last whole one ends.
// A last line that was not written to its end is passed over. Anything else
// that is no record, by the words of take too, is damage.
func ReadLines(name string, take func(line []byte) error) (end int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	torn, records := false, 0
	damaged := func(why error) error {
		return fmt.Errorf("%s is damaged after record %d: %w; docs/state.md tells how to recover by hand", name, records, why)
	}
	for {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		whole := err == nil && json.Valid(line)
		switch {
		case whole && torn:
			return 0, damaged(errors.New("a line is not whole, and others follow it"))
		case whole:
			if bad := take(line); bad != nil {
				return 0, damaged(bad)
			}
			records++
			end += int64(len(line))
		default:
			torn = true
		}
		if err != nil {
			return end, nil
		}
	}
}
