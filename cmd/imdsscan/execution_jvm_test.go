//go:build linux

package main_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Programs in Scala and Java are compiled once for each text, by one compiler
// that stays in memory, and their classes run in every world.

const (
	jarFolder  = "/usr/share/java"
	jvmBuilder = "../../testdata/execution/Compile.java"
)

// scalaJars are what a compiled Scala program needs, and what the compiler does.
var (
	scalaJars    = []string{"scala-library.jar"}
	compilerJars = []string{"scala-library.jar", "scala-compiler.jar", "scala-reflect.jar", "scala-xml_2.11.jar", "scala-parser-combinators_2.11.jar"}
)

// jvmProgram is how a program in a language of the JVM is built and started.
type jvmProgram struct {
	language string // "scala" or "java"
	jars     []string
}

// newJVMProgram says in skip what this machine lacks.
func newJVMProgram(language string, jars []string) (p *jvmProgram, skip string) {
	p = &jvmProgram{language: language, jars: jars}
	if language == "scala" {
		p.jars = append(p.jars, scalaJars...)
	}
	for i, jar := range p.jars {
		p.jars[i] = filepath.Join(jarFolder, jar)
		if _, err := os.Stat(p.jars[i]); err != nil {
			return p, jar + " is not installed"
		}
	}
	for _, tool := range []string{"java", "javac"} {
		if _, err := lookPath(tool); err != nil {
			return p, tool + " is not installed"
		}
	}
	return p, ""
}

// command builds a text and returns what runs it.
func (p *jvmProgram) command(name string, text []byte) ([]string, error) {
	classes, err := jvmBuilds.build(p, name, text)
	if err != nil {
		return nil, err
	}
	main := "Main"
	if p.language == "java" {
		main = strings.TrimSuffix(name, ".java")
	}
	return []string{"java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Dfile.encoding=UTF-8",
		"-cp", strings.Join(append([]string{classes}, p.jars...), ":"), main}, nil
}

var jvmBuilds = &builds{done: map[[32]byte]built{}}

// builds keeps what was compiled, by content.
type builds struct {
	mu   sync.Mutex
	dir  string
	done map[[32]byte]built
	in   io.Writer
	out  *bufio.Reader
}

type built struct {
	classes string
	err     error
}

func (b *builds) build(p *jvmProgram, name string, text []byte) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := sha256.Sum256([]byte(strings.Join(p.jars, ":") + "\x00" + name + "\x00" + string(text)))
	if done, known := b.done[key]; known {
		return done.classes, done.err
	}
	if b.in == nil {
		if err := b.start(); err != nil {
			return "", err
		}
	}
	dir := filepath.Join(b.dir, fmt.Sprintf("%x", key[:8]))
	classes, source := filepath.Join(dir, "classes"), filepath.Join(dir, name)
	if err := os.MkdirAll(classes, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(source, text, 0o644); err != nil {
		return "", err
	}
	fmt.Fprintf(b.in, "%s\t%s\t%s\t%s\n", p.language, source, classes, strings.Join(append([]string{classes}, p.jars...), ":"))
	answer, err := b.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the compiler ended: %w", err)
	}
	if answer = strings.TrimSpace(answer); answer != "" {
		err = fmt.Errorf("%s\n%s", strings.ReplaceAll(answer, `\n`, "\n"), text)
	}
	b.done[key] = built{classes, err}
	return classes, err
}

// start starts the compiler; it ends with this process, whose end of the pipe
// it reads from.
func (b *builds) start() error {
	var err error
	if b.dir, err = os.MkdirTemp("", "imdsscan-jvm"); err != nil {
		return err
	}
	java, err := lookPath("java")
	if err != nil {
		return err
	}
	var jars []string
	for _, j := range compilerJars {
		jars = append(jars, filepath.Join(jarFolder, j))
	}
	cmd := exec.Command(java, "-XX:+UseSerialGC", "-Xss8m", "-cp", strings.Join(jars, ":"), jvmBuilder)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	b.in, b.out = in, bufio.NewReader(out)
	return nil
}
