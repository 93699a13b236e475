package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// jupyter is the part of an ipynb that the service reads and writes.
type jupyter struct {
	Cells    []jupyterCell  `json:"cells"`
	Metadata map[string]any `json:"metadata"`
	Format   int            `json:"nbformat"`
	Minor    int            `json:"nbformat_minor"`
}

type jupyterCell struct {
	Type     string          `json:"cell_type"`
	Count    json.RawMessage `json:"execution_count,omitempty"`
	Metadata map[string]any  `json:"metadata"`
	Outputs  json.RawMessage `json:"outputs,omitempty"`
	Source   lines           `json:"source"`
}

// lines is text that an ipynb has as a list of lines or as one string.
type lines string

func (l *lines) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = lines(one)
		return nil
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*l = lines(strings.Join(list, ""))
	return nil
}

func (l lines) MarshalJSON() ([]byte, error) {
	list := []string{}
	for line := range strings.SplitAfterSeq(string(l), "\n") {
		if line != "" {
			list = append(list, line)
		}
	}
	return json.Marshal(list)
}

// The keys of the vendor's metadata.
const (
	vendorNotebook = "application/vnd.databricks.v1+notebook"
	vendorCell     = "application/vnd.databricks.v1+cell"
)

// readJupyter reads an ipynb.
func readJupyter(content []byte) (notebook, error) {
	var j jupyter
	if err := json.Unmarshal(content, &j); err != nil {
		return notebook{}, err
	}
	if j.Cells == nil || j.Format != 4 {
		return notebook{}, errors.New("no cells, or not nbformat 4")
	}
	nb := notebook{language: "PYTHON"}
	for _, place := range [][]string{{vendorNotebook, "language"}, {"language_info", "name"}, {"kernelspec", "language"}} {
		outer, _ := j.Metadata[place[0]].(map[string]any)
		if name, _ := outer[place[1]].(string); suffixes[strings.ToUpper(name)] != "" {
			nb.language = strings.ToUpper(name)
			break
		}
	}
	for _, cell := range j.Cells {
		c := command{text: string(cell.Source)}
		switch cell.Type {
		case "markdown":
			if !strings.HasPrefix(c.text, "%md") {
				c.text = "%md\n" + c.text
			}
		case "code":
		default:
			continue // raw
		}
		vendor, _ := cell.Metadata[vendorCell].(map[string]any)
		c.title, _ = vendor["title"].(string)
		nb.commands = append(nb.commands, c)
	}
	return nb, nil
}

// jupyter writes an ipynb.
func (nb notebook) jupyter(name string) ([]byte, error) {
	j := jupyter{Format: 4, Metadata: map[string]any{
		vendorNotebook: map[string]any{"dashboards": []any{}, "environmentMetadata": nil, "language": strings.ToLower(nb.language),
			"notebookMetadata": map[string]any{"pythonIndentUnit": 4}, "notebookName": name, "widgets": map[string]any{}},
		"language_info": map[string]any{"name": strings.ToLower(nb.language)},
	}, Cells: []jupyterCell{}}
	for _, c := range nb.commands {
		vendor := map[string]any{"cellMetadata": map[string]any{}, "inputWidgets": map[string]any{}, "nuid": guid(name, c.text),
			"showTitle": c.title != "", "title": c.title}
		cell := jupyterCell{Type: "code", Count: json.RawMessage("null"), Outputs: json.RawMessage("[]"),
			Source: lines(c.text), Metadata: map[string]any{vendorCell: vendor}}
		if rest, ok := strings.CutPrefix(c.text, "%md"); ok && (rest == "" || strings.ContainsAny(rest[:1], " \n")) {
			cell.Type, cell.Count, cell.Outputs = "markdown", nil, nil
			cell.Source = lines(strings.TrimLeft(rest, " \n"))
		}
		j.Cells = append(j.Cells, cell)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(j); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
