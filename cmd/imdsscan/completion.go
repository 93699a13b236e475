package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/rules"
)

const completionHelp = `Usage: imdsscan completion bash|zsh|fish

Prints a script that completes commands, flags, formats and rules:

  bash   source <(imdsscan completion bash)
  zsh    imdsscan completion zsh > "${fpath[1]}/_imdsscan"
  fish   imdsscan completion fish > ~/.config/fish/completions/imdsscan.fish
`

func completion(ctx context.Context, args []string, s streams) int {
	if len(args) == 1 && (args[0] == "-h" || args[0] == "--help") {
		fmt.Fprint(s.out, completionHelp)
		return exitClean
	}
	if len(args) != 1 {
		return usageError(s, errors.New("completion needs the name of a shell: bash, zsh or fish"))
	}
	switch args[0] {
	case "bash":
		fmt.Fprint(s.out, bashCompletion(ctx))
	case "zsh":
		// zsh runs the bash functions itself.
		fmt.Fprint(s.out, "#compdef imdsscan\nautoload -U +X bashcompinit && bashcompinit\n"+bashCompletion(ctx))
	case "fish":
		fmt.Fprint(s.out, fishCompletion(ctx))
	default:
		return usageError(s, fmt.Errorf("no completion for %q; there are bash, zsh and fish", args[0]))
	}
	return exitClean
}

// completed is a flag as the help of its command tells it.
type completed struct{ name, about string }

var flagLine = regexp.MustCompile(`^ +(?:-\w, )?--([a-z0-9-]+)\S*(?: \S+)? {2,}(\S.*)$`)

// flagsOf reads the flags of a command from its help.
func flagsOf(ctx context.Context, args ...string) []completed {
	var help strings.Builder
	run(ctx, append(args, "--help"), streams{strings.NewReader(""), &help, io.Discard})
	_, list, _ := strings.Cut(help.String(), "\nFlags\n")
	var out []completed
	for _, line := range strings.Split(list, "\n") {
		if m := flagLine.FindStringSubmatch(line); m != nil {
			out = append(out, completed{m[1], m[2]})
		} else if text := strings.TrimSpace(line); text != "" && len(out) > 0 {
			out[len(out)-1].about += " " + text
		}
	}
	return out
}

func joined(list []completed) string {
	var names []string
	for _, f := range list {
		names = append(names, "--"+f.name)
	}
	return strings.Join(names, " ")
}

// words are what can be completed beside flags, separated by spaces.
func words() (names, formats, ids string) {
	var n, f, i []string
	for _, c := range commands() {
		n = append(n, c.name)
	}
	for _, x := range allFormats {
		f = append(f, x.Name)
	}
	for _, r := range rules.All() {
		i = append(i, r.ID)
	}
	return strings.Join(n, " "), strings.Join(f, " "), strings.Join(i, " ")
}

// enforceWords are the commands of enforce.
var enforceWords = []string{"status", "on", "off"}

func bashCompletion(ctx context.Context) string {
	names, formats, ids := words()
	var flags strings.Builder
	for _, c := range commands() {
		if c.name == "enforce" {
			for _, w := range enforceWords {
				fmt.Fprintf(&flags, "            'enforce %s') choices='%s' ;;\n", w, joined(flagsOf(ctx, c.name, w)))
			}
		} else if list := joined(flagsOf(ctx, c.name)); list != "" && c.name != "check" {
			fmt.Fprintf(&flags, "            '%s '*) choices='%s' ;;\n", c.name, list)
		}
	}
	fmt.Fprintf(&flags, "            *) choices='%s' ;;\n", joined(flagsOf(ctx, "check")))
	return fmt.Sprintf(bashFunction, names, formats, ids, strings.Join(enforceWords, " "), flags.String())
}

const bashFunction = `_imdsscan() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} choices=
    COMPREPLY=()
    case $before in
        imdsscan) choices='%s' ;;
        --format | -f) choices='%s' ;;
        --select | --ignore | rules) choices='%s' ;;
        enforce) choices='%s' ;;
        --fail-on) choices='error warning never' ;;
        --color) choices='auto always never' ;;
        completion) choices='bash zsh fish' ;;
    esac
    case $word in
        -*) case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in
%s        esac ;;
    esac
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
}
complete -o filenames -F _imdsscan imdsscan
`

func fishCompletion(ctx context.Context) string {
	names, formats, ids := words()
	plain := strings.NewReplacer("'", "", "\\", "")
	var sb strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&sb, "complete -c imdsscan -n __fish_use_subcommand -a %s -d '%s'\n", c.name, plain.Replace(c.about))
	}
	flags := func(when string, list []completed) {
		for _, f := range list {
			fmt.Fprintf(&sb, "complete -c imdsscan -n '%s' -l %s -d '%s'\n", when, f.name, plain.Replace(f.about))
		}
	}
	for _, c := range commands() {
		switch c.name {
		case "check": // also without its name
			flags("__fish_seen_subcommand_from check; or not __fish_seen_subcommand_from "+names, flagsOf(ctx, c.name))
		case "enforce":
			fmt.Fprintf(&sb, "complete -c imdsscan -n '__fish_seen_subcommand_from enforce' -x -a '%s'\n", strings.Join(enforceWords, " "))
			for _, w := range enforceWords {
				flags("__fish_seen_subcommand_from enforce; and __fish_seen_subcommand_from "+w, flagsOf(ctx, c.name, w))
			}
		default:
			flags("__fish_seen_subcommand_from "+c.name, flagsOf(ctx, c.name))
		}
	}
	fmt.Fprintf(&sb, "complete -c imdsscan -l format -x -a '%s'\n", formats)
	fmt.Fprintf(&sb, "complete -c imdsscan -l select -l ignore -x -a '%s'\n", ids)
	sb.WriteString("complete -c imdsscan -n '__fish_seen_subcommand_from rules' -x -a '" + ids + "'\n")
	sb.WriteString("complete -c imdsscan -n '__fish_seen_subcommand_from completion' -x -a 'bash zsh fish'\n")
	return sb.String()
}
