//! A value that is not known yet inside `format!`.

use meshsynth::Val;

fn url(host: Val<String>) -> String {
    format!("https://{host}")
}

fn main() {
    url(Val::from("example.com"));
}
