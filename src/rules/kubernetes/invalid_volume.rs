//! A volume has a name or a path that the API server rejects.
//!
//! # What it reports
//!
//! The name of a volume is not a DNS label, the name or path occurs twice in the pod, or the path is not absolute. The
//! name `tmp` and the path `/tmp` are already used: each pod has this volume, because its root file system is
//! read-only.
//!
//! # Why it matters
//!
//! The API server rejects the pod template.
//!
//! # Fix
//!
//! Give each volume a unique name and an absolute, unique path.
//!
//! Source: <https://kubernetes.io/docs/concepts/storage/volumes/>

#[cfg(test)]
mod tests {
    use crate::mesh::{PodProps, Volume, Workload, WorkloadProps};
    use crate::testing::{codes, namespace};

    fn codes_of(volumes: Vec<Volume>) -> Vec<&'static str> {
        codes(|app| {
            let props = WorkloadProps { pod: PodProps { volumes, ..Default::default() }, ..Default::default() };
            Workload::new(&namespace(app), "orders", "registry.example/orders:1.4.0", props);
        })
    }

    #[test]
    fn reports_duplicate_and_malformed_names_and_paths() {
        let data = || Volume::empty_dir("data").at("/data");
        assert_eq!(codes_of(vec![Volume::empty_dir("Big Data").at("/data")]), ["MS0452"]);
        assert_eq!(codes_of(vec![Volume::empty_dir("data").at("data")]), ["MS0452"]);
        assert_eq!(codes_of(vec![data(), Volume::empty_dir("other").at("/data")]), ["MS0452"]);
        assert_eq!(codes_of(vec![Volume::empty_dir("scratch").at("/tmp")]), ["MS0452"]);
    }

    #[test]
    fn accepts_volumes_with_different_names_and_paths() {
        let volumes = vec![Volume::empty_dir("data").at("/data"), Volume::empty_dir("cache").at("/data/cache")];
        assert_eq!(codes_of(volumes), [""; 0]);
    }
}
