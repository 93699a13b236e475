package main

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
	}
}
