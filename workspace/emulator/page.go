package emulator

import (
	"regexp"
	"strings"
)

// notebook is a notebook without its format: what the editor shows.
type notebook struct {
	language string // PYTHON …
	commands []command
}

// command is a cell. A magic stands bare at the beginning of the text.
type command struct {
	text, title string
}

// suffixes are the languages' names in file names.
var suffixes = map[string]string{"PYTHON": "py", "SCALA": "scala", "SQL": "sql", "R": "r"}

// commentMark begins a comment in a language.
func commentMark(language string) string {
	switch language {
	case "SCALA":
		return "//"
	case "SQL":
		return "--"
	}
	return "#"
}

// sourceHeader is the first line of a SOURCE notebook.
func sourceHeader(language string) string {
	return commentMark(language) + " Databricks notebook source"
}

// hasHeader tells a SOURCE notebook in a language. A BOM breaks the header,
// CRLF does not.
func hasHeader(content []byte, language string) bool {
	line, _, _ := strings.Cut(string(content[:min(len(content), 64)]), "\n")
	return strings.TrimSuffix(line, "\r") == sourceHeader(language)
}

// readSource reads a SOURCE notebook. Without the header all is one cell.
func readSource(content []byte, language string) notebook {
	nb := notebook{language: language}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	mark := commentMark(language)
	if hasHeader(content, language) {
		_, text, _ = strings.Cut(text, "\n")
	}
	separator := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(mark) + ` COMMAND ----------[ \t]*$\n?`)
	for i, part := range separator.Split(text, -1) {
		if i > 0 {
			part = strings.TrimPrefix(part, "\n")
		}
		part = strings.TrimSuffix(strings.TrimSuffix(part, "\n"), "\n")
		nb.commands = append(nb.commands, readCommand(part, mark))
	}
	return nb
}

// readCommand takes the title and the marks off a cell. A cell of which not
// every line has the mark keeps them.
func readCommand(part, mark string) command {
	var c command
	if rest, ok := strings.CutPrefix(part, mark+" DBTITLE "); ok {
		line, below, _ := strings.Cut(rest, "\n")
		_, c.title, _ = strings.Cut(line, ",")
		part = below
	}
	c.text = part
	magic := mark + " MAGIC"
	if !strings.HasPrefix(part, magic) {
		return c
	}
	var bare []string
	for line := range strings.SplitSeq(part, "\n") {
		rest, ok := strings.CutPrefix(line, magic)
		if !ok && strings.TrimSpace(line) != "" {
			return c
		}
		bare = append(bare, strings.TrimPrefix(rest, " "))
	}
	c.text = strings.Join(bare, "\n")
	return c
}

// source writes a SOURCE notebook.
func (nb notebook) source() []byte {
	mark := commentMark(nb.language)
	var b strings.Builder
	b.WriteString(sourceHeader(nb.language) + "\n")
	for i, c := range nb.commands {
		if i > 0 {
			b.WriteString("\n\n" + mark + " COMMAND ----------\n\n")
		}
		if c.title != "" {
			b.WriteString(mark + " DBTITLE 1," + c.title + "\n")
		}
		if t := strings.TrimLeft(c.text, " \t\n"); strings.HasPrefix(t, "%") || strings.HasPrefix(t, "!") {
			lines := strings.Split(c.text, "\n")
			for i, line := range lines {
				lines[i] = strings.TrimRight(mark+" MAGIC "+line, " ")
			}
			b.WriteString(strings.Join(lines, "\n"))
			continue
		}
		b.WriteString(c.text)
	}
	b.WriteString("\n")
	return []byte(b.String())
}

// storedLanguage is the language that stored content itself tells.
func storedLanguage(format string, content []byte) string {
	if format == "JUPYTER" {
		if nb, err := readJupyter(content); err == nil {
			return nb.language
		}
		return "PYTHON"
	}
	for _, language := range []string{"SCALA", "SQL"} {
		if hasHeader(content, language) {
			return language
		}
	}
	return "PYTHON"
}

// open reads a stored notebook.
func (n *node) open() (notebook, error) {
	if n.format == "JUPYTER" {
		return readJupyter(n.content)
	}
	return readSource(n.content, n.language), nil
}
