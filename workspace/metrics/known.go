package metrics

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/imdsscan/imdsscan/workspace/metrics/evidence"
)

// InstancesSQL names the clusters that instances worked for, also of those that
// EC2 has forgotten. node_timeline keeps 90 days
// (https://docs.databricks.com/aws/en/admin/system-tables/compute).
const InstancesSQL = `-- Which clusters the instances of the last %d days worked for, for
-- imdsscan monitor --instances FILE. Run it in the SQL editor and download the
-- result as CSV. system.compute.node_timeline keeps 90 days, of all workspaces
-- in the region; add a condition on n.workspace_id to see one.
WITH names AS (
  SELECT workspace_id, cluster_id,
         max_by(cluster_name, change_time) AS cluster_name,
         max_by(owned_by, change_time) AS owner,
         max_by(worker_instance_pool_id, change_time) AS pool_id
  FROM system.compute.clusters
  GROUP BY workspace_id, cluster_id
)
SELECT n.instance_id, n.cluster_id, c.cluster_name, c.owner, c.pool_id,
       max(n.end_time) AS last_seen
FROM system.compute.node_timeline AS n
LEFT JOIN names AS c ON c.workspace_id = n.workspace_id AND c.cluster_id = n.cluster_id
WHERE n.start_time >= current_timestamp() - INTERVAL %[1]d DAYS
GROUP BY n.instance_id, n.cluster_id, c.cluster_name, c.owner, c.pool_id
`

const maxKnown = 1_000_000 // rows of a file

// ReadKnown reads whose instances are from CSV with a header (instance_id, and
// any of cluster_id, cluster_name, owner, pool_id, pool_name, last_seen), or
// from an earlier JSON result of the monitor.
func ReadKnown(in io.Reader) (map[string]Known, error) {
	r := bufio.NewReader(in)
	if head, _ := r.Peek(64); bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		return knownFromReport(r)
	}
	return knownFromCSV(r)
}

func knownFromReport(in io.Reader) (map[string]Known, error) {
	r, err := evidence.Read(in)
	if err != nil {
		return nil, err
	}
	out := map[string]Known{}
	for _, x := range r.Instances {
		if x.Attribution == evidence.Nobody {
			continue
		}
		k := Known{Clusters: x.Clusters, Pool: x.Pool, Owner: x.Owner, By: evidence.ByFile, LastSeen: r.Window.From}
		if n := len(x.Reported); n > 0 {
			k.LastSeen = x.Reported[n-1].To
		}
		out[x.ID] = k
	}
	return out, nil
}

func knownFromCSV(in *bufio.Reader) (map[string]Known, error) {
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\ufeff")) {
		in.Discard(3)
	}
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range header {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if _, ok := column["instance_id"]; !ok {
		return nil, errors.New("its first line names no column instance_id; it must be CSV with a header, or a JSON result of imdsscan monitor")
	}
	out := map[string]Known{}
	for rows := 0; ; rows++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if rows >= maxKnown {
			return nil, fmt.Errorf("it has more than %d rows", maxKnown)
		}
		get := func(name string) string {
			if i, ok := column[name]; ok {
				if v := strings.TrimSpace(row[i]); !strings.EqualFold(v, "null") {
					return strings.Clone(v)
				}
			}
			return ""
		}
		if err := addRow(out, get); err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// addRow adds what a row says; rows of the same instance are added up.
func addRow(out map[string]Known, get func(string) string) error {
	id := get("instance_id")
	if !strings.HasPrefix(id, "i-") {
		return fmt.Errorf("%q is not the id of an EC2 instance", id)
	}
	k, again := out[id]
	k.By = evidence.ByFile
	if c := get("cluster_id"); c != "" && !slices.ContainsFunc(k.Clusters, func(r evidence.Ref) bool { return r.ID == c }) {
		k.Clusters = append(k.Clusters, evidence.Ref{ID: c, Name: get("cluster_name")})
	}
	if p := get("pool_id"); p != "" {
		k.Pool = &evidence.Ref{ID: p, Name: get("pool_name")}
	}
	switch owner := get("owner"); {
	case !again:
		k.Owner = owner
	case k.Owner != owner:
		k.Owner = "" // clusters of several owners: the metric does not say whose called
	}
	if text := get("last_seen"); text != "" {
		t, err := parseTime(text)
		if err != nil {
			return err
		}
		if t.After(k.LastSeen) {
			k.LastSeen = t
		}
	}
	out[id] = k
	return nil
}

// parseTime reads the ways in which the SQL editor and notebooks write times.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999-07:00", "2006-01-02T15:04:05.999999999-0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("last_seen %q is not a time", s)
}
