package enforce

import "slices"

// SeenPools notes the instance pools that are there once the switch has taken
// effect: somebody may have made one while it was asked about. Nil: not all could
// be read.
func (l *Log) SeenPools(ids []string, user string) error {
	_, err := l.append(Record{Step: Pools, User: user, Pools: ids})
	return err
}

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
