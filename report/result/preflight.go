package result

import "time"

// Preflight is what stands in the way of enforcing IMDSv2 in a workspace.
type Preflight struct {
	Tool      Tool
	Started   time.Time
	Workspace string // its address
	User      string
	// Setting is whether enforcement is on, off or unknown.
	Setting string
	// Switched is when enforcement was switched on, zero where that is not
	// known; Exact where it was this tool that did it, else it was first seen on
	// then.
	Switched time.Time
	Exact    bool
	Code     Code
	// Evidence are the looks at the metrics that were given.
	Evidence []Look
	// Items are ordered: what is to be done first stands first.
	Items []Obstacle
	// Compute is what runs code, or keeps instances for it.
	Compute []Compute
	// Unread are objects that could not be read.
	Unread []FileError
}

// Code is the scan that a preflight rests on.
type Code struct {
	// Started is when the scan began, File the results that were given; empty
	// for a scan of the preflight's own.
	Started         time.Time
	File            string
	Objects, Cells  int
	Findings        int
	Safe            int // findings that --fix changes
	Compliant       int // requests with a token
	Skipped, Unread int // objects without code; objects that could not be read
}

// Look is a result of the monitor.
type Look struct {
	File     string
	Taken    time.Time
	From, To time.Time
	Verdict  string // quiet, calls-seen or unknown
	// Used is empty where the result counts, else why it does not.
	Refused string
}

// Obstacle is one entry of a preflight: a blocker, a warning or a note.
type Obstacle struct {
	Level string
	Check Check
	// Kind and Object tell what it is about: "cluster" "nightly (0101-…)".
	Kind, Object   string
	ID, Owner, URL string
	Why, Remedy    string
	// Findings and Safe are of code: how many, and how many --fix changes.
	Findings, Safe int
	// Affects is how many others it stops: clusters that run an init script,
	// say; at least 1.
	Affects int
}

// Name is the object as reports name it.
func (o *Obstacle) Name() string {
	if o.Kind == "" || o.Object == "" {
		return o.Kind + o.Object
	}
	return o.Kind + " " + o.Object
}

// The levels of obstacles.
const (
	Blocker    = "blocker"
	Warn       = "warning"
	NoteToRead = "note"
)

// Levels are the levels, the worst first.
var Levels = []string{Blocker, Warn, NoteToRead}

// Check is what a preflight looks at.
type Check string

// The checks, in the order in which what they find is dealt with.
const (
	CheckSetting   Check = "setting"     // whether enforcement is on
	CheckExport    Check = "export"      // whether code can be read
	CheckUnread    Check = "unread"      // what could not be read
	CheckScripts   Check = "init-script" // calls in init scripts
	CheckRuntime   Check = "runtime"     // runtimes and their support
	CheckGlue      Check = "glue"        // isolated Glue catalogs
	CheckLibraries Check = "library"     // SDKs, clients and libraries
	CheckCode      Check = "code"        // calls in notebooks and files
	CheckCalls     Check = "calls"       // calls that the metrics saw
	CheckImages    Check = "image"       // container images
	CheckElsewhere Check = "elsewhere"   // code that lies where it was not looked at
	CheckPools     Check = "pool"        // pools that keep instances
	CheckRunning   Check = "running"     // what runs, and has to be restarted
)

// Checks are all checks in their order, with what they are about.
var Checks = []struct {
	Check Check
	Title string
}{
	{CheckSetting, "The setting"},
	{CheckExport, "Export of notebooks"},
	{CheckUnread, "Not read"},
	{CheckScripts, "Init scripts"},
	{CheckRuntime, "Runtimes"},
	{CheckGlue, "Glue catalogs"},
	{CheckLibraries, "SDKs and libraries"},
	{CheckCode, "Code"},
	{CheckCalls, "Calls that were seen"},
	{CheckImages, "Container images"},
	{CheckElsewhere, "Code that was not looked at"},
	{CheckPools, "Pools"},
	{CheckRunning, "Running now"},
}

// Count is how many items are of a level.
func (p *Preflight) Count(level string) int {
	n := 0
	for i := range p.Items {
		if p.Items[i].Level == level {
			n++
		}
	}
	return n
}

// Blockers is how many items block.
func (p *Preflight) Blockers() int { return p.Count(Blocker) }

// Compute is a cluster, a pool, or something else that keeps instances.
type Compute struct {
	Kind, Name, ID, Owner string
	State, Runtime        string
	Started               time.Time // zero where it does not run
	// Before tells whether it runs, or holds instances, from before the switch.
	Before Before
}

// Before is an answer that may not be known: as long as the switch was not made,
// or where the service does not tell.
type Before string

// The answers.
const (
	FromBefore    Before = "yes"
	NotFromBefore Before = "no"
	NotKnown      Before = ""
)
