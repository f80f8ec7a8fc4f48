"""Tests of `.ci/audit.py`, which checks installed packages for known vulnerabilities and for their licences."""

import json
import runpy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / ".ci"
AUDIT: dict[str, Any] = runpy.run_path(str(FOLDER / "audit.py"))
Package = AUDIT["Package"]
LICENCES = {"allowed": ["MIT", "PSF-2.0"], "names": {"MIT License": "MIT"}, "exceptions": {"certifi": "MPL-2.0: why"}}
ADVISORIES = {"affected": {"brotli": {"<1.2": ["CVE-1", "CVE-2"], ">=1.5": ["CVE-3"]}}, "accepted": {"CVE-2": "why"}}


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("MIT License", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND PSF-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("", False),
        ("MPL-2.0", False),
    ],
)
def test_a_licence_has_to_be_allowed_or_an_exception(licence: str, allowed: bool) -> None:
    problems = list(AUDIT["check_licences"]([Package("brotli", "1.0", licence)], LICENCES))
    assert problems == [] if allowed else "brotli 1.0 has the licence" in problems[0]


def test_an_exception_has_to_be_needed() -> None:
    assert list(AUDIT["check_licences"]([Package("certifi", "1", "MPL-2.0")], LICENCES)) == []
    (problem,) = AUDIT["check_licences"]([Package("certifi", "1", "MIT")], LICENCES)
    assert "needs no exception" in problem


@pytest.mark.parametrize(("version", "vulnerabilities"), [("1.1", ["CVE-1"]), ("1.2", []), ("1.5.0", ["CVE-3"])])
def test_a_vulnerable_version_is_reported_unless_it_is_accepted(version: str, vulnerabilities: list[str]) -> None:
    found = list(AUDIT["check_file"]([Package("brotli", version, "MIT")], ADVISORIES))
    problems = list(AUDIT["report_findings"](found, ADVISORIES["accepted"]))
    assert problems == [f"brotli {version} has a known hole: {vulnerability}." for vulnerability in vulnerabilities]


def test_old_advisories_do_not_decide_alone() -> None:
    written = date(2026, 1, 1)
    rules = {"date": written, "max_age_days": 30}
    assert list(AUDIT["check_age"](rules, written + timedelta(days=30))) == []
    (problem,) = AUDIT["check_age"](rules, written + timedelta(days=31))
    assert "31 days old" in problem
    (problem,) = AUDIT["check_age"](rules, written - timedelta(days=1))
    assert "one of both is wrong" in problem


def fake_pip_audit(folder: Path, dependencies: list[dict[str, Any]]) -> None:
    """Write a stand-in for pip-audit. Like pip-audit, it exits with 0 even if the service does not respond."""
    output = json.dumps({"dependencies": dependencies, "fixes": []})
    (folder / "pip_audit.py").write_text(f"print({output!r})")


def test_the_service_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    skipped = {"name": "click", "skip_reason": "Dependency not found on PyPI and could not be audited: click (8.4.0)"}
    fake_pip_audit(tmp_path, [skipped])
    assert AUDIT["ask_service"](tmp_path) is None
    vulnerability = {"id": "PYSEC-1", "fix_versions": [], "aliases": ["CVE-1"], "description": ""}
    vulnerable = [{"name": name, "version": "1.0", "vulns": [vulnerability]} for name in ("brotli", "pip")]
    fake_pip_audit(tmp_path, [skipped, *vulnerable])
    audited, findings = AUDIT["ask_service"](tmp_path)
    assert (audited, findings) == (1, [("brotli 1.0", {"PYSEC-1", "CVE-1"})])


def test_a_service_that_knows_a_part_leaves_the_rest_to_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("starlette", "click"):
        info = tmp_path / f"{name}-99.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 99\nLicense: MIT\n")
    names = AUDIT["main"].__globals__
    monkeypatch.setitem(names, "ask_service", lambda site: AUDIT["ServiceResult"](1, []))
    monkeypatch.setitem(names, "check_age", lambda advisories, today: ["The advisories are too old."])
    assert AUDIT["main"](tmp_path) == 1
    assert "too old" in capsys.readouterr().out


def test_without_an_answer_the_file_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = tmp_path / "starlette-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: Starlette\nVersion: 1.0.0\nLicense: BSD License\n")
    monkeypatch.setitem(AUDIT["main"].__globals__, "ask_service", lambda site: None)
    assert AUDIT["main"](tmp_path) == 1
    output = capsys.readouterr().out
    assert "service does not answer" in output
    assert "starlette 1.0.0 has a known hole: CVE-2026-48710." in output
    assert "licence" in output
