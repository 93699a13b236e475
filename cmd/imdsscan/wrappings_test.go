package main

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
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
	return wrapping{name: "old.ipynb", text: string(b) + "\n", cell: 1}
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
		out = append(out, wrapping{name: "export.dbc!/dir/member" + suffix, text: string(b), cell: 1})
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
	return []wrapping{{name: "chunk.Rmd", text: text, cell: chunk}, {name: "chunk.qmd", text: text, cell: chunk}, {name: "crlf.Rmd", text: crlf, cell: chunk}}
}

// exports are the code in formats that are read and not edited.
func exports(lang notebooks.Language, magic, body string) []wrapping {
	member := members(lang, magic, body)[0].text
	packed := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(url.QueryEscape(member), "+", "%20")))
	out := []wrapping{
		{name: "packed.html", text: "<script>var __DATABRICKS_NOTEBOOK_MODEL = '" + packed + "'</script>\n", shown: true},
		{name: "clear.html", text: "<script>var __DATABRICKS_NOTEBOOK_MODEL = " + member + ";</script>\n", shown: true},
	}
	interpreter := map[notebooks.Language]string{notebooks.Python: "%spark.pyspark", notebooks.Shell: "%sh", notebooks.R: "%spark.r",
		notebooks.SQL: "%spark.sql", notebooks.Scala: "%spark"}[lang]
	note, _ := json.Marshal(map[string]any{"defaultInterpreterGroup": "md", "paragraphs": []any{
		map[string]any{"text": "# text"}, map[string]any{"text": interpreter + "\n" + body}}})
	return append(out, wrapping{name: "note.zpln", text: string(note), shown: true})
}
