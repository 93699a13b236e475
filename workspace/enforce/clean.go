package enforce

import "slices"

// SeenClean notes pools and warehouses that were seen without an instance from
// before the switch, those that are not in the history yet. The service does not
// tell it later.
func (l *Log) SeenClean(ids []string, user string) error {
	known := l.State.Known().Clean
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(known, id) })
	if len(ids) == 0 {
		return nil
	}
	_, err := l.append(Record{Step: Clean, User: user, Clean: ids})
	return err
}
