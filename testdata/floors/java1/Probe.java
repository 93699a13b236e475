public class Probe {
    public static void main(String[] args) {
        System.out.println(new com.amazonaws.auth.InstanceProfileCredentialsProvider(false).getCredentials().getAWSAccessKeyId());
    }
}
