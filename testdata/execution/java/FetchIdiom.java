// How many programs fetch a page: a status check, a finally that may meet no connection.
// needs: curl
import java.io.*;
import java.net.*;
public class FetchIdiom {
    private static String fetch(String path) {
        HttpURLConnection conn = null;
        BufferedReader reader = null;
        try {
            URL url = new URL("http://169.254.169.254/latest/meta-data/" + path);
            conn = (HttpURLConnection) url.openConnection();
            conn.setRequestMethod("GET");
            conn.setConnectTimeout(1000);
            if (conn.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new RuntimeException("Failed : HTTP error class " + conn.getResponseCode() / 100);
            }
            reader = new BufferedReader(new InputStreamReader(conn.getInputStream()));
            String line;
            StringBuilder sb = new StringBuilder();
            while ((line = reader.readLine()) != null) sb.append(line).append('\n');
            return sb.toString().trim();
        } catch (MalformedURLException e) {
            return "bad url";
        } catch (IOException e) {
            return "io";
        } finally {
            if (conn != null) {
                conn.disconnect();
            }
        }
    }
    public static void main(String... args) throws Exception {
        System.out.println(fetch("instance-id"));
        for (String k : new String[] {"mac", "nothing/x"}) {
            try { System.out.println(fetch(k)); } catch (RuntimeException e) { System.out.println(e.getMessage()); }
        }
        URLConnection c = new URL("http://169.254.169.254/latest/meta-data/ami-id").openConnection();
        c.setReadTimeout(500); c.connect();
        System.out.println(new BufferedReader(new InputStreamReader(c.getInputStream())).readLine());
        Process p = new ProcessBuilder().command("curl", "-sf", "http://169.254.169.254/latest/meta-data/hostname").start();
        System.out.println(new BufferedReader(new InputStreamReader(p.getInputStream())).readLine());
        System.out.println(p.waitFor() == 0);
    }
}
