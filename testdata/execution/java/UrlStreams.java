// Streams of java.net.URL, as Java programs read the metadata.
// timeout: yes
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

public class UrlStreams {
    private static final String META = "http://169.254.169.254/latest/meta-data/";

    static String read(InputStream in) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, "UTF-8"));
        StringBuilder text = new StringBuilder();
        for (String line; (line = reader.readLine()) != null; ) {
            text.append(line).append(' ');
        }
        return text.toString().trim();
    }

    static class Instance {
        final String id;

        Instance() throws IOException {
            try (InputStream in = new URL(META + "instance-id").openStream()) {
                id = read(in);
            }
        }
    }

    static String region() {
        try {
            return read(new URL(META + "placement/region").openStream());
        } catch (IOException e) {
            return "us-east-1";
        }
    }

    public static void main(String[] args) throws Exception {
        System.out.println(region());
        System.out.println(new Instance().id);
        List<String> found = new ArrayList<>();
        for (String key : new String[] {"ami-id", "nothing/here"}) {
            try (InputStream in = new URL(META + key).openConnection().getInputStream()) {
                found.add(read(in));
            } catch (IOException e) {
                found.add("no " + key);
            }
        }
        System.out.println(found);
        Callable<InputStream> later = () -> new URL(META + "instance-type").openStream();
        System.out.println(read(later.call()));
    }
}
