// OkHttp 3.
// needs: okhttp.jar okio.jar
// timeout: yes
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

public class OkHttp {
    private final OkHttpClient client = new OkHttpClient.Builder().readTimeout(2, TimeUnit.SECONDS).build();

    String get(String path) throws IOException {
        Request request = new Request.Builder().url("http://169.254.169.254/latest/" + path).addHeader("Accept", "text/plain").build();
        try (Response response = client.newCall(request).execute()) {
            if (!response.isSuccessful()) {
                return "status " + response.code() / 100;
            }
            return response.body().string();
        }
    }

    public static void main(String[] args) throws IOException {
        OkHttp http = new OkHttp();
        System.out.println(http.get("meta-data/instance-id"));
        System.out.println(http.get("meta-data/nothing/here"));
        OkHttpClient other = new OkHttpClient();
        System.out.println(other.newCall(new Request.Builder().url("http://169.254.169.254/latest/meta-data/ami-id").build()).execute().body().string().startsWith("ami"));
        System.exit(0);
    }
}
