//! A secret inside a text.

use meshsynth::{Secret, text};

fn main() {
    let secret = Secret::new("arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:db");
    let _url = text!["postgresql://app:", secret, "@db"];
}
