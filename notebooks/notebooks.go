// Package notebooks holds what a file is once it is decoded: a [Document] of
// [Cell]s, each in one language, each tied to the bytes of the file.
//
// The package and those below it know nothing of metadata services, findings
// or rules. notebooks/format builds documents, notebooks/span carries
// positions and edits, notebooks/codec holds the encodings between the two.
package notebooks

import (
	"bytes"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Language is what a cell or a piece of code is written in.
type Language string

// The languages a Databricks workspace holds. Text is anything else that is
// readable; it is never parsed, only searched.
const (
	Python    Language = "python"
	Shell     Language = "shell"
	Scala     Language = "scala"
	Java      Language = "java"
	R         Language = "r"
	SQL       Language = "sql"
	YAML      Language = "yaml"
	Markdown  Language = "markdown"
	Packages  Language = "packages" // a manifest: a list of packages and versions
	Terraform Language = "terraform"
	// Dockerfile is the text that an image is built from.
	Dockerfile Language = "dockerfile"
	Text       Language = "text"
)

// Title is the language as people write it: "Python", "shell", "SQL".
func (l Language) Title() string {
	switch l {
	case R, SQL, YAML:
		return strings.ToUpper(string(l))
	case Shell, Text, "":
		return string(l)
	}
	return strings.ToUpper(string(l[:1])) + string(l[1:])
}

// Format is how a document is stored.
type Format string

// The stored formats.
const (
	Source    Format = "source"    // Databricks SOURCE notebook
	IPynb     Format = "ipynb"     // Jupyter notebook
	DBC       Format = "dbc"       // notebook as DBC archives hold it
	HTML      Format = "html"      // HTML export of Databricks
	Zeppelin  Format = "zeppelin"  // Zeppelin note
	RMarkdown Format = "rmarkdown" // R Markdown, Quarto, Sweave
	Plain     Format = "plain"     // a file in one language
)

// Manifest is which kind of file that lists packages and versions it is.
type Manifest string

// The manifests.
const (
	Requirements Manifest = "requirements file" // pip's requirements and constraints
	Pyproject    Manifest = "pyproject.toml"
	SetupCfg     Manifest = "setup.cfg"
	Tox          Manifest = "tox.ini"
	Makefile     Manifest = "Makefile"
	Pipfile      Manifest = "Pipfile"
	PipfileLock  Manifest = "Pipfile.lock"
	PoetryLock   Manifest = "poetry.lock"
	UVLock       Manifest = "uv.lock"
	PDMLock      Manifest = "pdm.lock"
	PackageJSON  Manifest = "package.json"
	PackageLock  Manifest = "package-lock.json"
	YarnLock     Manifest = "yarn.lock"
	PNPMLock     Manifest = "pnpm-lock.yaml"
	BunLock      Manifest = "bun.lock"
	RenvLock     Manifest = "renv.lock"
	Description  Manifest = "DESCRIPTION" // of an R package
	POM          Manifest = "pom.xml"
	Gradle       Manifest = "Gradle build file"
	Catalog      Manifest = "Gradle version catalog"
	GradleLock   Manifest = "Gradle lock file"
	Groovy       Manifest = "Groovy script"
	SBT          Manifest = "sbt build file"
	SparkConf    Manifest = "Spark configuration"
	PlatformJSON Manifest = "job or cluster definition" // of Databricks
)

// Document is a decoded file.
type Document struct {
	// Path is the file's name as it is reported.
	Path string
	// Name is the name that decides what the file is: Path, unless that says
	// nothing of it, as in a workspace.
	Name   string
	Format Format
	// Language is the notebook's default language, or the file's.
	Language Language
	// Manifest is set where Language is Packages.
	Manifest Manifest
	// File is the whole file; every cell's Text descends from it.
	File  *span.Text
	Cells []*Cell
	// Together are documents whose packages are installed together with those of
	// this one: lists that include each other, and what installs them. Of what
	// is no list only the text is there.
	Together []*Document
	// ReadOnly is why nothing in the file may be edited, empty when it may.
	ReadOnly string
	// Beside are the files around it; the zero value where it stands alone.
	Beside Beside
	// Problems are parts that could not be decoded; the rest of the document
	// was. An empty list means everything was read.
	Problems []Problem
}

// InFile are the cells in the order in which they stand in the file; Cells has
// them as the notebook's UI shows them.
func (d *Document) InFile() []*Cell {
	cells := slices.Clone(d.Cells)
	at := func(c *Cell) int { return c.Text.Raw(span.Span{}).Start }
	slices.SortStableFunc(cells, func(a, b *Cell) int { return at(a) - at(b) })
	return cells
}

// Problem is a part of a document that could not be read.
type Problem struct {
	Raw    span.Span // in the file
	Cell   int       // the cell's number, 0 when it concerns the whole file
	Reason string
}

// Cell is one cell of a notebook, or the whole of a plain file.
type Cell struct {
	// Number counts all cells from 1 as the notebook's own UI does; 0 for a
	// plain file and for the prose between chunks.
	Number int
	ID     string // the cell's id where the format has one
	Title  string
	// Language is that of Code, after the cell's magic.
	Language Language
	// Magic is the cell magic as written, "%sh -e" say; empty without one.
	Magic string
	// Text is the cell as the UI shows it, magic line included, lines ended
	// with LF.
	Text *span.Text
	// Code is the part of Text that is in Language.
	Code *span.Text
	// ReadOnly is why nothing in the cell may be edited, empty when it may.
	ReadOnly string
}

// Position is a place for people: lines and columns count from 1, columns in
// bytes.
type Position struct{ Line, Column int }

// PositionAt is the position of the byte offset in b.
func PositionAt(b []byte, off int) Position {
	off = min(off, len(b))
	line := bytes.Count(b[:off], []byte{'\n'}) + 1
	return Position{Line: line, Column: off - (bytes.LastIndexByte(b[:off], '\n') + 1) + 1}
}
