// java.net.http of Java 11.
// timeout: yes
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

public class HttpClients {
    static final String META = "http://169.254.169.254/latest/meta-data/";
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    String get(String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder()
            .uri(URI.create(META + key))
            .timeout(Duration.ofSeconds(2))
            .header("Accept", "text/plain")
            .GET()
            .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() == 200 ? response.body() : "status " + response.statusCode() / 100;
    }

    static int length(HttpClient client) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(META + "placement/region")).version(HttpClient.Version.HTTP_1_1).timeout(Duration.ofSeconds(2)).build();
        try (InputStream in = client.send(request, BodyHandlers.ofInputStream()).body()) {
            return in.readAllBytes().length > 3 ? 1 : 0;
        }
    }

    static boolean exists(String key) {
        try {
            return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(META + key)).timeout(Duration.ofSeconds(2)).method("HEAD", HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.discarding())
                .statusCode() == 200;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    public static void main(String[] args) throws Exception {
        HttpClients http = new HttpClients();
        System.out.println(http.get("instance-id"));
        System.out.println(http.get("nothing/here"));
        System.out.println(length(HttpClient.newHttpClient()));
        System.out.println(exists("ami-id"));
        HttpClient other = HttpClient.newHttpClient();
        HttpRequest lines = HttpRequest.newBuilder(URI.create(META + "instance-type")).timeout(Duration.ofSeconds(2)).build();
        HttpResponse<java.util.stream.Stream<String>> answer = other.send(lines, BodyHandlers.ofLines());
        if (answer.statusCode() != 200) {
            throw new IOException("status " + answer.statusCode());
        }
        answer.body().limit(1).forEach(System.out::println);
    }
}
