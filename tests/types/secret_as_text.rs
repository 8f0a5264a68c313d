//! A secret as plain text.

use meshsynth::{Secret, ssm, App, Env, Stack};

fn main() {
    let app = App::new("app");
    let data = Stack::new(&app, "data", Env::region("ap-northeast-1"));
    let secret = Secret::new("arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:db");
    ssm::Parameter::new(&data, "password", "orders/password", secret, ssm::ParameterProps::default());
}
