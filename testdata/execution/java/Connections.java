// HttpURLConnection in variables, with and without a look at the status.
// elsewhere: yes
// timeout: yes
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.Scanner;

class Connections {
    static final String DOCUMENT = "http://169.254.169.254/latest/dynamic/instance-identity/document";

    static String region() throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(DOCUMENT).openConnection();
        connection.setRequestMethod("GET");
        connection.setConnectTimeout(1000);
        connection.setReadTimeout(1000);
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_OK) {
            return "status " + status / 100;
        }
        try (Scanner in = new Scanner(connection.getInputStream(), "UTF-8").useDelimiter("\\A")) {
            String text = in.next();
            int at = text.indexOf("\"region\"");
            return at < 0 ? "none" : text.substring(at + 8).replaceAll("[^a-z0-9-].*|[\": ,\n]", "").trim();
        }
    }

    static String zone() {
        try {
            URL url = new URL("http://169.254.169.254/latest/meta-data/placement/availability-zone");
            URLConnection connection = url.openConnection();
            connection.setConnectTimeout(500);
            return new Scanner(connection.getInputStream()).nextLine();
        } catch (FileNotFoundException e) {
            return "not on EC2";
        } catch (IOException e) {
            return "unreachable";
        }
    }

    public static void main(String[] args) throws IOException {
        System.out.println(zone());
        System.out.println(region());
    }
}
