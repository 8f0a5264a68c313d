//! What a mesh decides: mutual TLS, authorization, and what sidecars send.
