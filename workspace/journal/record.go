package journal

import "time"

// Version is the version of the journal's format that this program writes, and
// the only one it reads.
const Version = 1

// Step is what a record announces, or says was seen.
type Step string

// The steps. Those of an object carry its name. The ones marked (!) are written
// before what they announce is done.
const (
	// Begin starts or takes up an application of the plan, Rollback its undoing,
	// and End closes either.
	Begin    Step = "begin"
	Rollback Step = "rollback"
	End      Step = "end"

	// Intent (!): the object is looked at. Nothing is written for it yet.
	Intent Step = "intent"
	// Skip: nothing was written, and nothing will be: Why.
	Skip Step = "skip"
	// Saved: the original, the DBC copy and the permissions are in the backup.
	Saved Step = "saved"
	// Write (!): the new content is sent.
	Write Step = "write"
	// Done: the new content was read back, byte for byte.
	Done Step = "done"
	// Drift: the new content was read back, and the object's id, language or
	// permissions are others than before.
	Drift Step = "drift"
	// Probe (!): a scratch object is made, to see what the service makes of an
	// import. Probed: it is gone again.
	Probe  Step = "probe"
	Probed Step = "probed"
	// Mismatch: the service stored something else than what was sent.
	Mismatch Step = "mismatch"
	// Restore (!): the original is sent.
	Restore Step = "restore"
	// Absent: the new content did not arrive; the original was read back.
	Absent Step = "absent"
	// Restored: the original was put back, and read back byte for byte.
	Restored Step = "restored"
	// Inexact: the original was sent, and the service stored something else.
	Inexact Step = "inexact"
	// Left: after a write somebody else's content stands there. It stays.
	Left Step = "left"
	// Failed: a call failed for good. What is known of the object stays.
	Failed Step = "failed"
)

// Record is a line of the journal.
type Record struct {
	// N counts the records of a journal from 1.
	N    int       `json:"n"`
	Time time.Time `json:"time"`
	Step Step      `json:"step"`
	// Name is the object's, with its scheme.
	Name string `json:"name,omitempty"`
	// Run is what a begin record is about.
	Run *Header `json:"run,omitempty"`
	// Was is what a saved record found.
	Was *Identity `json:"was,omitempty"`
	// SHA names the bytes: saved, the original; write, the new content;
	// mismatch, inexact and left, what was found; restore, what is replaced.
	SHA string `json:"sha256,omitempty"`
	// DBC names the DBC copy of a saved record.
	DBC string `json:"dbc,omitempty"`
	// Scratch is the object of a probe.
	Scratch string `json:"scratch,omitempty"`
	Why     string `json:"why,omitempty"`
	// Code is the exit status of an end record, and of any other that ends the
	// run.
	Code int `json:"code,omitempty"`
}

// Header is what a run is.
type Header struct {
	// Version is of the journal's format.
	Version int    `json:"version"`
	Plan    string `json:"plan"` // the plan's digest
	Host    string `json:"host"`
	User    string `json:"user"`
	Tool    string `json:"tool"`
	Objects int    `json:"objects"`
	PID     int    `json:"pid"`
}

// Identity is what an object has beside its content.
type Identity struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Format   string `json:"format,omitempty"`
	Language string `json:"language,omitempty"`
	// Permissions are the rules in canonical JSON; empty when they could not be
	// read, and Unreadable says why.
	Permissions string `json:"permissions,omitempty"`
	Unreadable  string `json:"permissions_unreadable,omitempty"`
	// ModifiedAt is in milliseconds since 1970, 0 when the service does not tell.
	ModifiedAt int64 `json:"modified_at,omitempty"`
}
