"""What the program is made of: few packages, each locked by its hash, and nothing of a machine."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import AS_OF, ROOT
from test_invisible import texts

LOCKS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("**/requirements*.txt"))
LOCKS = [name for name in LOCKS if not name.startswith((".", "bench/eleventy"))]

PINNED = re.compile(r"(?m)^([a-z0-9][a-z0-9._-]*)(?:\[[a-z]+\])?==(\S+)((?:[^\n]*\\\n)*[^\n]*)")

# By the name of the package that is installed: the folders and modules that it brings.
PRODUCTION = {
    "jinja2": {"jinja2"},
    "markdown": {"markdown"},
    "markupsafe": {"markupsafe"},
    "pyyaml": {"yaml", "_yaml"},
    "segno": {"segno"},
}


def packages(lock: str) -> dict[str, list[str]]:
    """The hashes of every package of a lock."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    starts = [line for line in text.splitlines() if line[:1].isalnum()]
    found = {
        name: re.findall("sha256:([0-9a-f]{64})", rest) for name, _, rest in PINNED.findall(text)
    }
    assert len(found) == len(starts), "a line that pins nothing"
    return found


@pytest.mark.promise("F1")
def test_every_package_is_locked_by_its_hash(figure: Callable[[str], None]) -> None:
    assert len(LOCKS) == 5
    without = [(lock, name) for lock in LOCKS for name, h in packages(lock).items() if not h]
    assert without == []
    figure("0 packages without a hash")


@pytest.mark.promise("F1")
def test_whoever_installs_asks_for_the_hashes() -> None:
    calls = [
        (name, call.replace("\\\n", " "))
        for name in ("run", "netlify.toml", ".ci/run")
        for call in re.findall(r"pip install(?:[^\n]*\\\n)*[^\n]*", texts()[name])
    ]
    assert len(calls) >= 3
    assert [call for call in calls if "--require-hashes" not in call[1]] == []


