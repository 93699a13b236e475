// Commands that Java runs, and shell in its strings.
// needs: curl wget
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;

public class Processes {
    static final String META = "http://169.254.169.254/latest/meta-data/";

    static String output(Process process) throws Exception {
        BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream()));
        StringBuilder text = new StringBuilder();
        for (String line; (line = reader.readLine()) != null; ) {
            text.append(line);
        }
        return process.waitFor() == 0 ? text.toString() : "failed";
    }

    public static void main(String[] args) throws Exception {
        System.out.println(output(Runtime.getRuntime().exec("curl -sf http://169.254.169.254/latest/meta-data/instance-id")));
        System.out.println(output(Runtime.getRuntime().exec("curl -sf " + META + "placement/region")));
        System.out.println(output(Runtime.getRuntime().exec(new String[] {"curl", "-sf", META + "ami-id"})));
        System.out.println(output(new ProcessBuilder("wget", "-qO-", META + "instance-type").start()));
        System.out.println(output(new ProcessBuilder(Arrays.asList("curl", "-s", "-f", "-m", "3", META + "local-ipv4")).redirectErrorStream(true).start()));
        System.out.println(output(new ProcessBuilder("bash", "-c", "Z=$(curl -sf " + META + "placement/availability-zone); echo \"zone $Z\"").start()));

        String script = "#!/bin/bash\n"
            + "# written at install time\n"
            + "ID=$(curl -sf " + META + "instance-id || echo none)\n"
            + "echo \"id: $ID\"\n";
        Files.write(Paths.get("id.sh"), script.getBytes());
        System.out.println(output(Runtime.getRuntime().exec(new String[] {"bash", "id.sh"})));

        String block = """
            #!/bin/sh
            set -e
            name=`curl -s -f "http://169.254.169.254/latest/meta-data/local-hostname"`
            echo "name \\"$name\\""
            """;
        Files.writeString(Paths.get("name.sh"), block);
        System.out.println(output(new ProcessBuilder("sh", "name.sh").start()));
    }
}
