// Apache HttpClient 4 and its fluent form.
// needs: httpclient.jar httpcore.jar fluent-hc.jar commons-logging.jar commons-codec.jar
// timeout: yes
import java.io.IOException;
import org.apache.http.HttpResponse;
import org.apache.http.client.HttpClient;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.fluent.Request;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.util.EntityUtils;

public class ApacheClient {
    static final String META = "http://169.254.169.254/latest/meta-data/";

    static String status(CloseableHttpClient client, String key) throws IOException {
        HttpGet get = new HttpGet(META + key);
        get.setConfig(RequestConfig.custom().setConnectTimeout(2000).setSocketTimeout(2000).build());
        get.setHeader("Accept", "text/plain");
        try (CloseableHttpResponse response = client.execute(get)) {
            int code = response.getStatusLine().getStatusCode();
            return code == 200 ? EntityUtils.toString(response.getEntity()) : "status " + code / 100;
        }
    }

    static String region() {
        HttpClient client = HttpClientBuilder.create().build();
        try {
            HttpResponse response = client.execute(new HttpGet(META + "placement/region"));
            if (response.getStatusLine().getStatusCode() != 200) {
                return "no region";
            }
            return EntityUtils.toString(response.getEntity(), "UTF-8");
        } catch (IOException e) {
            return "unreachable";
        }
    }

    public static void main(String[] args) throws IOException {
        try {
            System.out.println(Request.Get(META + "instance-id").connectTimeout(1000).socketTimeout(1000).execute().returnContent().asString());
        } catch (IOException e) {
            System.out.println("no instance id");
        }
        try (CloseableHttpClient client = HttpClients.createDefault()) {
            System.out.println(status(client, "ami-id"));
            System.out.println(status(client, "nothing/here"));
        }
        System.out.println(region());
    }
}
