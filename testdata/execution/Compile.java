import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import javax.tools.ToolProvider;

/**
 * Compiles programs of the execution suite, one a line: language, source,
 * folder for the classes and class path, parted by tabs. A compiler that is
 * warm takes a second where a new one takes ten. Answers with a line: empty,
 * or the errors with their line ends escaped.
 */
public class Compile {
    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        Scanner in = new Scanner(System.in, "UTF-8");
        while (in.hasNextLine()) {
            String[] job = in.nextLine().split("\t");
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(said, true, "UTF-8");
            System.setOut(out);
            System.setErr(out);
            boolean good = job[0].equals("java") ? java(job, out) : scala(job);
            out.flush();
            String errors = new String(said.toByteArray(), StandardCharsets.UTF_8).replace("\\", "\\\\").replace("\n", "\\n");
            answers.println(good ? "" : "not compiled: " + errors);
            answers.flush();
        }
    }

    static boolean java(String[] job, PrintStream out) {
        return ToolProvider.getSystemJavaCompiler().run(null, out, out,
            "-nowarn", "-encoding", "UTF-8", "-cp", job[3], "-d", job[2], job[1]) == 0;
    }

    // As a script: statements at the top level, in an object named Main.
    static boolean scala(String[] job) throws Exception {
        Class<?> compiler = Class.forName("scala.tools.nsc.Main");
        compiler.getMethod("process", String[].class).invoke(null, (Object) new String[] {
            "-nowarn", "-encoding", "UTF-8", "-cp", job[3], "-d", job[2], "-Xscript", "Main", job[1]});
        Object reporter = compiler.getMethod("reporter").invoke(null);
        return !(Boolean) reporter.getClass().getMethod("hasErrors").invoke(reporter);
    }
}
