package result

import "time"

// Enforcement is what imdsscan enforce status tells.
type Enforcement struct {
	Tool      Tool
	Taken     time.Time
	Workspace string // its address
	User      string // who asked
	Key       string // of the setting
	// Setting is on, off or unknown; Raw is the service's own text, empty where it
	// was never set.
	Setting, Raw string
	// Since is since when it is so at least, as far as this machine knows; zero
	// when it knows nothing. Exact: imdsscan switched it then; By is who.
	Since time.Time
	Exact bool
	By    string
	// Lost is since when it was on before it was switched off by somebody else
	// than imdsscan on this machine; zero when it was not.
	Lost time.Time
	// Waiting: a change was sent, and is not seen to have taken effect.
	Waiting bool
	// Running are what may hold instances from before the switch, where it is on.
	Running []Running
	Unread  []FileError
	// Events are the history of the setting, oldest first, and Kept is the file
	// that has it, empty when there is none.
	Events []SettingEvent
	Kept   string
	// Notes say what else has to be known, in words.
	Notes []string
}

// SettingEvent is a change of a setting by imdsscan, or a look that found it
// to be another.
type SettingEvent struct {
	Time time.Time
	// Kind is one of those below.
	Kind string
	User string
	// Old and New are the service's own texts, empty where it was never set; of
	// what was seen, New is it.
	Old, New string
	// Object is the cluster of a restart.
	Object string
	// Outcome is what became of it; Settled is when that was known. Why says more.
	Outcome string
	Settled time.Time
	Late    bool
	Why     string
	// Reason is what the user gave; Forced that it was done over the Blockers of
	// preflight.
	Reason   string
	Forced   bool
	Blockers []string
}

// The kinds of events of a setting.
const (
	SettingChange  = "change"
	SettingSeen    = "seen"
	SettingRestart = "restart"
	// SettingAccepted: what somebody else made of it is as it should be.
	SettingAccepted = "accepted"
)
