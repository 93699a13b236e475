package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/imdsscan/imdsscan/rules"
	"github.com/spf13/pflag"
)

const completionHelp = `Usage: imdsscan completion bash|zsh|fish

Prints a script that completes commands, flags, formats and rules:

  bash   source <(imdsscan completion bash)
  zsh    imdsscan completion zsh > "${fpath[1]}/_imdsscan"
  fish   imdsscan completion fish > ~/.config/fish/completions/imdsscan.fish
`

func completion(_ context.Context, args []string, s streams) int {
	if len(args) == 1 && (args[0] == "-h" || args[0] == "--help") {
		fmt.Fprint(s.out, completionHelp)
		return exitClean
	}
	if len(args) != 1 {
		return usageError(s, errors.New("completion needs the name of a shell: bash, zsh or fish"))
	}
	w := completionWords()
	switch args[0] {
	case "bash":
		fmt.Fprintf(s.out, bashCompletion, w.commands, w.formats, w.rules, w.flags)
	case "zsh":
		// zsh runs the bash functions itself.
		fmt.Fprint(s.out, "#compdef imdsscan\nautoload -U +X bashcompinit && bashcompinit\n")
		fmt.Fprintf(s.out, bashCompletion, w.commands, w.formats, w.rules, w.flags)
	case "fish":
		fmt.Fprint(s.out, fishCompletion(w))
	default:
		return usageError(s, fmt.Errorf("no completion for %q; there are bash, zsh and fish", args[0]))
	}
	return exitClean
}

// words are what can be completed, separated by spaces.
type words struct{ commands, formats, rules, flags string }

func completionWords() words {
	var names, formats, ids, flags []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	for _, f := range allFormats {
		formats = append(formats, f.Name)
	}
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	var o options
	var list []string
	checkFlags(&o, &list).VisitAll(func(f *pflag.Flag) { flags = append(flags, "--"+f.Name) })
	return words{strings.Join(names, " "), strings.Join(formats, " "), strings.Join(ids, " "), strings.Join(flags, " ")}
}

const bashCompletion = `_imdsscan() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} choices=
    COMPREPLY=()
    case $before in
        imdsscan) choices='%s' ;;
        --format) choices='%s' ;;
        --select | --ignore | rules) choices='%s' ;;
        --fail-on) choices='error warning never' ;;
        --color) choices='auto always never' ;;
        completion) choices='bash zsh fish' ;;
    esac
    case $word in
        -*) choices='%s' ;;
    esac
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
}
complete -o filenames -F _imdsscan imdsscan
`

func fishCompletion(w words) string {
	var sb strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&sb, "complete -c imdsscan -n __fish_use_subcommand -a %s -d '%s'\n", c.name, c.about)
	}
	var o options
	var list []string
	checkFlags(&o, &list).VisitAll(func(f *pflag.Flag) {
		fmt.Fprintf(&sb, "complete -c imdsscan -l %s -d '%s'\n", f.Name, strings.ReplaceAll(strings.ReplaceAll(f.Usage, "`", ""), "'", ""))
	})
	fmt.Fprintf(&sb, "complete -c imdsscan -l format -x -a '%s'\n", w.formats)
	fmt.Fprintf(&sb, "complete -c imdsscan -l select -l ignore -x -a '%s'\n", w.rules)
	sb.WriteString("complete -c imdsscan -n '__fish_seen_subcommand_from rules' -x -a '" + w.rules + "'\n")
	sb.WriteString("complete -c imdsscan -n '__fish_seen_subcommand_from completion' -x -a 'bash zsh fish'\n")
	return sb.String()
}
