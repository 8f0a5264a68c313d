//! The simulated API server behind HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::cluster::Cluster;

/// An API server that accepts and records every token.
pub struct Server {
    pub address: String,
    pub cluster: Arc<Mutex<Cluster>>,
    /// The tokens of all requests.
    pub tokens: Arc<Mutex<Vec<String>>>,
    /// The number of next requests whose token is rejected.
    pub refused: Arc<Mutex<u32>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { address, cluster: Arc::default(), tokens: Arc::default(), refused: Arc::default() };
        let (cluster, tokens, refused) =
            (Arc::clone(&server.cluster), Arc::clone(&server.tokens), Arc::clone(&server.refused));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(&stream, &cluster, &tokens, &refused);
            }
        });
        server
    }

    /// Writes a kubeconfig for the server.
    pub fn kubeconfig(&self, name: &str) -> std::path::PathBuf {
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "one",
            "clusters": [{ "name": "one", "cluster": { "server": self.address } }],
            "users": [{ "name": "me", "user": { "token": "not a secret" } }],
            "contexts": [{ "name": "one", "context": { "cluster": "one", "user": "me" } }]
        });
        let file = std::env::temp_dir().join(format!("meshsynth-kubeconfig-{name}-{}", std::process::id()));
        std::fs::write(&file, config.to_string()).unwrap();
        file
    }
}

fn answer(stream: &TcpStream, cluster: &Mutex<Cluster>, tokens: &Mutex<Vec<String>>, refused: &Mutex<u32>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|n| n > 0) {}
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            (key.to_lowercase() == name).then(|| value.trim().to_owned())
        })
    };
    let mut body = vec![0; header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0)];
    let mut words = head.split_whitespace();
    let (Some(method), Some(target), true) = (words.next(), words.next(), reader.read_exact(&mut body).is_ok()) else {
        return;
    };
    tokens.lock().unwrap().push(header("authorization").unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    assert!(method != "PATCH" || query.contains("fieldManager=meshsynth"), "{query}");
    let status = |code: u16, reason: &str, text: &str| json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": text });
    let n_refused = *refused.lock().unwrap();
    let (code, answer) = if n_refused > 0 {
        *refused.lock().unwrap() = n_refused - 1;
        (401, status(401, "Unauthorized", "Unauthorized"))
    } else {
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let is_merge = header("content-type").is_some_and(|kind| kind == "application/merge-patch+json");
        match cluster.lock().unwrap().handle(if is_merge { "MERGE" } else { method }, path, query, &body) {
            Ok(answer) => (200, answer),
            Err(it) => {
                let cause = |(reason, field, message): &(String, String, String)| json!({ "reason": reason, "field": field, "message": message });
                let mut status = status(it.code, &it.reason, &it.text);
                status["details"] = json!({ "causes": it.causes.iter().map(cause).collect::<Vec<_>>() });
                (it.code, status)
            }
        }
    };
    let text = answer.to_string();
    let head = format!(
        "HTTP/1.1 {code} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        text.len()
    );
    let mut stream = stream;
    let _ = stream.write_all((head + &text).as_bytes());
}
