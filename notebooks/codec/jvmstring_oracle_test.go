package codec_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scalaReads prints for each literal or concatenation in hex the hex of what
// Scala reads, with the holes filled in, or a dash.
const scalaReads = `
import scala.reflect.runtime.universe._
import scala.tools.reflect.ToolBox
val box = runtimeMirror(getClass.getClassLoader).mkToolBox()
def unhex(s: String) = new String(s.grouped(2).map(Integer.parseInt(_, 16).toByte).toArray, "UTF-8")
def hex(s: String) = s.getBytes("UTF-8").map(b => "%02x".format(b & 0xff)).mkString
def text(t: Tree): String = t match {
  case Literal(Constant(s: String)) => s
  case Literal(Constant(c: Char)) => c.toString
  case Apply(Select(left, TermName("$plus")), List(right)) => operand(left) + operand(right)
  case Apply(Select(Apply(Ident(TermName("StringContext")), parts), TermName(how)), args) =>
    val raw = parts.map { case Literal(Constant(s: String)) => s }
    val texts = if (how == "raw") raw else raw.map(StringContext.treatEscapes)
    val values = args.map(operand)
    if (how != "f") texts.head + texts.tail.zip(values).map { case (p, v) => v + p }.mkString
    else {
      val conversion = "%-?[0-9]*[a-z]".r
      val bare = texts.tail.map(p => conversion.findPrefixOf(p).map(c => "%s" + p.drop(c.length)).getOrElse("%s" + p))
      (texts.head + bare.mkString).format(values: _*)
    }
}
def operand(t: Tree) = scala.util.Try(text(t)).getOrElse("__hole0__")
for (line <- scala.io.Source.stdin.getLines) {
  val read = try hex(text(box.parse(unhex(line)))) catch { case e: Throwable => "-" }
  println("=" + read)
}
`

// javaReads does the same for Java.
const javaReads = `
import com.sun.source.tree.*;
import com.sun.source.util.*;
import java.io.*;
import java.net.URI;
import java.util.*;
import javax.tools.*;

public class Reads {
    static String text(String literal) throws Exception {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        String source = "class A { String s = " + literal + "; }";
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///A.java"), JavaFileObject.Kind.SOURCE) {
            public CharSequence getCharContent(boolean ignore) { return source; }
        };
        DiagnosticCollector<JavaFileObject> errors = new DiagnosticCollector<>();
        JavacTask task = (JavacTask) javac.getTask(null, null, errors, null, null, List.of(file));
        String[] found = {null};
        for (CompilationUnitTree unit : task.parse())
            new TreeScanner<Void, Void>() {
                public Void visitVariable(VariableTree v, Void none) {
                    if (v.getInitializer() instanceof LiteralTree) found[0] = (String) ((LiteralTree) v.getInitializer()).getValue();
                    return null;
                }
            }.scan(unit, null);
        for (Diagnostic<?> d : errors.getDiagnostics()) if (d.getKind() == Diagnostic.Kind.ERROR) return null;
        return found[0];
    }
    public static void main(String[] args) throws Exception {
        HexFormat hex = HexFormat.of();
        for (String line : new String(System.in.readAllBytes()).split("\n")) {
            String read = text(new String(hex.parseHex(line), "UTF-8"));
            System.out.println(read == null ? "-" : hex.formatHex(read.getBytes("UTF-8")));
        }
    }
}
`

// literalsOf runs a program that reads literals.
func literalsOf(t *testing.T, name, program string, literals []string, command ...string) []string {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skipf("%s is not installed", command[0])
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	var in strings.Builder
	for _, l := range literals {
		in.WriteString(hex.EncodeToString([]byte(l)) + "\n")
	}
	cmd := exec.Command(command[0], append(command[1:], file)...)
	cmd.Stdin = strings.NewReader(in.String())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command[0], err, stderr.String())
	}
	read := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(read) != len(literals) {
		t.Fatalf("%d literals gave %d answers: %s", len(literals), len(read), stderr.String())
	}
	return read
}

// compareReads: what the language reads as a literal it still reads after an
// edit, as the text that the edit made of it.
func compareReads(t *testing.T, docs []edited, read []string, few int) {
	t.Helper()
	compared := 0
	for i, d := range docs {
		before, after := strings.TrimPrefix(read[2*i], "="), strings.TrimPrefix(read[2*i+1], "=")
		switch {
		case before == "-":
		case after == "-":
			t.Errorf("%q is read, but not %q", d.before, d.after)
		default:
			compared++
			if after != hex.EncodeToString([]byte(oneHole(d.want))) {
				got, _ := hex.DecodeString(after)
				t.Errorf("%q became %q, which is read\n as %q\nwant %q", d.before, d.after, got, d.want)
			}
		}
	}
	if compared < few {
		t.Errorf("only %d literals were compared", compared)
	}
}

func bothSides(docs []edited) (all []string) {
	for _, d := range docs {
		all = append(all, d.before, d.after)
	}
	return all
}

func TestScalaReadsEdits(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the Scala compiler")
	}
	docs := editedDocuments(t, 80, func(l lawLayer) bool { return strings.HasPrefix(l.name, "scala") })
	docs = slices.DeleteFunc(docs, func(d edited) bool {
		// What \u means here is the version's affair.
		return strings.Contains(d.after, `\u`) && (strings.HasPrefix(d.after, `"""`) || strings.HasPrefix(d.after, "raw"))
	})
	compareReads(t, docs, literalsOf(t, "reads.scala", scalaReads, bothSides(docs), "scala", "-nc", "-Dfile.encoding=UTF-8"), 150)
}

func TestJavaReadsEdits(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the Java compiler")
	}
	docs := editedDocuments(t, 400, func(l lawLayer) bool {
		return l.name == "java double" || strings.HasPrefix(l.name, "java block")
	})
	compareReads(t, docs, literalsOf(t, "Reads.java", javaReads, bothSides(docs), "java", "--add-exports", "jdk.compiler/com.sun.source.tree=ALL-UNNAMED"), 300)
}
