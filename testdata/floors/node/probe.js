const AWS = require('aws-sdk');

new AWS.EC2MetadataCredentials({httpOptions: {timeout: 3000}, maxRetries: 0}).get(function (err) {
  if (err) {
    console.error(err.message);
    process.exit(1);
  }
  console.log(this.accessKeyId);
});
