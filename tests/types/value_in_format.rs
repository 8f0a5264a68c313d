//! An unknown value inside `format!`.

use meshsynth::Val;

fn url(host: Val<String>) -> String {
    format!("https://{host}")
}

fn main() {
    url(Val::from("example.com"));
}
