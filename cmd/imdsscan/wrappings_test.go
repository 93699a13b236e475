package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
)

// oldNotebook is a notebook of nbformat 3 with the cell.
func oldNotebook(cell string) wrapping {
	b, _ := json.MarshalIndent(map[string]any{
		"nbformat": 3, "nbformat_minor": 0, "metadata": map[string]any{"name": ""},
		"worksheets": []any{map[string]any{"metadata": map[string]any{}, "cells": []any{
			map[string]any{"cell_type": "heading", "level": 1, "metadata": map[string]any{}, "source": []string{"Old"}},
			map[string]any{"cell_type": "code", "collapsed": false, "language": "python", "metadata": map[string]any{},
				"outputs": []any{}, "input": strings.SplitAfter(cell, "\n")},
		}}},
	}, "", " ")
	return wrapping{"old.ipynb", string(b) + "\n", 1}
}

// members are the code as members of a DBC archive, in a notebook of each
// language. The command stands first in the file and is shown second.
func members(lang notebooks.Language, magic, body string) []wrapping {
	var out []wrapping
	for _, def := range slices.Sorted(maps.Keys(notebookLanguages)) {
		cell := body
		if def != lang {
			cell = magic + "\n" + body
		}
		command := func(position float64, text string) any {
			return map[string]any{"version": "CommandV1", "guid": "x", "position": position, "command": text, "results": nil}
		}
		b, _ := json.Marshal(map[string]any{"version": "NotebookV1", "language": def, "name": "x",
			"commands": []any{command(2, cell), command(1, "%md\ntext")}})
		suffix := notebookLanguages[def].suffix
		if def == notebooks.Python {
			suffix = ".python"
		}
		out = append(out, wrapping{"export.dbc!/dir/member" + suffix, string(b), 1})
	}
	return out
}

// chunks are the code in R Markdown and Quarto.
func chunks(lang notebooks.Language, body string) []wrapping {
	engine := map[notebooks.Language]string{notebooks.Python: "python", notebooks.Shell: "bash", notebooks.R: "r",
		notebooks.SQL: "sql", notebooks.Scala: "scala"}[lang]
	if engine == "" || body == "" || strings.Contains(body, "```") {
		return nil
	}
	text := "---\ntitle: x\n---\n\nText `r 1 + 1` and more.\n\n```{" + engine + " name, echo=FALSE}\n" + body + "\n```\n\nThe end.\n"
	crlf := strings.ReplaceAll(text, "\n", "\r\n")
	const chunk = 4 // behind the header, text, the code in it and text
	return []wrapping{{"chunk.Rmd", text, chunk}, {"chunk.qmd", text, chunk}, {"crlf.Rmd", crlf, chunk}}
}
