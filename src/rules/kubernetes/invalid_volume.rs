//! A volume has a name or a path that the API server refuses.
//!
//! The name of a volume is a label of DNS, unique in the pod; a path is absolute, and mounted once. Each pod has the volume
//! `tmp` at `/tmp` already, since the root of its file system is read-only.
//!
//! Give each volume a name and a path of its own.
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
    fn names_and_paths_that_are_taken_or_malformed_are_errors() {
        let data = || Volume::empty_dir("data").at("/data");
        assert_eq!(codes_of(vec![Volume::empty_dir("Big Data").at("/data")]), ["MS0452"]);
        assert_eq!(codes_of(vec![Volume::empty_dir("data").at("data")]), ["MS0452"]);
        assert_eq!(codes_of(vec![data(), Volume::empty_dir("other").at("/data")]), ["MS0452"]);
        assert_eq!(codes_of(vec![Volume::empty_dir("scratch").at("/tmp")]), ["MS0452"]);
    }

    #[test]
    fn volumes_side_by_side_are_fine() {
        let volumes = vec![Volume::empty_dir("data").at("/data"), Volume::empty_dir("cache").at("/data/cache")];
        assert_eq!(codes_of(volumes), [""; 0]);
    }
}
