"""Runs install.sh with a generated release on a local server.

    python installer.py

The test runs it with all installed shells: `sh`, `dash`, `bash` and `busybox sh`.
"""

import functools
import hashlib
import http.server
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "dist/install.sh"
TARGETS = {
    ("Linux", "x86_64"): "x86_64-unknown-linux-musl",
    ("Linux", "aarch64"): "aarch64-unknown-linux-musl",
    ("Darwin", "x86_64"): "x86_64-apple-darwin",
    ("Darwin", "arm64"): "aarch64-apple-darwin",
    ("MINGW64_NT-10.0-26100", "x86_64"): "x86_64-pc-windows-msvc",
}
passed, failed = 0, 0


def check(what, is_fine, told=""):
    global passed, failed
    passed, failed = passed + bool(is_fine), failed + (not is_fine)
    if not is_fine:
        print(f"{what}\n{told}")


def archive(target, version):
    """Creates the release archive of a target: a command that prints its version, and a second command."""
    programs = {name: f"#!/bin/sh\necho {name} {version} for {target}\n".encode() for name in ("meshsynth", "meshsynth-more")}
    buffer = io.BytesIO()
    if "windows" in target:
        with zipfile.ZipFile(buffer, "w") as file:
            for name, text in programs.items():
                file.writestr(f"meshsynth-{target}/{name}.exe", text)
        return f"meshsynth-{target}.zip", buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for name, text in {**programs, "README.md": b"read me"}.items():
            entry = tarfile.TarInfo(f"meshsynth-{target}/{name}")
            entry.size, entry.mode = len(text), 0o755 if text.startswith(b"#!") else 0o644
            file.addfile(entry, io.BytesIO(text))
    return f"meshsynth-{target}.tar.gz", buffer.getvalue()


def release(folder, version, targets):
    folder.mkdir(parents=True)
    sums = []
    for target in targets:
        name, data = archive(target, version)
        (folder / name).write_bytes(data)
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(sums))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Machine:
    """A machine with one shell, fake `uname` and `gh`, and removable programs."""

    def __init__(self, shell, folder, address):
        self.shell, self.folder, self.address = shell, folder, address
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        self.home = folder / "home"
        self.home.mkdir()
        needed = "awk cat chmod cp cut curl gzip mkdir mktemp mv openssl rm sed sh sha256sum tar unzip wget".split()
        for name in needed:
            if found := shutil.which(name):
                (self.bin / name).symlink_to(found)
        if not (self.bin / "unzip").exists():
            self.program("unzip", f'#!/bin/sh\nexec {sys.executable} -m zipfile -e "$2" "$4"\n')
        self.be("Linux", "x86_64")

    def program(self, name, text):
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def be(self, system, processor):
        self.program("uname", f'#!/bin/sh\n[ "$1" = -s ] && echo {system} || echo {processor}\n')

    def without(self, *names):
        for name in names:
            (self.bin / name).unlink(missing_ok=True)

    def run(self, *args, script=SCRIPT, **env):
        env = {"PATH": str(self.bin), "HOME": str(self.home), "MESHSYNTH_RELEASES": self.address, **env}
        env = {key: value for key, value in env.items() if value is not None}
        command = [*self.shell, str(script), *args]
        done = subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def says(self, path=".local/bin/meshsynth"):
        program = self.home / path
        return subprocess.check_output([program], text=True).strip() if program.exists() else None


