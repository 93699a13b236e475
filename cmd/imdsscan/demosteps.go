package main

import (
	"time"

	"github.com/imdsscan/imdsscan/workspace/emulator/example"
)

// demoSteps are the commands of the demo.
func demoSteps() []step {
	mayBeLeft := []int{exitFindings, exitIncomplete}
	return []step{
		{why: "What in the workspace would break once tokens are required?",
			args: []string{"check", "workspace:/"}, exit: mayBeLeft},
		{why: "How would one notebook change?",
			args: []string{"check", "--diff", "workspace:/Users/ana.silva@example.com"}, exit: []int{exitFindings}},
		{why: "Write down all safe changes, to be looked at and agreed on.",
			args: []string{"plan", "-o", "plan.json", "workspace:/"}, exit: []int{exitClean, exitFindings, exitIncomplete}},
		{why: "Carry out exactly that plan, with backups.",
			args: []string{"apply", "--yes", "--state-dir", "state", "plan.json"}, exit: []int{exitClean}},
		{why: "What was done can be undone: imdsscan rollback takes the id.",
			args: []string{"runs", "--state-dir", "state"}, exit: []int{exitClean}},
		{why: "The init scripts, too, and what Git folders and bundles brought. (The repositories and\nthe bundle have to get the same changes; there, imdsscan --fix makes them in the checkout.)",
			args: []string{"check", "--fix", "--yes", "--quiet", "--include-init-scripts", "--include-git-folders", "--include-bundles", "--state-dir", "state", "workspace:/"}, exit: mayBeLeft},
		{why: "A fix with a doubt, which Ana has looked at: s3fs chooses a boto3 of its own.",
			args: []string{"check", "--fix", "--unsafe-fixes", "--yes", "--quiet", "--state-dir", "state", "workspace:/Users/ana.silva@example.com/etl"}, exit: []int{exitClean}},
		{why: "Who asked without a token in the last two weeks?",
			args: []string{"monitor", "--format", "text", "--format", "json=before.json"}, exit: []int{exitFindings}},
		{why: "What else stands in the way?",
			args: []string{"preflight", "--evidence", "before.json"}, exit: []int{exitFindings}},
		{why: "What can be taken back, the tool changes itself. Ana agrees that her cluster restarts.",
			args: []string{"preflight", "--fix", "--restart-running", "--yes", "--evidence", "before.json", "--state-dir", "state"}, exit: []int{exitFindings}},
		{why: "(The owners raise runtimes and libraries, delete what nobody needs, rewrite one notebook,\nand restart the clusters whose code and init scripts were changed. A day passes.)\nIs it quiet now?",
			before: func(w *world) { example.Repair(w.workspace); w.later(time.Second); w.later(25 * time.Hour) },
			args:   []string{"monitor", "--days", "1", "--format", "text", "--format", "json=after.json"}, exit: []int{exitClean}},
		{why: "Does anything still stand in the way?",
			args: []string{"preflight", "--evidence", "after.json"}, exit: []int{exitClean}},
		{why: "Switch it on, and restart what runs from before.",
			args: []string{"enforce", "on", "--yes", "--restart", "--state-dir", "state"}, exit: []int{exitClean, exitIncomplete}},
		{why: "(A day passes: the runs of jobs end, a new fleet pool takes the place of the old one.)\nSince when is it on, and what still runs from before?",
			before: func(w *world) { example.Settle(w.workspace, clock()); w.later(25 * time.Hour) },
			args:   []string{"enforce", "status", "--state-dir", "state"}, exit: []int{exitClean}},
		{why: "Does anybody call without a token now?",
			args: []string{"monitor", "--days", "1", "--format", "text", "--format", "json=enforced.json"}, exit: []int{exitClean}},
		{why: "What is left, for the report.",
			args: []string{"check", "--quiet", "--format", "text", "--format", "json=results.json", "workspace:/"}, exit: []int{exitFindings}},
		{why: "And of the workspace.",
			args: []string{"preflight", "--quiet", "--results", "results.json", "--evidence", "enforced.json", "--state-dir", "state", "--format", "json=preflight.json"}, exit: []int{exitClean}},
		{why: "One page for everybody who asks. (imdsscan demo --dir DIR keeps it.)",
			args: []string{"report", "results.json", "preflight.json", "enforced.json", "-o", "readiness.html"}, exit: []int{exitClean}},
	}
}
