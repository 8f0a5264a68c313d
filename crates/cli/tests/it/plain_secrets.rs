//! Plain-text secrets in templates and objects: a report shows that they differ, without revealing them.

use crate::folders::Place;

const TEMPLATE: &str = r#"
Parameters:
  Pin: { Type: String, NoEcho: true, Default: hunter2-of-pin }
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties: { Engine: mysql, MasterUsername: admin, MasterUserPassword: hunter2-of-db }
  Login:
    Type: AWS::SecretsManager::Secret
    Properties: { SecretString: '{"password":"hunter2-of-login"}' }
  Job:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::111122223333:role/job
      Code: { ZipFile: x }
      Environment: { Variables: { DB_PASSWORD: hunter2-of-job, API_TOKEN: hunter2-of-api, LEVEL: level-of-job } }
"#;

const OBJECTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - name: web
          env: [{ name: DB_PASSWORD, value: hunter2-of-web }, { name: BROKER, value: "amqp://shop:hunter2-of-mq@mq" }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { db.password: hunter2-of-settings, level: level-of-settings }
"#;

#[test]
fn reports_show_digests_of_secrets() {
    let place = Place::new("plain-secrets");
    for (side, secret, level) in [("old", "hunter2-of", "info-of"), ("new", "hunter3-of", "debug-of")] {
        let of = |text: &str| text.replace("hunter2-of", secret).replace("level-of", level);
        place.write(&format!("{side}/shop.yaml"), &of(TEMPLATE)).write(&format!("{side}/k8s.yaml"), &of(OBJECTS));
    }
    for format in ["terminal", "markdown", "json", "html", "sarif"] {
        let (_, said) = place.diff(&["--format", format]);
        assert!(!said.contains("hunter"), "{format}: {said}");
        assert!(format == "sarif" || said.contains("debug-of-job"), "{format}: {said}");
    }
    let (_, said) = place.diff(&[]);
    for changed in ["MasterUserPassword", "SecretString", "DB_PASSWORD", "API_TOKEN", "db.password"] {
        assert!(said.contains(changed), "{changed}: {said}");
    }
}