@pytest.mark.promise("F1")
def test_changed_package_is_refused(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """By pip itself, without a network: a small wheel of our own, with its hash and another."""
    wheel = tmp_path / "kleinigkeit-1.0-py3-none-any.whl"
    info = "kleinigkeit-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("kleinigkeit.py", "value = 1\n")
        file.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: kleinigkeit\nVersion: 1.0\n"
        )
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(
            f"{info}/RECORD",
            f"kleinigkeit.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        )
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()

    def install(digest: str) -> subprocess.CompletedProcess[str]:
        lock = tmp_path / "lock.txt"
        lock.write_text(f"kleinigkeit==1.0 --hash=sha256:{digest}\n", encoding="utf-8")
        words = ["install", "--no-index", "--find-links", tmp_path, "--require-hashes"]
        words += ["--only-binary", ":all:", "-r", lock, "--target", tmp_path / digest]
        command = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check"]
        return subprocess.run(
            [*command, *map(str, words)], capture_output=True, text=True, check=False
        )

    wrong = f"{int(right[0], 16) ^ 1:x}{right[1:]}"
    refused = install(wrong)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert not (tmp_path / wrong / "kleinigkeit.py").exists()
    assert install(right).returncode == 0
    assert (tmp_path / right / "kleinigkeit.py").is_file()
    figure("a changed package is refused")


# Put together here, so that this file does not find itself.
SECRETS = {
    "address of a registry": "--(?:extra-)?index-" + "url|PIP_(?:EXTRA_)?INDEX_" + "URL",
    "home of a person": "(?<![A-Za-z0-9.])/(?:ho" + "me|Us" + "ers|ro" + "ot)/[a-z.]",
    "drive of a person": "C:" + r"\\Users",
    "private key": "BEGIN [A-Z ]*PRIVATE " + "KEY",
    "token of GitHub": "gh" + "[pousr]_[A-Za-z0-9]{36}",
    "key of Amazon": "AK" + "IA[0-9A-Z]{16}",
    "token of npm": "_auth" + "Token|npm" + "_[A-Za-z0-9]{36}",
    "token of Slack": "xo" + "x[abprs]-[A-Za-z0-9-]{10}",
    "token of Netlify": "nf" + "p_[A-Za-z0-9]{36}",
    "name and password in an address": r"[a-z]+:/" + r"/[^/\s:@\"']+:[^/\s:@\"']+@",
}
PLANTED = (
    "--index-" + "url x",
    "/ho" + "me/wang/x",
    "C:" + "\\Users\\wang",
    "-----BEGIN RSA PRIVATE " + "KEY-----",
    "gh" + "p_" + "a" * 36,
    "AK" + "IA" + "A" * 16,
    "_auth" + "Token=x",
    "xo" + "xb-1234567890",
    "nf" + "p_" + "a" * 36,
    "https:/" + "/wang:secret@x.example/",
)


@pytest.mark.promise("F2")
def test_no_lock_names_a_host(figure: Callable[[str], None]) -> None:
    locks = [*LOCKS, "bench/eleventy/package-lock.json"]
    assert [name for name in locks if ":/" + "/" in texts()[name]] == []
    figure(f"0 addresses in {len(locks)} locks")


@pytest.mark.promise("F2")
def test_no_tracked_file_holds_a_path_a_registry_or_a_token(figure: Callable[[str], None]) -> None:
    for pattern, planted in zip(SECRETS.values(), PLANTED, strict=True):
        assert re.search(pattern, planted), pattern
    found = [
        (name, what, match.group())
        for name, text in texts().items()
        for what, pattern in SECRETS.items()
        if (match := re.search(pattern, text))
    ]
    assert found == []
    figure("0 registries, personal paths or tokens in tracked files")


@pytest.mark.promise("F3")
def test_production_build_needs_five_small_packages_and_nothing_else(
    mini: Path, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Built with a folder that holds these packages alone, without the environment's own."""
    assert packages("requirements.txt").keys() == PRODUCTION.keys()
    installed = Path(pytest.__file__).parent.parent
    only = tmp_path / "only"
    only.mkdir()
    for name in {module for modules in PRODUCTION.values() for module in modules}:
        (only / name).symlink_to(installed / name)
    for info in installed.glob("*.dist-info"):  # Markdown finds its own extensions by it
        if info.name.lower().partition("-")[0] in PRODUCTION:
            (only / info.name).symlink_to(info)
    code = (
        "import sys, build; c = build.main(sys.argv[1:]); print(' '.join(sys.modules)); sys.exit(c)"
    )
    words = [
        "--root",
        mini,
        "--out",
        tmp_path / "site",
        "--as-of",
        AS_OF,
        "--address",
        "https://x.example",
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-E",
            "-c",
            f"import sys; sys.path.insert(0, {str(only)!r}); {code}",
            *map(str, words),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert {"jinja2", "markupsafe", "yaml"} <= loaded  # Markdown may run in another process
    assert not loaded & {"livereload", "tornado", "asyncio", "rich", "playwright", "pagefind"}
    figure("jinja2, markdown, pyyaml, segno and markupsafe; no package else")


@pytest.mark.promise("F6")
def test_sbom_names_every_package_of_the_lock_and_is_the_same_every_time(
    figure: Callable[[str], None],
) -> None:
    def made(*words: str) -> str:
        command = [sys.executable, "-S", "-E", "sbom.py", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    text = made()
    assert text == made()
    bom = json.loads(text)
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    listed = {c["name"]: sorted(h["content"] for h in c["hashes"]) for c in bom["components"]}
    assert listed == {name: sorted(h) for name, h in packages("requirements.txt").items()}
    needs = {item["ref"]: item["dependsOn"] for item in bom["dependencies"]}
    jinja2, markupsafe = (
        next(c["bom-ref"] for c in bom["components"] if c["name"] == name)
        for name in ("jinja2", "markupsafe")
    )
    assert needs[jinja2] == [markupsafe]
    assert needs[bom["metadata"]["component"]["bom-ref"]] == sorted(
        c["bom-ref"] for c in bom["components"] if c["name"] != "markupsafe"
    )
    more = json.loads(made("requirements-test.txt"))
    assert len(more["components"]) == len(packages("requirements-test.txt"))
    figure(f"{len(listed)} packages with versions and hashes, the same bytes every time")