def cases(machine, releases):
    """Runs the cases. Each case starts with the state of the previous case, unless it resets it."""
    version = "meshsynth 1.2.0 for x86_64-unknown-linux-musl"
    code, told = machine.run()
    check("the latest release is installed", code == 0 and machine.says() == version, told)
    check("it says what and where, and that PATH lacks the folder", f"installed {version} -> {machine.home}/.local/bin/meshsynth\nnote: " in told, told)
    check("all commands of an archive are installed", machine.says(".local/bin/meshsynth-more"), told)
    check("nothing else is installed", sorted(os.listdir(machine.home / ".local/bin")) == ["meshsynth", "meshsynth-more"], told)
    code, told = machine.run("--version", "v1.1.0")
    check("another version comes in its place", code == 0 and "1.1.0" in machine.says(), told)
    code, told = machine.run("--version", "1.2.0", "--to", str(machine.home / "a b"), PATH=f"{machine.bin}:{machine.home}/a b")
    check("a folder may have a space", code == 0 and machine.says("a b/meshsynth") == version and "note:" not in told, told)
    code, told = machine.run("--version", "9.9.9")
    check("a version that does not exist is an error", code == 1 and "cannot download" in told and "1.1.0" in machine.says(), told)
    broken = releases / "download/v6.6.6"
    shutil.copytree(releases / "download/v1.2.0", broken)
    name = "meshsynth-x86_64-unknown-linux-musl.tar.gz"
    (broken / name).write_bytes((broken / name).read_bytes() + b"more")
    code, told = machine.run("--version", "6.6.6")
    check("a wrong checksum is refused", code == 1 and "has the checksum" in told and "1.1.0" in machine.says(), told)
    (broken / "SHA256SUMS").write_text("")
    code, told = machine.run("--version", "6.6.6")
    check("a missing checksum is refused", code == 1 and "has no checksum of" in told and "1.1.0" in machine.says(), told)
    shutil.rmtree(broken)
    code, told = machine.run("--to", "/dev/null/bin")
    check("a folder that cannot be made is an error", code == 1 and "cannot create the folder" in told, told)
    for args, words in [
        (["--colour"], "--colour is not an option"),
        (["--to"], "--to needs a value"),
        (["--version", "1.0/../.."], "is not a version"),
    ]:
        code, told = machine.run(*args)
        check(f"{args} is refused", code == 2 and words in told, told)
    code, told = machine.run("--help")
    check("the help names the options", code == 0 and "--version VERSION" in told and "Exit codes:" in told, told)
    code, told = machine.run(MESHSYNTH_RELEASES="http://releases.example/meshsynth")
    check("an address without https is refused", code == 2 and "is not an address with https" in told, told)
    code, told = machine.run(HOME=None)
    check("without HOME a folder is asked for", code == 2 and "--to DIR" in told, told)

    code, told = machine.run("--verify-attestation")
    check("an attestation needs gh", code == 2 and "gh is not installed" in told, told)
    log = machine.folder / "gh.log"
    machine.program("gh", f'#!/bin/sh\necho "$@" > {log}\n')
    code, told = machine.run("--verify-attestation")
    words = "--repo meshsynth/meshsynth --signer-workflow meshsynth/meshsynth/.github/workflows/release.yml"
    check("the attestation is verified", code == 0 and log.read_text().startswith("attestation verify /") and words in log.read_text(), told)
    (machine.home / ".local/bin/meshsynth").unlink()
    machine.program("gh", "#!/bin/sh\nexit 1\n")
    code, told = machine.run("--verify-attestation")
    check("an attestation of another is refused", code == 1 and "cannot be verified" in told and machine.says() is None, told)

    for (system, processor), target in TARGETS.items():
        machine.be(system, processor)
        suffix = ".exe" if "windows" in target else ""
        code, told = machine.run("--to", str(machine.home / target))
        check(f"{system} on {processor} gets {target}", code == 0 and target in (machine.says(f"{target}/meshsynth{suffix}") or ""), told)
    machine.be("Darwin", "x86_64")
    machine.program("sysctl", "#!/bin/sh\necho 1\n")
    code, told = machine.run("--to", str(machine.home / "rosetta"))
    check("a shell under Rosetta gets the binary for ARM", code == 0 and "aarch64" in machine.says("rosetta/meshsynth"), told)
    machine.without("sysctl")
    machine.be("Linux", "riscv64")
    code, told = machine.run()
    check("another machine is told of cargo", code == 2 and "there is no release for Linux on riscv64" in told and "cargo install" in told, told)
    machine.be("Linux", "x86_64")

    half = machine.folder / "half.sh"
    text = SCRIPT.read_text()
    for part in (2, 3, 10):
        half.write_text(text[: len(text) - len(text) // part])
        machine.run("--to", str(machine.home / "half"), script=half)
    half.write_text(text.removesuffix('main "$@"\n'))
    machine.run("--to", str(machine.home / "half"), script=half)
    check("a script that is cut off does nothing", not (machine.home / "half").exists())

    downloaders = [name for name in ("curl", "wget") if (machine.bin / name).exists()]
    check("curl or wget is here", downloaders)
    saved = {name: os.readlink(machine.bin / name) for name in [*downloaders, "sha256sum"]}
    for name in downloaders:
        machine.without(*saved)
        for kept in (name, "sha256sum"):
            (machine.bin / kept).symlink_to(saved[kept])
        code, told = machine.run("--to", str(machine.home / name))
        check(f"{name} is enough", code == 0 and machine.says(f"{name}/meshsynth") == version, told)
        code, told = machine.run("--version", "9.9.9")
        check(f"{name} tells that there is no such version", code == 1 and "cannot download" in told, told)
    machine.without("sha256sum")
    if (machine.bin / "openssl").exists():
        code, told = machine.run("--to", str(machine.home / "openssl"))
        check("openssl is enough", code == 0 and machine.says("openssl/meshsynth") == version, told)
    machine.without("openssl")
    code, told = machine.run()
    check("without a checksum nothing is installed", code == 2 and "cannot be verified" in told, told)
    machine.without(*downloaders)
    (machine.bin / "sha256sum").symlink_to(saved["sha256sum"])
    code, told = machine.run()
    check("without a downloader it says so", code == 2 and "neither curl nor wget" in told, told)


def main():
    lint = subprocess.run([pathlib.Path(sys.executable).parent / "shellcheck", SCRIPT], capture_output=True, text=True, check=False)
    check("ShellCheck finds nothing", lint.returncode == 0, lint.stdout)
    shells = [["sh"], *([name] for name in ("dash", "bash") if shutil.which(name))]
    shells += [["busybox", "sh"]] if shutil.which("busybox") else []
    with tempfile.TemporaryDirectory() as folder:
        releases = pathlib.Path(folder, "releases")
        for version in ("1.1.0", "1.2.0"):
            release(releases / "download" / f"v{version}", version, TARGETS.values())
        (releases / "latest").mkdir()
        (releases / "latest/download").symlink_to(releases / "download/v1.2.0")
        handler = functools.partial(Quiet, directory=str(releases))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}"
            for shell in shells:
                shell = [shutil.which(shell[0]), *shell[1:]]
                cases(Machine(shell, pathlib.Path(folder, f"by-{pathlib.Path(shell[0]).name}"), address), releases)
            server.shutdown()
    print(f"judged: {passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
