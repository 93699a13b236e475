public class Probe {
    public static void main(String[] args) {
        System.out.println(software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider.create().resolveCredentials().accessKeyId());
    }
}
